// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../bytes.js";
import type { Crypto } from "../crypto.js";

/**
 * Writes deterministic CBOR (RFC 8949 4.2.1) into one buffer that is used again: `reset`, write, `view`. The caller
 * writes the pairs of a map in order of their encoded keys. The buffer doubles when it is full.
 *
 * Helpers are TypeScript's `private`: XS puts `#private` methods on each instance, 1,000 instructions each.
 */
export class CborWriter {
	private buffer: Uint8Array<ArrayBuffer>;
	private capacity: number;
	private at = 0;

	/** `capacity`: bytes to begin with. */
	constructor(capacity = 128) {
		this.buffer = new Uint8Array(capacity);
		this.capacity = capacity;
	}

	/** Starts again; `at` leaves that many bytes at the beginning untouched. */
	reset(at = 0): this {
		this.at = 0;
		if (at > this.capacity) this.grow(at);
		this.at = at;
		return this;
	}

	/** A view of what was written from `from` on, valid until the next write or reset. */
	view(from = 0): Uint8Array {
		return this.buffer.subarray(from, this.at);
	}

	/** A copy of what was written from `from` on. Not by the typed array's `slice`, which copies byte by byte on some engines. */
	take(from = 0): Uint8Array {
		return new Uint8Array(this.buffer.buffer.slice(from, this.at));
	}

	/** Number of bytes written so far. */
	get length(): number {
		return this.at;
	}

	/** Makes what was written from `from` on, shorter than 64 KB, a byte string: its head goes in front of it, within the buffer. */
	wrapFrom(from: number): this {
		const length = this.at - from;
		const head = length < 24 ? 1 : length < 0x100 ? 2 : 3;
		const end = this.at + head;
		if (end > this.capacity) this.grow(end);
		this.buffer.copyWithin(from + head, from, this.at);
		this.at = from;
		this.head(0x40, length);
		this.at = end;
		return this;
	}

	/** Overwrites the whole buffer with zeros. */
	wipe(crypto: Crypto): void {
		crypto.wipe(this.buffer);
		this.at = 0;
	}

	/** A safe integer, else RangeError. */
	int(value: number): this {
		if (value < 24 && value >= 0 && value === (value | 0)) {
			const at = this.at;
			if (at === this.capacity) this.grow(at + 1);
			this.buffer[at] = value;
			this.at = at + 1;
			return this;
		}
		if (!Number.isSafeInteger(value)) throw new RangeError("not a safe integer");
		return value < 0 ? this.head(0x20, -1 - value) : this.head(0, value);
	}

	bytes(bytes: Uint8Array): this {
		const length = bytes.length;
		if (length > 255) return this.head(0x40, length).raw(bytes);
		// In one go: most of what is written are byte strings of 24 bytes and more.
		let at = this.at;
		const end = at + length + (length < 24 ? 1 : 2);
		if (end > this.capacity) this.grow(end);
		const buffer = this.buffer;
		if (length < 24) buffer[at++] = 0x40 | length;
		else {
			buffer[at++] = 0x58;
			buffer[at++] = length;
		}
		buffer.set(bytes, at);
		this.at = end;
		return this;
	}

	/** The head of a byte string whose `length` bytes are written next. */
	bytesHead(length: number): this {
		return this.head(0x40, length);
	}

	text(text: string): this {
		const bytes = utf8Encode(text);
		return this.head(0x60, bytes.length).raw(bytes);
	}

	/** The head of an array of `count` items. */
	array(count: number): this {
		return this.head(0x80, count);
	}

	/** The head of a map of `count` pairs. */
	map(count: number): this {
		return this.head(0xa0, count);
	}

	tag(tag: number): this {
		return this.head(0xc0, tag);
	}

	boolean(value: boolean): this {
		return this.byte(value ? 0xf5 : 0xf4);
	}

	null(): this {
		return this.byte(0xf6);
	}

	/** Bytes as they are: an item already encoded, or a part of a byte string. */
	raw(bytes: Uint8Array): this {
		const at = this.at;
		const end = at + bytes.length;
		if (end > this.capacity) this.grow(end);
		this.buffer.set(bytes, at);
		this.at = end;
		return this;
	}

	byte(value: number): this {
		const at = this.at;
		if (at === this.capacity) this.grow(at + 1);
		this.buffer[at] = value;
		this.at = at + 1;
		return this;
	}

	private head(major: number, argument: number): this {
		let at = this.at;
		if (at + 9 > this.capacity) this.grow(at + 9);
		const buffer = this.buffer;
		if (argument < 24) buffer[at++] = major | argument;
		else if (argument < 0x100) {
			buffer[at++] = major | 24;
			buffer[at++] = argument;
		} else {
			const size = argument < 0x10000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
			buffer[at] = major | (size === 2 ? 25 : size === 4 ? 26 : 27);
			let rest = argument;
			for (let i = at + size; i > at; i--) {
				buffer[i] = rest % 256;
				rest = Math.floor(rest / 256);
			}
			at += size + 1;
		}
		this.at = at;
		return this;
	}

	private grow(needed: number): void {
		let capacity = Math.max(64, this.capacity);
		while (capacity < needed) capacity *= 2;
		const larger = new Uint8Array(capacity);
		larger.set(this.buffer.subarray(0, this.at));
		this.buffer.fill(0);
		this.buffer = larger;
		this.capacity = capacity;
	}
}
