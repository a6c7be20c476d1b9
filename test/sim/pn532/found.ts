// SPDX-License-Identifier: Apache-2.0

import { IPhone } from "../../../sim/nfc/cards.js";
import { Pn532World, type Pn532WorldOptions } from "../../drivers/pn532/world.js";

/** Apple's frame for an access pass, and what the kinds of wiring and polling are called in docs/pn532.md. */
const ECP = Uint8Array.of(0x6a, 0x02, 0xcb, 0x02, 0x06, 0x02, 0x11, 0x00);

export interface Wiring {
	readonly name: string;
	readonly options: Pn532WorldOptions;
	/** An iPhone that answers after the second of these frames. */
	readonly iphone?: boolean;
}

export const WIRINGS: readonly Wiring[] = [
	{ name: "HSU", options: { bus: "hsu" } },
	{ name: "SPI", options: { bus: "spi" } },
	{ name: "I2C", options: { bus: "i2c" } },
	{ name: "SPI, no interrupt line", options: { bus: "spi", interrupt: false } },
	{ name: "SPI, with `ecp`", options: { bus: "spi", driver: { ecp: ECP } } },
	{
		name: "SPI, with `ecp`: an iPhone that waits for it",
		options: { bus: "spi", driver: { ecp: ECP } },
		iphone: true,
	},
];

/** Moments of arrival; with the health checks between them they fall anywhere into a poll. */
const ARRIVALS = 120;
/** Before each the field is empty for this long and up to a quarter of a second more, ms. */
const EMPTY_MS = 300;

/** From the phone in the field to its offer, anticollision and ATS included, ms, the shortest first. */
export function foundAfter({ options, iphone }: Wiring): number[] {
	const world = new Pn532World(options);
	const process = () => ({ response: Uint8Array.of(0x90, 0x00), micros: 1000 });
	const times: number[] = [];
	for (let i = 0; i < ARRIVALS; i++) {
		world.time.run(EMPTY_MS + ((i * 211.37) % 250));
		const phone = iphone
			? new IPhone({ process, deselected: () => undefined }, world.random, world.time)
			: world.makePhone();
		const before = world.targets.length;
		const from = world.time.micros;
		world.field.present(phone);
		if (!world.time.runUntil(() => world.targets.length > before, 5000)) throw new Error("never found");
		times.push((world.time.micros - from) / 1000);
		world.time.run(100);
		world.field.remove(phone);
	}
	return times.sort((a, b) => a - b);
}

export const mean = (times: readonly number[]): number =>
	times.reduce((sum, each) => sum + each, 0) / times.length;

/** The time within which this part of the phones is found, of sorted times. */
export const within = (times: readonly number[], part: number): number =>
	times[Math.ceil(part * times.length) - 1]!;
