// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../../protocol/bytes.js";
import type { UART } from "../bus/serial.js";

/**
 * A scanner module of the GM65 and GM861 kind, after its maker's manuals (GM65-S V1.3, GM861 V1.1; "Serial port instruction", "List of zone
 * bit") and what others have found with it: its zones, what it keeps without power, and what a set-up code does to it. The texts of its
 * set-up codes are invented here; the maker's are pictures in the manual.
 */

/** From power to the first command that it hears, µs. */
const START_MICROS = 400_000;
/** Between two looks of its camera, µs, and how long it takes to read what it sees. */
const LOOK_MICROS = 100_000;
const READ_MICROS = 120_000;
/** A command that is not whole by then is forgotten, µs. */
const COMMAND_MICROS = 400_000;
/** Unit of zones 05 and 13, µs. */
const TENTH = 100_000;

/** Zones that are not 0 when it leaves the factory. 2A and 2B: 9,600 bits per second. */
const FACTORY: readonly (readonly [zone: number, value: number])[] = [
	[0x00, 0xd6],
	[0x03, 0x01],
	[0x05, 0x0a],
	[0x13, 0x05],
	[0x2a, 0x39],
	[0x2b, 0x01],
	[0xe2, 0x69],
];
/** Divisors of zones 2A and 2B. */
const RATES: Readonly<Record<number, number>> = {
	313: 9600,
	156: 19_200,
	78: 38_400,
	52: 57_600,
	26: 115_200,
};

/** What set-up codes do: a text, and the zones that it writes. */
export const SETUP_CODES: Readonly<Record<string, readonly (readonly [zone: number, value: number])[]>> = {
	/** Everything as from the factory. */
	S_CMD_0001: FACTORY,
	/** A keyboard on USB: nothing comes by the serial port any more. */
	S_CMD_0102: [[0x0d, 0x01]],
	/** Texts without a frame. */
	S_CMD_0203: [[0x60, 0x00]],
	/** Reads when its button is pressed, which it does not have. */
	S_CMD_0304: [[0x00, 0xd4]],
	/** 115,200 bits per second. */
	S_CMD_0405: [
		[0x2a, 0x1a],
		[0x2b, 0x00],
	],
};

export class SimGM861 {
	readonly zones = new Uint8Array(256);
	/** Times that its settings were kept: its memory wears. */
	saves = 0;
	/** Answers nothing, though it reads on. */
	silent = false;
	/** Zones that keep no write: a fault of some firmware. */
	readonly stuck = new Set<number>();
	readonly #line: UART;
	#kept: Uint8Array;
	#life = 0;
	#on = false;
	#command: number[] = [];
	#commandAt = 0;
	#seen: (() => string) | undefined;
	#last = "";
	#lastAt = Number.NEGATIVE_INFINITY;

	constructor(line: UART) {
		this.#line = line;
		this.#reset();
		this.#kept = this.zones.slice();
		line.onHost = (bytes, first, each) => this.#hear(bytes, first + each * bytes.length);
	}

	setPower(on: boolean): void {
		this.#on = on;
		const life = ++this.#life;
		this.#line.drop();
		if (!on) return;
		this.zones.set(this.#kept);
		this.#rate();
		this.#on = false;
		this.#line.time.after(START_MICROS, () => {
			if (life !== this.#life) return;
			this.#on = true;
			this.#look(life);
		});
	}

	/** Something is in front of its camera, as it is at each moment; `undefined`: nothing. */
	see(what: (() => string) | undefined): void {
		this.#seen = what;
	}

	#look(life: number): void {
		if (life !== this.#life) return;
		const text = this.#seen?.();
		const { time } = this.#line;
		// Modes 10 and 11 of zone 00 look by themselves.
		if (text !== undefined && this.zones[0]! & 2 && this.#isDue(text)) {
			this.#last = text;
			this.#lastAt = time.micros;
			time.after(READ_MICROS, () => life === this.#life && this.#read(text));
		}
		time.after(LOOK_MICROS, () => this.#look(life));
	}

	#isDue(text: string): boolean {
		const since = this.#line.time.micros - this.#lastAt;
		const same = this.zones[0x13]!;
		if (text === this.#last && same & 0x80) return since >= (same & 0x7f) * TENTH;
		return since >= this.zones[0x05]! * TENTH;
	}

	#read(text: string): void {
		const setup = SETUP_CODES[text];
		const isOff = (this.zones[0x03]! & 2) !== 0;
		if (setup !== undefined && !isOff) {
			// What a set-up code sets is kept.
			for (const [zone, value] of setup) this.#write(zone, value);
			this.#save();
		}
		if (setup === undefined || (this.zones[0x03]! & 1) !== 0) this.#tell(utf8Encode(text));
	}

	#tell(text: Uint8Array): void {
		if ((this.zones[0x0d]! & 3) !== 0) return;
		const framed = (this.zones[0x60]! & 0x80) !== 0;
		const head = framed ? [3, text.length >> 8, text.length & 255] : [];
		this.#line.send(Uint8Array.of(...head, ...text, ...(framed ? [] : [0x0d])));
	}

	#hear(bytes: Uint8Array, at: number): void {
		if (!this.#on) return;
		for (const byte of bytes) {
			if (this.#command.length === 0 || at - this.#commandAt > COMMAND_MICROS) {
				this.#command = byte === 0x7e ? [byte] : [];
				this.#commandAt = at;
				continue;
			}
			this.#command.push(byte);
			if (this.#command[1] !== 0) this.#command = [];
			const data = this.#command[2] === 8 ? this.#command[3]! || 256 : 1;
			if (this.#command.length === 8 + data) {
				const command = Uint8Array.from(this.#command);
				this.#command = [];
				this.#obey(command);
			}
		}
	}

	/** "If CRC wrong, no return data". */
	#obey(command: Uint8Array): void {
		const end = command.length - 2;
		const given = (command[end]! << 8) | command[end + 1]!;
		if (given !== 0xabcd && given !== crc(command.subarray(2, end))) return;
		const address = (command[4]! << 8) | command[5]!;
		const data = command.subarray(6, end);
		if (command[2] === 7) this.#answer(this.zones.slice(address, address + (data[0]! || 256)));
		else if (command[2] === 8) {
			// The answer goes at the rate of before.
			this.#answer(Uint8Array.of(0));
			for (const [i, value] of data.entries()) this.#write(address + i, value);
		} else if (command[2] === 9) {
			this.#save();
			this.#answer(Uint8Array.of(0));
		}
	}

	#write(zone: number, value: number): void {
		if (this.stuck.has(zone)) return;
		if (zone === 0xd9 && value === 0x55) this.#reset();
		else this.zones[zone] = value;
		if (zone === 0x2b || zone === 0xd9) this.#rate();
	}

	#reset(): void {
		this.zones.fill(0);
		for (const [zone, value] of FACTORY) this.zones[zone] = value;
		this.#rate();
	}

	#rate(): void {
		this.#line.baud = RATES[(this.zones[0x2b]! << 8) | this.zones[0x2a]!] ?? 9600;
	}

	#save(): void {
		this.#kept = this.zones.slice();
		this.saves++;
	}

	#answer(data: Uint8Array): void {
		if (this.silent) return;
		const body = Uint8Array.of(0, data.length, ...data);
		const check = crc(body);
		this.#line.send(Uint8Array.of(2, 0, ...body, check >> 8, check & 255));
	}
}

/** CRC of CCITT, from 0 and not reflected: the manual's algorithm, checked against its examples. */
export function crc(bytes: Uint8Array): number {
	let value = 0;
	for (const byte of bytes)
		for (let bit = 0x80; bit > 0; bit >>= 1) {
			const carry = (value & 0x8000) !== 0;
			value = (value << 1) & 0xffff;
			if (carry) value ^= 0x1021;
			if (byte & bit) value ^= 0x1021;
		}
	return value;
}
