// SPDX-License-Identifier: Apache-2.0

import type { StateCell } from "../../hal/contracts/flash.js";
import { equal, readUint16, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";

/** "LST1" */
export const MAGIC = 0x4c535431;
const HEADER = 16;
/** Bytes of a seal: HMAC-SHA-256, cut as RFC 2104 5 allows. */
export const SEAL = 16;
/** Revocations in force ahead of their base at most, so that the cell is bounded. */
export const MAX_AHEAD = 16;

const NONE: readonly number[] = Object.freeze([]);

/** The seal of `bytes` by the device key. What is sealed begins with a magic of its own, so that no two kinds are confused. */
export function seal(crypto: Crypto, deviceKey: Uint8Array, bytes: Uint8Array): Uint8Array {
	return crypto.hmacSha256(deviceKey, bytes).subarray(0, SEAL);
}

/** Seals `bytes` in place: their last `SEAL` are the seal of the others. */
export function putSeal(crypto: Crypto, deviceKey: Uint8Array, bytes: Uint8Array): Uint8Array {
	const length = bytes.length - SEAL;
	bytes.set(seal(crypto, deviceKey, bytes.subarray(0, length)), length);
	return bytes;
}

/** Whether this device has sealed `bytes` by `putSeal`. */
export function isSealed(crypto: Crypto, deviceKey: Uint8Array, bytes: Uint8Array): boolean {
	const length = bytes.length - SEAL;
	return equal(seal(crypto, deviceKey, bytes.subarray(0, length)), bytes.subarray(length));
}

/**
 * What a reader has to know for certain when it starts: the few numbers by which it tells that a data partition is older than
 * it may be, and what keeps the door locked or unlocked. One sealed record in a cell apart from those partitions.
 *
 * magic (4), door (2), number of revocations ahead (2), plan (4), revision (4), those revocations' versions (4 each), seal.
 */
export class SealedState {
	private readonly cell: StateCell;
	private readonly crypto: Crypto;
	readonly deviceKey: Uint8Array;
	#door = 0;
	#plan = 0;
	#ahead: readonly number[] = NONE;
	#revision = 0;
	#damaged = false;

	constructor(cell: StateCell, crypto: Crypto, deviceKey: Uint8Array) {
		this.cell = cell;
		this.crypto = crypto;
		this.deviceKey = deviceKey;
		const bytes = cell.read();
		if (bytes !== undefined) this.#damaged = !this.parse(bytes);
	}

	/** Whether the cell holds what this device has not sealed. Nothing is known then. */
	get damaged(): boolean {
		return this.#damaged;
	}

	/** What decides at the door after a restart, as bits of `REMEMBERED`. */
	get door(): number {
		return this.#door;
	}

	set door(bits: number) {
		if (bits === this.#door || this.#damaged) return;
		this.write(bits);
		this.#door = bits;
	}

	/** The lowest version of the plan that the reader takes. */
	get plan(): number {
		return this.#plan;
	}

	/** Versions of revocations that are in force though deltas before them are missing. */
	get ahead(): readonly number[] {
		return this.#ahead;
	}

	/** A plan of this version is in force, and these revocations ahead of it. */
	raisePlan(version: number, ahead: readonly number[]): void {
		if (this.#damaged || version < this.#plan || (version === this.#plan && sameNumbers(ahead, this.#ahead)))
			return;
		this.#plan = version;
		this.#ahead = ahead.length === 0 ? NONE : ahead.slice();
		this.write();
	}

	/** How often the configuration has changed. */
	get revision(): number {
		return this.#revision;
	}

	/** The configuration's record has this sequence number. The one change that a damaged state takes: it begins anew by it. */
	set revision(sequence: number) {
		if (sequence === this.#revision && !this.#damaged) return;
		this.write(this.#door, sequence);
		this.#revision = sequence;
	}

	/** Throws where the cell takes nothing; what is sealed is as before then. */
	private write(door = this.#door, revision = this.#revision): void {
		const bytes = new Uint8Array(HEADER + 4 * this.#ahead.length + SEAL);
		writeUint32(bytes, 0, MAGIC);
		writeUint32(bytes, 4, door * 0x10000 + this.#ahead.length);
		writeUint32(bytes, 8, this.#plan);
		writeUint32(bytes, 12, revision);
		for (let i = 0; i < this.#ahead.length; i++) writeUint32(bytes, HEADER + 4 * i, this.#ahead[i]!);
		this.cell.write(putSeal(this.crypto, this.deviceKey, bytes));
		this.#damaged = false;
	}

	private parse(bytes: Uint8Array): boolean {
		const length = bytes.length - SEAL;
		if (length < HEADER || length > HEADER + 4 * MAX_AHEAD || readUint32(bytes, 0) !== MAGIC) return false;
		if (!isSealed(this.crypto, this.deviceKey, bytes)) return false;
		this.#door = readUint16(bytes, 4);
		this.#plan = readUint32(bytes, 8);
		this.#revision = readUint32(bytes, 12);
		const ahead: number[] = [];
		for (let at = HEADER; at < length; at += 4) ahead.push(readUint32(bytes, at));
		if (ahead.length > 0) this.#ahead = ahead;
		return true;
	}
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
