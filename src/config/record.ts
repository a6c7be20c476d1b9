// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { SEAL, seal } from "./sealed-state.js";

/**
 * One record in flash that a power cut leaves old or new, but whole. Each half of the partition has a copy; both are the
 * same once `save` has returned, so rot of one does not bring back an older record.
 *
 * A half: magic (4), seal (16), and what the device key seals: magic (4), sequence (4), length (4), bytes; big-endian. The first
 * magic is written last: a half that has it was whole once, so one that has it and fails its check has rotted, was being
 * erased, or is not this reader's.
 */
export const MAGIC = 0x4c434632;
/** Where what is sealed begins. */
const SEALED_AT = 4 + SEAL;
/** Bytes of a half before what it keeps. */
export const HEADER = SEALED_AT + 12;
/** Bytes that are read back at once. */
const PIECE = 512;
/** Words read at once where a half may be blank; sectors are a multiple of it. */
const BLANK_WORDS = 512;

export class RecordError extends Error {
	override readonly name = "RecordError";
	readonly reason: "config-too-large" | "config-flash" | "config-partition";

	constructor(reason: RecordError["reason"]) {
		super(reason);
		this.reason = reason;
	}
}

export class AtomicRecord {
	private readonly flash: Flash;
	private readonly crypto: Crypto;
	private readonly deviceKey: Uint8Array;
	/** Bytes of a half. */
	private readonly half: number;
	private current = -1;
	#sequence = 0;

	constructor(flash: Flash, crypto: Crypto, deviceKey: Uint8Array) {
		this.flash = flash;
		this.crypto = crypto;
		this.deviceKey = deviceKey;
		const sectors = Math.floor(flash.size / flash.sectorSize);
		if (sectors < 2) throw new RecordError("config-partition");
		this.half = Math.floor(sectors / 2) * flash.sectorSize;
	}

	get capacity(): number {
		return this.half - HEADER;
	}

	/** How often the record has changed. */
	get sequence(): number {
		return this.#sequence;
	}

	/**
	 * The newest copy; "blank" where none was ever finished, "damaged" where the newest cannot be read. Renews the other half
	 * where a power cut left it behind.
	 */
	load(): Uint8Array | "blank" | "damaged" {
		const a = this.read(0);
		const b = this.read(1);
		const second = isWhole(b) && (!isWhole(a) || later(b.sequence, a.sequence));
		const newest = second ? b : a;
		const other = second ? a : b;
		this.current = -1;
		if (!isWhole(newest)) {
			for (const half of [newest, other])
				if (half.kind === "rotten" && later(half.sequence, this.#sequence)) this.#sequence = half.sequence;
			// A first change that was cut short leaves one half as it came from the factory.
			const unfinished = newest.kind !== "rotten" && other.kind !== "rotten";
			return unfinished && (this.blank(0) || this.blank(1)) ? "blank" : "damaged";
		}
		this.#sequence = newest.sequence;
		// With the same seal it is the same copy, whose sequence has rotted.
		const newer = other.kind === "rotten" && !equal(other.seal, newest.image.subarray(4, SEALED_AT));
		if (newer && later(other.sequence, newest.sequence)) {
			this.#sequence = other.sequence;
			return "damaged";
		}
		this.current = second ? 1 : 0;
		if (!isWhole(other) || other.sequence !== newest.sequence) this.put(1 - this.current, newest.image);
		return newest.image.subarray(HEADER);
	}

	/**
	 * On return both halves hold `image`, whose first `HEADER` bytes are for this to fill in, and were read back. `last`: the sequence
	 * that this one follows, where it is known for certain.
	 */
	save(image: Uint8Array, last = this.#sequence): void {
		const length = image.length - HEADER;
		if (length > this.capacity) throw new RecordError("config-too-large");
		const target = this.current === 0 ? 1 : 0;
		const sequence = (last + 1) >>> 0;
		writeUint32(image, 0, MAGIC);
		writeUint32(image, SEALED_AT, MAGIC);
		writeUint32(image, SEALED_AT + 4, sequence);
		writeUint32(image, SEALED_AT + 8, length);
		image.set(this.seal(image), 4);
		if (!this.put(target, image)) throw new RecordError("config-flash");
		this.current = target;
		this.#sequence = sequence;
		if (!this.put(1 - target, image)) throw new RecordError("config-flash");
	}

	/** False where the flash does not hold it. */
	private put(half: number, image: Uint8Array): boolean {
		const at = half * this.half;
		this.erase(half);
		this.flash.write(at + 4, image.subarray(4));
		this.flash.write(at, image.subarray(0, 4));
		return this.holds(at, image);
	}

	/** Piece by piece: a second copy of all is more than the memory that a device has left. */
	private holds(at: number, image: Uint8Array): boolean {
		const piece = new Uint8Array(PIECE);
		for (let from = 0; from < image.length; from += PIECE) {
			const part = piece.subarray(0, Math.min(PIECE, image.length - from));
			this.flash.read(at + from, part);
			if (!equal(part, image.subarray(from, from + part.length))) return false;
		}
		return true;
	}

	private erase(half: number): void {
		const { sectorSize } = this.flash;
		const first = (half * this.half) / sectorSize;
		for (let i = 0; i < this.half / sectorSize; i++) this.flash.erase(first + i);
	}

	private blank(half: number): boolean {
		const words = new Int32Array(Math.min(BLANK_WORDS, this.flash.sectorSize / 4));
		const part = new Uint8Array(words.buffer);
		for (let at = 0; at < this.half; at += part.length) {
			this.flash.read(half * this.half + at, part);
			if (words.some(isWritten)) return false;
		}
		return true;
	}

	private read(half: number): Half {
		const at = half * this.half;
		const header = new Uint8Array(HEADER);
		this.flash.read(at, header);
		if (readUint32(header, 0) !== MAGIC) return UNFINISHED;
		const sequence = readUint32(header, SEALED_AT + 4);
		const length = readUint32(header, SEALED_AT + 8);
		const rotten: Half = { kind: "rotten", sequence, seal: header.subarray(4, SEALED_AT) };
		if (length > this.capacity) return rotten;
		const image = new Uint8Array(HEADER + length);
		this.flash.read(at, image);
		if (readUint32(image, SEALED_AT) !== MAGIC || !equal(rotten.seal, this.seal(image))) return rotten;
		return { kind: "whole", sequence, image };
	}

	private seal(image: Uint8Array): Uint8Array {
		return seal(this.crypto, this.deviceKey, image.subarray(SEALED_AT));
	}
}

interface Whole {
	readonly kind: "whole";
	readonly sequence: number;
	readonly image: Uint8Array;
}

/** A half as it was read. `rotten`: it was whole once. `unfinished`: erased, or a change that was cut short. */
type Half =
	| Whole
	| { readonly kind: "rotten"; readonly sequence: number; readonly seal: Uint8Array }
	| { readonly kind: "unfinished" };

const UNFINISHED: Half = Object.freeze({ kind: "unfinished" });

function isWritten(word: number): boolean {
	return word !== -1;
}

function isWhole(half: Half): half is Whole {
	return half.kind === "whole";
}

/** Whether sequence number `a` follows `b`; they wrap around (RFC 1982). */
function later(a: number, b: number): boolean {
	return ((a - b) | 0) > 0;
}
