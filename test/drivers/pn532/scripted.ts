// SPDX-License-Identifier: Apache-2.0

import type { Serial, SerialClass, SerialOptions } from "../../../hal/contracts/io.js";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import type { VirtualTime } from "../../../sim/time.js";

export const ACK = "0000ff00ff00";
export const NACK = "0000ffff0000";

/** A chip's frame around `body` (hex, from TFI on). */
export function reply(body: string): string {
	const bytes = fromHex(body);
	const sum = bytes.reduce((a, b) => a + b, 0);
	const [high, low] = [bytes.length >> 8, bytes.length & 255];
	const head =
		high > 0
			? Uint8Array.of(0, 0, 0xff, 0xff, 0xff, high, low, -high - low)
			: Uint8Array.of(0, 0, 0xff, low, -low);
	return toHex(concat(head, bytes, Uint8Array.of(-sum, 0)));
}

/** What the chip says to a command, hex, and after how many microseconds. */
export type Saying = readonly [micros: number, hex: string];

/**
 * Not a model of the chip: a serial line whose other end answers each frame by a function of its body (hex, from TFI on),
 * for exchanges that no chip would have. `undefined` means the ordinary answer.
 */
export class ScriptedChip {
	readonly heard: string[] = [];
	/** Rates at which the line was opened. */
	readonly bauds: number[] = [];
	/** What one write may hold; Infinity: everything. After a write `onWritable` tells of new room. */
	fifo = Number.POSITIVE_INFINITY;
	answer: (body: string) => readonly Saying[] | undefined = () => undefined;
	readonly io: SerialClass;

	#partial = "";
	#queued = 0;
	#pending: Uint8Array = new Uint8Array(0);
	#options: SerialOptions | undefined;

	constructor(time: VirtualTime) {
		const chip = this;
		this.io = class implements Serial {
			format = "buffer" as const;
			constructor(options: SerialOptions) {
				chip.#options = options;
				chip.bauds.push(options.baud);
			}
			read(into: Uint8Array): number | undefined {
				const count = Math.min(into.length, chip.#pending.length);
				into.set(chip.#pending.subarray(0, count));
				chip.#pending = chip.#pending.slice(count);
				return count || undefined;
			}
			write(data: Uint8Array): void {
				if (data.length > chip.fifo - chip.#queued) throw new Error("no room");
				if (chip.fifo < Number.POSITIVE_INFINITY) {
					chip.#queued += data.length;
					time.after(data.length * 87, () => {
						chip.#queued -= data.length;
						chip.#options?.onWritable?.(chip.fifo - chip.#queued);
					});
				}
				chip.#hear(time, toHex(data));
			}
			close(): void {
				chip.#options = undefined;
			}
		};
	}

	/** Puts together frames that come in several writes. */
	#hear(time: VirtualTime, hex: string): void {
		const frame = this.#partial + hex;
		this.#partial = "";
		if (frame.startsWith("5555")) return;
		const extended = frame.startsWith("0000ffffff");
		const special = frame === ACK || frame === NACK;
		const length = Number.parseInt(extended ? frame.slice(10, 14) : frame.slice(6, 8), 16);
		const whole = special || frame.length === 2 * (length + (extended ? 10 : 7));
		if (!whole) {
			this.#partial = frame;
			return;
		}
		this.heard.push(frame);
		const body = special ? frame : frame.slice(extended ? 16 : 10, -4);
		const sayings = this.answer(body) ?? (special ? [] : usual(body));
		for (const [micros, text] of sayings) this.#say(time, micros, text);
	}

	#say(time: VirtualTime, micros: number, hex: string): void {
		time.after(micros, () => {
			if (this.#options === undefined) return;
			this.#pending = concat(this.#pending, fromHex(hex));
			this.#options.onReadable?.(this.#pending.length);
		});
	}

	/** Bytes out of nowhere. */
	say(time: VirtualTime, hex: string): void {
		this.#say(time, 0, hex);
	}
}

/** The ordinary answers of a chip with an empty field. */
export function usual(body: string): readonly Saying[] {
	const code = Number.parseInt(body.slice(2, 4), 16);
	const parameters: Record<number, string> = { 2: "32010607", 74: "00", 82: "00", 66: "01" };
	const head = `d5${(code + 1).toString(16).padStart(2, "0")}`;
	return [
		[500, ACK],
		[2500, reply(head + (parameters[code] ?? ""))],
	];
}

/** A phone in the field, as InListPassiveTarget tells of it. */
export const PHONE = "d54b01010004200408a1b2c30578807002";
