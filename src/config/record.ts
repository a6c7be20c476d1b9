import type { Flash } from "../../hal/contracts.js";
import { crc32, readUint32, writeUint32 } from "../bytes.js";

/**
 * One record in flash that changes wholly or not at all, whenever the power goes: two copies, one a half of the
 * partition; a change is written to the older half and counts from the moment its last byte is there.
 *
 * A half: magic (4), sequence (4), length (4), CRC-32 of sequence, length and bytes (4), bytes; big-endian.
 */
const MAGIC = 0x4c434631;
const HEADER = 16;

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

	/** Changes so far. */
	get sequence(): number {
		return this.#sequence;
	}

	/** The newest whole copy; `undefined` where there is none. */
	load(): Uint8Array | undefined {
		const a = this.#read(0);
		const b = this.#read(1);
		const second = b !== undefined && (a === undefined || later(b.sequence, a.sequence));
		const newest = second ? b : a;
		this.#current = newest === undefined ? -1 : second ? 1 : 0;
		this.#sequence = newest?.sequence ?? 0;
		return newest?.bytes;
	}

	/** In flash on return, and read back. */
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
		this.#erase(target);
		this.#flash.write(target * this.#half, image);
		if (this.#read(target)?.sequence !== sequence) throw new RecordError("config-flash");
		this.#current = target;
		this.#sequence = sequence;
	}

	/** Erases the copy before: what was in it and is not in this one is gone for good. */
	forget(): void {
		if (this.#current < 0) return;
		const other = 1 - this.#current;
		if (!this.#blank(other)) this.#erase(other);
	}

	#erase(half: number): void {
		const { sectorSize } = this.#flash;
		const first = (half * this.#half) / sectorSize;
		for (let i = 0; i < this.#half / sectorSize; i++) this.#flash.erase(first + i);
	}

	#blank(half: number): boolean {
		const part = new Uint8Array(256);
		for (let at = 0; at < this.#half; at += part.length) {
			this.#flash.read(half * this.#half + at, part);
			if (!part.every((byte) => byte === 0xff)) return false;
		}
		return true;
	}

	#read(half: number): { sequence: number; bytes: Uint8Array } | undefined {
		const at = half * this.#half;
		const header = new Uint8Array(HEADER);
		this.#flash.read(at, header);
		const length = readUint32(header, 8);
		if (readUint32(header, 0) !== MAGIC || length > this.capacity) return undefined;
		const image = new Uint8Array(HEADER + length);
		this.#flash.read(at, image);
		if (readUint32(image, 12) !== check(image)) return undefined;
		return { sequence: readUint32(image, 4), bytes: image.subarray(HEADER) };
	}
}

function check(image: Uint8Array): number {
	return crc32(image, HEADER, image.length, crc32(image, 4, 12));
}

/** RFC 1982: sequence numbers that go round. */
function later(a: number, b: number): boolean {
	return ((a - b) | 0) > 0;
}
