// SPDX-License-Identifier: Apache-2.0

import type { SumBytes } from "../../hal/contracts/io.js";

/**
 * The frames between host and PN532 (NXP UM0701-02, 6.2.1): one codec for HSU, SPI and I2C.
 *
 *     normal     00 | 00 FF | LEN | LCS | TFI PD0…PDn | DCS | 00         1 ≤ LEN ≤ 255, LEN + LCS ≡ 0 (mod 256)
 *     extended   00 | 00 FF | FF FF | LENM LENL LCS | TFI PD0…PDn | DCS | 00
 *     ACK        00 | 00 FF | 00 FF | 00
 *     NACK       00 | 00 FF | FF 00 | 00
 *     error      00 | 00 FF | 01 FF | 7F | 81 | 00
 *
 * TFI is D4 from the host and D5 from the chip; TFI, data and DCS sum to 0 (mod 256).
 */

export const HOST_TO_CHIP = 0xd4;
export const CHIP_TO_HOST = 0xd5;

/** Largest TFI + data of an extended frame: 262 bytes of data behind TFI, command code and one parameter (7.3.8). */
export const MAX_BODY = 265;

/** What `FrameReader.next` found. */
export const NONE = 0;
export const DATA = 1;
export const ACK = 2;
export const NACK = 3;
/** The chip refused the syntax of a command (7F). */
export const ERROR = 4;
/** A frame with a valid header and a wrong data checksum; its body is at `from` to `to`. */
export const SPOILED = 5;

export const ACK_FRAME_LENGTH = 6;

/** A fresh copy at each call, because a transport may keep what it is given. */
export const ackFrame = (): Uint8Array => Uint8Array.of(0x00, 0x00, 0xff, 0x00, 0xff, 0x00);
export const nackFrame = (): Uint8Array => Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00, 0x00);

/** The two halves of an ACK frame, three bytes each, as little-endian words have them. */
const ACK_FIRST = 0xff0000;
const ACK_LAST = 0x00ff00;

/** Every other byte of a word. */
const EVEN = 0x00ff00ff;
/** Bodies of at least this many bytes are summed by words. */
const LONG = 16;

/**
 * Sum of `bytes[from..to)`, low 8 bits. `words`: the same buffer from its beginning, as whole words. On XS reading an element
 * costs as much as all the arithmetic on it, so four bytes are read at once and summed in two lanes of 16 bits, which hold
 * the sum of 257 bytes: more than a frame has in one lane.
 */
export function checksum(bytes: Uint8Array, words: Int32Array, from: number, to: number): number {
	let sum = 0;
	let at = from;
	if (to - from >= LONG) {
		while ((at & 3) !== 0) sum += bytes[at++]!;
		const last = to >> 2;
		let even = 0;
		let odd = 0;
		let i = at >> 2;
		for (; i < last - 1; i += 2) {
			const a = words[i]!;
			const b = words[i + 1]!;
			even += (a & EVEN) + (b & EVEN);
			odd += ((a >> 8) & EVEN) + ((b >> 8) & EVEN);
		}
		if (i < last) {
			even += words[i]! & EVEN;
			odd += (words[i]! >> 8) & EVEN;
		}
		at = last << 2;
		sum += even + (even >> 16) + odd + (odd >> 16);
	}
	while (at < to) sum += bytes[at++]!;
	return sum & 255;
}

/** Offset of the body in the writer's buffer: the longer header fits before it, and a byte more for a port. */
const BODY = 12;

/** Builds one frame after the other in one buffer. */
export class Pn532FrameWriter {
	/** A multiple of four bytes long, so that the checksum can read it by words. */
	private readonly buffer = new Uint8Array((BODY + MAX_BODY + 2 + 3) & ~3);
	private readonly words = new Int32Array(this.buffer.buffer);
	private readonly sum: SumBytes | undefined;
	private end = BODY;

	/** `sum`: the platform's own code, where it has some. */
	constructor(sum?: SumBytes) {
		this.sum = sum;
	}

	/** Starts a frame from the host to the chip. `code`: the command. */
	begin(code: number): this {
		this.buffer[BODY] = HOST_TO_CHIP;
		this.buffer[BODY + 1] = code;
		this.end = BODY + 2;
		return this;
	}

	/** Throws `RangeError` past `MAX_BODY`, as does `bytes`. */
	byte(value: number): this {
		if (this.end >= BODY + MAX_BODY) throw new RangeError("PN532 frame too long");
		this.buffer[this.end++] = value;
		return this;
	}

	bytes(data: Uint8Array): this {
		const end = this.end + data.length;
		if (end > BODY + MAX_BODY) throw new RangeError("PN532 frame too long");
		this.buffer.set(data, this.end);
		this.end = end;
		return this;
	}

	/** The whole frame, in the writer's buffer until the next `begin`; there is room in front of it. */
	finish(): Uint8Array {
		const buffer = this.buffer;
		const end = this.end;
		const length = end - BODY;
		const { sum } = this;
		buffer[end] = -(sum === undefined ? checksum(buffer, this.words, BODY, end) : sum(buffer, BODY, end));
		buffer[end + 1] = 0;
		let start: number;
		if (length <= 255) {
			start = BODY - 5;
			buffer[BODY - 2] = length;
			buffer[BODY - 1] = -length;
		} else {
			start = BODY - 8;
			buffer[BODY - 5] = 0xff;
			buffer[BODY - 4] = 0xff;
			buffer[BODY - 3] = length >> 8;
			buffer[BODY - 2] = length;
			buffer[BODY - 1] = -((length >> 8) + length);
		}
		buffer[start] = 0;
		buffer[start + 1] = 0;
		buffer[start + 2] = 0xff;
		return buffer.subarray(start, end + 2);
	}
}

/** Bytes that one `push` takes at most. */
export const PUSH_MAX = 128;

const CAPACITY = 512;

/**
 * Finds frames in a stream that comes in any pieces, with noise between them. After a start code that begins no frame the search
 * goes on at the next byte. A frame is delivered with its checksum, without waiting for the postamble. Allocates nothing after
 * construction.
 */
export class Pn532FrameReader {
	/** The bytes that `from` and `to` index, valid until the next `push` or `take`. */
	readonly buffer = new Uint8Array(CAPACITY + PUSH_MAX);
	/** The end of `buffer`, where a bus may put `PUSH_MAX` bytes for `take`: saves a buffer and a copy. */
	readonly landing = this.buffer.subarray(CAPACITY);
	private readonly words = new Int32Array(this.buffer.buffer);
	/** The body (TFI and data) of the frame that `next` found. */
	from = 0;
	to = 0;
	/**
	 * Bytes that the frame under way still needs at least; 0 when none has started. It can rise once the length of the
	 * frame is known.
	 */
	wanted = 0;
	/** Bytes that `take` has taken, modulo 2^32; a change shows that something came. */
	taken = 0;

	private at = 0;
	private end = 0;
	/** The value of `end` once the wanted bytes have come. */
	private due = 0;
	private readonly sum: SumBytes | undefined;

	/** `sum`: the platform's own code, where it has some. */
	constructor(sum?: SumBytes) {
		this.sum = sum;
	}

	/** Whether an ACK frame lies in `landing` behind one byte. Its bits are the same from either end. */
	get landedAck(): boolean {
		const { words } = this;
		return words[CAPACITY >> 2]! >>> 8 === ACK_FIRST && (words[(CAPACITY >> 2) + 1]! & 0xffffff) === ACK_LAST;
	}

	/** Takes `bytes[0..length)`, at most `PUSH_MAX`; call `next` until `NONE` before the next push. */
	push(bytes: Uint8Array, length: number): void {
		// All of `bytes`, since a view of the part would be an allocation; the rest is overwritten later.
		this.makeRoom(bytes.length);
		this.buffer.set(bytes, this.end);
		this.end += length;
	}

	/**
	 * As `push`, for the first `length` bytes of `landing`. False: the frame under way is incomplete, so `next` would find
	 * nothing.
	 */
	take(length: number): boolean {
		if (this.at === this.end || this.end + length > CAPACITY) this.makeRoom(length);
		const end = this.end;
		this.buffer.copyWithin(end, CAPACITY, CAPACITY + length);
		this.end = end + length;
		this.taken = (this.taken + length) | 0;
		if (this.wanted === 0) return true;
		this.wanted = this.due - end - length;
		return this.wanted <= 0;
	}

	private makeRoom(length: number): void {
		const at = this.at;
		if (at === this.end) this.end = 0;
		else if (this.end + length > CAPACITY) {
			this.buffer.copyWithin(0, at, this.end);
			this.end -= at;
			this.due -= at;
		} else return;
		this.at = 0;
	}

	/** Drops all bytes. */
	clear(): void {
		this.at = 0;
		this.end = 0;
		this.wanted = 0;
		this.due = 0;
	}

	/** Gives up the frame under way, which has stalled, and searches for another one behind its start code. */
	skip(): void {
		if (this.wanted > 0 && this.end - this.at >= 2) this.at += 2;
		this.wanted = 0;
		this.due = 0;
	}

	/** Byte `index` of the body under way (0: TFI, 1: the code), `undefined` when it has not come. */
	peek(index: number): number | undefined {
		const head = this.at;
		if (this.wanted === 0 || this.end - head < 4) return undefined;
		const extended = this.buffer[head + 2] === 0xff && this.buffer[head + 3] === 0xff;
		const at = head + (extended ? 7 : 4) + index;
		return at < this.end ? this.buffer[at] : undefined;
	}

	/** Consumes and classifies the next frame. */
	next(): number {
		this.wanted = 0;
		const at = this.at;
		const end = this.end;
		// No bytes, or the postamble of the previous frame.
		if (end - at < 2) return NONE;
		const buffer = this.buffer;
		if ((at & 3) === 0 && end - at > 5) {
			// The usual case by two words: a frame where it should begin, whose head is whole.
			const head = this.words[at >> 2]!;
			const length = head >>> 24;
			if ((head & 0xffffff) === ACK_FIRST && length > 0) {
				const check = buffer[at + 4]!;
				if (((length + check) & 255) === 0) {
					this.at = at + 1;
					return this.body(at + 5, at + 5 + length);
				}
			}
		}
		for (;;) {
			// The start code is 00 FF. Not by indexOf: it would search the whole buffer, 170,000 instructions on XS.
			let ff = this.at + 1;
			while (ff < end && buffer[ff] !== 0xff) ff++;
			if (ff >= end) {
				if (this.at < end) this.at = buffer[end - 1] === 0 ? end - 1 : end;
				return NONE;
			}
			if (buffer[ff - 1] !== 0) {
				this.at = ff;
				continue;
			}
			this.at = ff - 1;
			const have = end - ff - 1;
			if (have < 2) return this.wait(2 - have);
			const length = buffer[ff + 1]!;
			const check = buffer[ff + 2]!;
			if (length === 0 && check === 0xff) {
				this.at = ff + 3;
				return ACK;
			}
			if (length === 0xff && check === 0) {
				this.at = ff + 3;
				return NACK;
			}
			let from = ff + 3;
			let to = 0;
			if (length === 0xff && check === 0xff) {
				if (have < 5) return this.wait(5 - have);
				from = ff + 6;
				const high = buffer[ff + 3]!;
				const low = buffer[ff + 4]!;
				const size = (high << 8) | low;
				if (((high + low + buffer[ff + 5]!) & 255) === 0 && size > 0 && size <= MAX_BODY) to = from + size;
			} else if (((length + check) & 255) === 0 && length > 0) to = from + length;
			if (to === 0) {
				this.at = ff + 1;
				continue;
			}
			return this.body(from, to);
		}
	}

	/** The body is at `from` to `to`, and `at` at the start code. */
	private body(from: number, to: number): number {
		const { buffer, end, sum } = this;
		if (to >= end) return this.wait(to + 1 - end);
		this.from = from;
		this.to = to;
		const sums = sum === undefined ? checksum(buffer, this.words, from, to + 1) : sum(buffer, from, to + 1);
		if (sums !== 0) {
			this.at += 2;
			return SPOILED;
		}
		this.at = to + 1;
		return to - from === 1 && buffer[from] === 0x7f ? ERROR : DATA;
	}

	private wait(wanted: number): number {
		this.wanted = wanted;
		this.due = this.end + wanted;
		return NONE;
	}
}
