// SPDX-License-Identifier: Apache-2.0

import { PN532, type PN532Options } from "../../../drivers/pn532/pn532.js";
import type { PN532Error } from "../../../drivers/pn532/status.js";
import type { Pn532Target } from "../../../drivers/pn532/target.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { AndroidPhone } from "../../../sim/nfc/cards.js";
import type { Card } from "../../../sim/nfc/field.js";
import {
	type AnyPN532Board,
	type Bus,
	PN532SerialBoard,
	PN532SPIBoard,
	pn532Board,
} from "../../../sim/pn532/board.js";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";

export { BUSES } from "../../../sim/pn532/board.js";

const SELECT = fromHex("00a4040008f04c494e54454c0100");

export interface Pn532WorldOptions {
	bus?: Bus;
	/** With the interrupt line wired (default); SPI and I2C. */
	interrupt?: boolean;
	/** With the reset pin wired (default), and the supply switch (not by default). */
	reset?: boolean;
	power?: boolean;
	driver?: Partial<PN532Options> & { fastBaud?: number };
	/** Before the driver is made. */
	before?: (world: Pn532World) => void;
	/** What the phone answers to a command, hex; 9000 by default. */
	answer?: (command: string) => string;
	/** The phone's time for a command, µs. */
	micros?: number;
	/** Do not wait until the driver is ready. */
	cold?: boolean;
}

/**
 * A driver in front of the chip model, and a reader that says SELECT to each phone and lets it go. The model knows nothing
 * of the driver: it was written from the data sheet.
 */
export class Pn532World {
	readonly time = new VirtualTime();
	readonly random = new SeededRandom(11);
	readonly board: AnyPN532Board;
	readonly phone: AndroidPhone;
	driver: PN532;

	readonly targets: Pn532Target[] = [];
	readonly errors: PN532Error[] = [];
	readonly lost: PN532Error[] = [];
	/** Answers to SELECT, and when. */
	readonly answers: { at: number; response: string }[] = [];
	/** Commands that the phone saw. */
	readonly commands: string[] = [];
	readies = 0;
	/** Drivers started. */
	hosts = 0;
	/** What the reader says to a phone; one after the other, each when the one before was answered. */
	script: Uint8Array[] = [SELECT];
	/** From the last target's offer to the last answer, ms. */
	get spent(): number {
		return (this.answers.at(-1)!.at - this.#offered) / 1000;
	}

	#offered = 0;
	timeoutMs = 1500;

	readonly #options: Pn532WorldOptions;

	constructor(options: Pn532WorldOptions = {}) {
		this.#options = options;
		const { bus = "hsu" } = options;
		this.board = pn532Board(bus, this.time, this.random);
		this.phone = this.makePhone();
		options.before?.(this);
		this.driver = this.start();
		if (!options.cold) this.time.runUntil(() => this.driver.ready, 5000);
	}

	get faults() {
		return this.board.faults;
	}

	get field() {
		return this.board.field;
	}

	makePhone(): AndroidPhone {
		const { answer = () => "9000", micros = 12_000 } = this.#options;
		const process = (command: Uint8Array) => {
			const hex = toHex(command);
			this.commands.push(hex);
			return { response: fromHex(answer(hex)), micros };
		};
		return new AndroidPhone({ process, deselected: () => undefined }, this.random);
	}

	/** A driver from the start: what a restart of the host is to the chip. */
	start(): PN532 {
		this.hosts++;
		const { board } = this;
		const { reset = true, power = false, interrupt = true, driver = {} } = this.#options;
		const { fastBaud, ...rest } = driver;
		const bus =
			board instanceof PN532SerialBoard
				? { serial: { io: board.Serial, ...(fastBaud ? { fastBaud } : {}) } }
				: {
						...(board instanceof PN532SPIBoard ? { spi: { io: board.SPI } } : { i2c: { io: board.I2C } }),
						...(interrupt ? { interrupt: { io: board.Interrupt } } : {}),
					};
		this.driver = new PN532({
			clock: this.time,
			...bus,
			...(reset ? { reset: { io: board.Reset } } : {}),
			...(power ? { power: { io: board.Power } } : {}),
			onReady: () => this.readies++,
			onTarget: (target) => {
				this.targets.push(target);
				this.#offered = this.time.micros;
				if (target.kind === "iso-dep") this.#say(0);
			},
			onLost: (error) => this.lost.push(error),
			onError: (error) => this.errors.push(error),
			...rest,
		});
		return this.driver;
	}

	restartHost(): void {
		this.driver.close();
		this.start();
	}

	#say(step: number): void {
		const apdu = this.script[step];
		if (apdu === undefined) {
			this.driver.release();
			return;
		}
		this.driver.exchange(apdu, this.timeoutMs, (response) => {
			// After an error the driver has let the phone go and offers it anew.
			if (response === undefined) return;
			if (step === this.script.length - 1)
				this.answers.push({ at: this.time.micros, response: toHex(response) });
			this.#say(step + 1);
		});
	}

	/** Shows `card` (the phone) and waits for its answer: how long that took, ms; Infinity: it never came. */
	tap(card: Card = this.phone, limit = 10_000): number {
		const before = this.answers.length;
		const from = this.time.micros;
		this.field.present(card);
		if (!this.time.runUntil(() => this.answers.length > before, limit)) return Number.POSITIVE_INFINITY;
		return (this.answers.at(-1)!.at - from) / 1000;
	}

	/** The card leaves, for long enough to be missed. */
	leave(card: Card = this.phone): void {
		this.field.remove(card);
		this.time.run(600);
	}
}
