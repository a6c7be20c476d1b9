// SPDX-License-Identifier: Apache-2.0

/** Memory of the firmware on the emulated microcontroller, in a machine of the device's size. */

import { Installer } from "../sim/provisioning/installer.js";
import type { Radio } from "../sim/scenario.js";
import { afterMessage3, tap, wholeTap } from "./counted-tap.js";
import { ALONE, crypto, type McuWorld, mcuWorld } from "./mcu-world.js";

/** In use at a point, and the most at once since the point before, garbage included; bytes. */
export interface Point {
	readonly after: string;
	readonly slots: number;
	readonly chunks: number;
	readonly peak: { readonly slots: number; readonly chunks: number; readonly stack: number };
}

export interface Memory {
	/** What the device gives slots and chunks, bytes: it has held all that is measured here, collections included. */
	readonly peakBytes: number;
	readonly reserved: { readonly slots: number; readonly chunks: number; readonly stack: number };
	/** Most in use at any crossing of a bus, after a collection there: in the first two taps, two more and the plan's sync. */
	readonly mostBytes: number;
	readonly live: readonly Point[];
	/** From tap 10 to tap 100; of each, the most of the taps just before. */
	readonly growthBytes: number;
	/** Most of the stack that was ever used, bytes. */
	readonly stackBytes: number;
	/** The costliest of the taps, by link: a collection falls into some of them. Instructions. */
	readonly worst: Readonly<Record<Radio, { readonly tap: number; readonly afterMessage3: number }>>;
}

const TAPS = 100;

export function measureMemory(): Memory {
	const device = mcuWorld();
	const { engine, world } = device;
	try {
		const live: Point[] = [];
		const worst = { nfc: { tap: 0, afterMessage3: 0 }, ble: { tap: 0, afterMessage3: 0 } };
		const taps = (from: number, to: number): void => {
			for (let i = from; i <= to; i++) {
				const link = linkOf(i);
				const marks = tap(device, link);
				worst[link] = {
					tap: Math.max(worst[link].tap, wholeTap(marks)),
					afterMessage3: Math.max(worst[link].afterMessage3, afterMessage3(marks)),
				};
			}
		};
		const inUse = (): number => {
			const { slots, chunks } = engine.figures();
			return slots + chunks;
		};
		const note = (after: string): number => {
			const { slots, chunks, peakSlots, peakChunks, stack } = engine.figures();
			live.push({ after, slots, chunks, peak: { slots: peakSlots, chunks: peakChunks, stack } });
			engine.resetPeaks();
			return slots + chunks;
		};
		note("boot");
		taps(1, 1);
		note("1 tap");
		taps(2, 4);
		// What is prepared for the next phone is there or not: the most of a few taps.
		let ten = 0;
		for (let i = 5; i <= 10; i++) {
			taps(i, i);
			ten = Math.max(ten, inUse());
		}
		note("10 taps");
		let hundred = 0;
		for (let i = 11; i <= TAPS; i++) {
			taps(i, i);
			if (i > TAPS - 6) hundred = Math.max(hundred, inUse());
		}
		hundred = Math.max(hundred, note(`${TAPS} taps`));
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.installPlan(100);
		note("a plan installed");
		sampled(device, TAPS + 1);
		sampled(device, TAPS + 2);
		engine.sample(true);
		installer.installPlan(101);
		engine.sample(false);
		const { slotsReserved, chunksReserved, stackReserved, mostBoth } = engine.figures();
		return {
			peakBytes: ALONE.chunk + 16 * ALONE.heap,
			reserved: { slots: slotsReserved, chunks: chunksReserved, stack: stackReserved },
			mostBytes: Math.max(mostBoth, mostAtFirst()),
			live,
			growthBytes: Math.max(0, hundred - ten),
			stackBytes: Math.max(...live.map(({ peak }) => peak.stack)),
			worst,
		};
	} finally {
		engine.close();
	}
}

/** Most in use in the first taps after start. */
function mostAtFirst(): number {
	const device = mcuWorld();
	try {
		sampled(device, 1);
		sampled(device, 2);
		return device.engine.figures().mostBoth;
	} finally {
		device.engine.close();
	}
}

export function linkOf(number: number): Radio {
	return number % 2 ? "nfc" : "ble";
}

function sampled(device: McuWorld, number: number): void {
	tap(device, linkOf(number), { onCame: () => device.engine.sample(true) });
	device.engine.sample(false);
}
