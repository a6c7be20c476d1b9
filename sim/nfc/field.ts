// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../random.js";
import type { WorldTime } from "../time.js";

/** One frame of ISO/IEC 14443-2 type A without its parity bits. `bits` is the whole length: 7 for a short frame. */
export interface AirFrame {
	readonly bytes: Uint8Array;
	readonly bits: number;
}

/** What a card sends back, `micros` after the end of the reader's frame (its own thinking time). */
export interface CardAnswer extends AirFrame {
	readonly micros: number;
}

/** Anything that lives from a reader's field and answers it. */
export interface Card {
	/** In the field from now on, fresh. */
	energised(): void;
	/** Out of the field: whatever it did is over. */
	lost(): void;
	/** A whole frame of the reader; `undefined`: says nothing. */
	receive(frame: AirFrame): CardAnswer | undefined;
}

/** How the air answered the reader: a frame, a collision (`collision`: the first bit where cards differ), or nothing. */
export type AirResult =
	| { readonly kind: "frame"; readonly bytes: Uint8Array; readonly bits: number }
	| {
			readonly kind: "collision";
			readonly bytes: Uint8Array;
			readonly bits: number;
			readonly collision: number;
	  }
	| { readonly kind: "silence" };

/** One bit at 106 kbit/s: 128 periods of 13.56 MHz, in microseconds. */
export const BIT_MICROS = 128 / 13.56;
/** Frame delay time, card after reader (ISO/IEC 14443-3, 6.2.1.1): about 91 µs. */
const FDT_MICROS = 91;
const SILENCE: AirResult = Object.freeze({ kind: "silence" });

/** Time on the air: start and end of frame, 9 bits a byte with parity, no parity in a short frame. */
export function airMicros(bits: number): number {
	return (bits + (bits >> 3) + 2) * BIT_MICROS;
}

export function wholeBytes(bytes: Uint8Array): AirFrame {
	return { bytes, bits: bytes.length * 8 };
}

/**
 * The space in front of the antenna. Cards come and go at any microsecond, also in the middle of a byte: a card that
 * leaves while a frame is under way has not heard it, or is not heard.
 */
export class Field {
	/** Of 65536: how many frames, each way, get one bit wrong (a weak antenna, 3 cm away). */
	noise = 0;
	/** Everything on the air, as it starts. */
	onFrame: ((from: "reader" | "card", frame: AirFrame) => void) | undefined;

	readonly #time: WorldTime;
	readonly #random: SeededRandom;
	readonly #cards = new Set<Card>();
	#on = false;
	#cutAfter: number | undefined;

	constructor(time: WorldTime, random: SeededRandom) {
		this.#time = time;
		this.#random = random;
	}

	get on(): boolean {
		return this.#on;
	}

	/** The reader's field. */
	set on(on: boolean) {
		if (on === this.#on) return;
		this.#on = on;
		for (const card of [...this.#cards]) on ? card.energised() : card.lost();
	}

	get cards(): readonly Card[] {
		return [...this.#cards];
	}

	present(card: Card): void {
		if (this.#cards.has(card)) return;
		this.#cards.add(card);
		if (this.#on) card.energised();
	}

	remove(card?: Card): void {
		for (const each of card ? [card] : [...this.#cards]) {
			if (!this.#cards.delete(each)) continue;
			if (this.#on) each.lost();
		}
	}

	/** Every card leaves when `bytes` more bytes have been on the air, in whichever direction; `undefined`: stays. */
	cutAfter(bytes: number | undefined): void {
		this.#cutAfter = bytes;
	}

	/**
	 * The reader sends `frame` and listens for `timeout` µs from its end. `done` is called once, unless the function
	 * that is given back was called before: then there is no listener (the frame is out all the same).
	 */
	transceive(frame: AirFrame, timeout: number, done: (result: AirResult) => void): () => void {
		if (!this.#on) return this.#time.after(timeout, () => done(SILENCE));
		this.#spend(frame);
		this.onFrame?.("reader", frame);
		const listeners = [...this.#cards];
		let finished = false;
		const finish = (result: AirResult): void => {
			if (finished) return;
			finished = true;
			cancelTimeout();
			done(result);
		};
		const sent = airMicros(frame.bits);
		const cancelTimeout = this.#time.after(sent + timeout, () => finish(SILENCE));
		this.#time.after(sent, () => {
			const heard = this.#disturb(frame);
			const answers: { card: Card; answer: CardAnswer }[] = [];
			for (const card of listeners) {
				if (!this.#cards.has(card) || !this.#on) continue;
				const answer = card.receive(heard);
				if (answer) answers.push({ card, answer });
			}
			if (answers.length > 0) this.#answer(answers, timeout, finish);
		});
		return () => {
			finished = true;
			cancelTimeout();
		};
	}

	/** The first to speak is heard, with those that speak at the same time. */
	#answer(
		answers: { card: Card; answer: CardAnswer }[],
		timeout: number,
		finish: (result: AirResult) => void,
	): void {
		const first = Math.min(...answers.map(({ answer }) => answer.micros));
		const speaking = answers.filter(({ answer }) => answer.micros === first);
		const begin = Math.max(FDT_MICROS, first);
		if (begin > timeout) return;
		this.#time.after(begin, () => {
			const present = speaking.filter(({ card }) => this.#cards.has(card) && this.#on);
			if (present.length === 0) return;
			const bits = Math.max(...present.map(({ answer }) => answer.bits));
			const frame = present[0]!.answer;
			this.#spend(frame);
			this.onFrame?.("card", frame);
			this.#time.after(airMicros(bits), () => {
				const whole = present.filter(({ card }) => this.#cards.has(card) && this.#on);
				if (whole.length < present.length) return;
				const heard = this.#disturb(frame);
				const collision = firstDifference(whole.map(({ answer }) => answer));
				if (collision < 0) finish({ kind: "frame", bytes: heard.bytes.slice(), bits: heard.bits });
				else finish({ kind: "collision", bytes: heard.bytes.slice(), bits: heard.bits, collision });
			});
		});
	}

	#spend(frame: AirFrame): void {
		const bytes = Math.ceil(frame.bits / 8);
		if (this.#cutAfter === undefined) return;
		if (this.#cutAfter > bytes) {
			this.#cutAfter -= bytes;
			return;
		}
		const at = (this.#cutAfter * 9 + 1) * BIT_MICROS;
		this.#cutAfter = undefined;
		this.#time.after(Math.min(at, airMicros(frame.bits) - 1), () => this.remove());
	}

	#disturb(frame: AirFrame): AirFrame {
		if (this.noise === 0 || this.#random.below(65536) >= this.noise) return frame;
		const bytes = frame.bytes.slice();
		const bit = this.#random.below(frame.bits);
		bytes[bit >> 3]! ^= 1 << (bit & 7);
		return { bytes, bits: frame.bits };
	}
}

/** The first bit in which the answers differ (a shorter one ends there); -1 when they are the same. */
function firstDifference(answers: readonly AirFrame[]): number {
	const first = answers[0]!;
	let least = -1;
	for (const other of answers.slice(1)) {
		const shorter = Math.min(first.bits, other.bits);
		let at = 0;
		while (at < shorter && bit(first.bytes, at) === bit(other.bytes, at)) at++;
		if (at === shorter && first.bits === other.bits) continue;
		if (least < 0 || at < least) least = at;
	}
	return least;
}

/** Bit `at` of a frame: the low bit of a byte goes first. */
export function bit(bytes: Uint8Array, at: number): number {
	return (bytes[at >> 3]! >> (at & 7)) & 1;
}
