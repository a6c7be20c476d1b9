// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { crc32, equal, readUint32, writeUint32 } from "../../protocol/bytes.js";

/**
 * One record in flash that a power cut leaves old or new, but whole. Each half of the partition has a copy; both are the
 * same once `save` has returned, so rot of one does not bring back an older record.
 *
 * A half: magic (4), sequence (4), length (4), CRC-32 of sequence, length and bytes (4), bytes; big-endian. The magic is
 * written last: a half that has it was whole once, so one that has it and fails its check has rotted or was being erased.
 */
export const MAGIC = 0x4c434631;
const HEADER = 16;
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
	readonly #flash: Flash;
	/** Bytes of a half. */
	readonly #half: number;
	#current = -1;
	#sequence = 0;

	constructor(flash: Flash) {
		this.#flash = flash;
		const sectors = Math.floor(flash.size / flash.sectorSize);
		if (sectors < 2) throw new RecordError("config-partition");
		this.#half = Math.floor(sectors / 2) * flash.sectorSize;
	}

	get capacity(): number {
		return this.#half - HEADER;
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
		const a = this.#read(0);
		const b = this.#read(1);
		const second = isWhole(b) && (!isWhole(a) || later(b.sequence, a.sequence));
		const newest = second ? b : a;
		const other = second ? a : b;
		this.#current = -1;
		if (!isWhole(newest)) {
			for (const half of [newest, other])
				if (half.kind === "rotten" && later(half.sequence, this.#sequence)) this.#sequence = half.sequence;
			// A first change that was cut short leaves one half as it came from the factory.
			const unfinished = newest.kind !== "rotten" && other.kind !== "rotten";
			return unfinished && (this.#blank(0) || this.#blank(1)) ? "blank" : "damaged";
		}
		this.#sequence = newest.sequence;
		// With the same CRC it is the same copy, whose sequence has rotted.
		const newer = other.kind === "rotten" && other.crc !== readUint32(newest.image, 12);
		if (newer && later(other.sequence, newest.sequence)) {
			this.#sequence = other.sequence;
			return "damaged";
		}
		this.#current = second ? 1 : 0;
		if (!isWhole(other) || other.sequence !== newest.sequence) this.#put(1 - this.#current, newest.image);
		return newest.image.subarray(HEADER);
	}

	/** On return both halves hold `bytes` and were read back. */
	save(bytes: Uint8Array): void {
		if (bytes.length > this.capacity) throw new RecordError("config-too-large");
		const target = this.#current === 0 ? 1 : 0;
		const sequence = (this.#sequence + 1) >>> 0;
		const image = new Uint8Array(HEADER + bytes.length);
		writeUint32(image, 0, MAGIC);
		writeUint32(image, 4, sequence);
		writeUint32(image, 8, bytes.length);
		image.set(bytes, HEADER);
		writeUint32(image, 12, check(image));
		if (!this.#put(target, image)) throw new RecordError("config-flash");
		this.#current = target;
		this.#sequence = sequence;
		if (!this.#put(1 - target, image)) throw new RecordError("config-flash");
	}

	/** False where the flash does not hold it. */
	#put(half: number, image: Uint8Array): boolean {
		const at = half * this.#half;
		this.#erase(half);
		this.#flash.write(at + 4, image.subarray(4));
		this.#flash.write(at, image.subarray(0, 4));
		const back = this.#read(half);
		return isWhole(back) && equal(back.image, image);
	}

	#erase(half: number): void {
		const { sectorSize } = this.#flash;
		const first = (half * this.#half) / sectorSize;
		for (let i = 0; i < this.#half / sectorSize; i++) this.#flash.erase(first + i);
	}

	#blank(half: number): boolean {
		const words = new Int32Array(Math.min(BLANK_WORDS, this.#flash.sectorSize / 4));
		const part = new Uint8Array(words.buffer);
		for (let at = 0; at < this.#half; at += part.length) {
			this.#flash.read(half * this.#half + at, part);
			if (words.some(isWritten)) return false;
		}
		return true;
	}

	#read(half: number): Half {
		const at = half * this.#half;
		const header = new Uint8Array(HEADER);
		this.#flash.read(at, header);
		if (readUint32(header, 0) !== MAGIC) return UNFINISHED;
		const sequence = readUint32(header, 4);
		const length = readUint32(header, 8);
		const crc = readUint32(header, 12);
		if (length > this.capacity) return { kind: "rotten", sequence, crc };
		const image = new Uint8Array(HEADER + length);
		this.#flash.read(at, image);
		if (crc !== check(image)) return { kind: "rotten", sequence, crc };
		return { kind: "whole", sequence, image };
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
	| { readonly kind: "rotten"; readonly sequence: number; readonly crc: number }
	| { readonly kind: "unfinished" };

const UNFINISHED: Half = Object.freeze({ kind: "unfinished" });

function isWritten(word: number): boolean {
	return word !== -1;
}

function isWhole(half: Half): half is Whole {
	return half.kind === "whole";
}

function check(image: Uint8Array): number {
	return crc32(image, HEADER, image.length, crc32(image, 4, 12));
}

/** Whether sequence number `a` follows `b`; they wrap around (RFC 1982). */
function later(a: number, b: number): boolean {
	return ((a - b) | 0) > 0;
}
