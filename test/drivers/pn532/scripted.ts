import type { Serial, SerialClass, SerialOptions } from "../../../hal/contracts.js";
import type { VirtualTime } from "../../../sim/time.js";
import { concat, fromHex, toHex } from "../../../src/bytes.js";

export const ACK = "0000ff00ff00";

/** A chip's frame around `body` (hex, from TFI on). */
export function reply(body: string): string {
	const bytes = fromHex(body);
	const sum = bytes.reduce((a, b) => a + b, 0);
	const head = Uint8Array.of(0, 0, 0xff, bytes.length, -bytes.length);
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
	opened = 0;
	answer: (body: string) => readonly Saying[] | undefined = () => undefined;
	readonly io: SerialClass;

	#pending: Uint8Array = new Uint8Array(0);
	#options: SerialOptions | undefined;

	constructor(time: VirtualTime) {
		const chip = this;
		this.io = class implements Serial {
			format = "buffer" as const;
			constructor(options: SerialOptions) {
				chip.#options = options;
				chip.opened++;
			}
			read(into: Uint8Array): number | undefined {
				const count = Math.min(into.length, chip.#pending.length);
				into.set(chip.#pending.subarray(0, count));
				chip.#pending = chip.#pending.slice(count);
				return count || undefined;
			}
			write(data: Uint8Array): void {
				const hex = toHex(data);
				if (hex.startsWith("5555")) return;
				chip.heard.push(hex);
				if (hex === ACK || hex === "0000ffff0000") {
					for (const [micros, text] of chip.answer(hex) ?? []) chip.#say(time, micros, text);
					return;
				}
				const extended = hex.startsWith("0000ffffff");
				const body = extended ? hex.slice(16, -4) : hex.slice(10, -4);
				for (const [micros, text] of chip.answer(body) ?? usual(body)) chip.#say(time, micros, text);
			}
			close(): void {
				chip.#options = undefined;
			}
		};
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
export const PHONE = "d54b01010004200408a1b2c3057880 7002".replace(" ", "");
