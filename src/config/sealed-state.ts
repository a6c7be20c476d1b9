// SPDX-License-Identifier: Apache-2.0

import type { StateCell } from "../../hal/contracts/flash.js";
import { equal, readUint16, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { orderOf, VERSIONS } from "../../protocol/plan/format.js";

/** "LST2" */
export const MAGIC = 0x4c535432;
/** "LST1", which had no anchor: what it counted is not comparable. */
const FORMER_MAGIC = 0x4c535431;
const HEADER = 28;
const FORMER_HEADER = 16;
/** Bytes by which a site is known whose plans are counted. */
export const ANCHOR = 8;
const PLAN_NUMBER = 8;
/** Bytes of a seal: HMAC-SHA-256, cut as RFC 2104 5 allows. */
export const SEAL = 16;
/** Revocations in force ahead of their base at most, so that the cell has at most 172 bytes. */
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
 * magic (4), door (2), number of revocations ahead (2), anchor (8), revision (4), plan: epoch and version (4 each), those
 * revocations' epochs and versions (4 each), seal.
 *
 * What it counts of plans belongs to an anchor, so that no site leaves anything to the next one; a reset keeps it, so that the
 * same site's older plans stay refused.
 */
export class SealedState {
	private readonly cell: StateCell;
	private readonly crypto: Crypto;
	readonly deviceKey: Uint8Array;
	#door = 0;
	/** All zero: no site's. */
	#anchor: Uint8Array = new Uint8Array(ANCHOR);
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

	/** The site whose plans are counted. */
	get anchor(): Uint8Array {
		return this.#anchor;
	}

	/** Keeps the counters where they are of this site already; another one's begin at 0. */
	belongTo(anchor: Uint8Array): void {
		if (this.#damaged || equal(anchor, this.#anchor)) return;
		this.#anchor = anchor.slice();
		this.#plan = 0;
		this.#ahead = NONE;
		this.write();
	}

	/** The lowest plan that the reader takes, as `orderOf`. */
	get plan(): number {
		return this.#plan;
	}

	/** Revocations that are in force though deltas before them are missing, as `orderOf`. */
	get ahead(): readonly number[] {
		return this.#ahead;
	}

	/** This plan is in force, and these revocations ahead of it. */
	raisePlan(plan: number, ahead: readonly number[]): void {
		if (this.#damaged || plan < this.#plan || (plan === this.#plan && sameNumbers(ahead, this.#ahead)))
			return;
		this.#plan = plan;
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
		const ahead = this.#ahead;
		const bytes = new Uint8Array(HEADER + PLAN_NUMBER * ahead.length + SEAL);
		writeUint32(bytes, 0, MAGIC);
		writeUint32(bytes, 4, door * 0x10000 + ahead.length);
		bytes.set(this.#anchor, 8);
		writeUint32(bytes, 16, revision);
		writePlan(bytes, 20, this.#plan);
		for (let i = 0; i < ahead.length; i++) writePlan(bytes, HEADER + PLAN_NUMBER * i, ahead[i]!);
		this.cell.write(putSeal(this.crypto, this.deviceKey, bytes));
		this.#damaged = false;
	}

	private parse(bytes: Uint8Array): boolean {
		const length = bytes.length - SEAL;
		const magic = readUint32(bytes, 0);
		const former = magic === FORMER_MAGIC;
		if (!former && magic !== MAGIC) return false;
		if (length < (former ? FORMER_HEADER : HEADER) || length > HEADER + PLAN_NUMBER * MAX_AHEAD) return false;
		if (!isSealed(this.crypto, this.deviceKey, bytes)) return false;
		this.#door = readUint16(bytes, 4);
		this.#revision = readUint32(bytes, former ? 12 : 16);
		// The plans that it counted are of a format that is refused: none of them can come back.
		if (former) return true;
		this.#anchor = bytes.slice(8, 8 + ANCHOR);
		this.#plan = readPlan(bytes, 20);
		const ahead: number[] = [];
		for (let at = HEADER; at < length; at += PLAN_NUMBER) ahead.push(readPlan(bytes, at));
		if (ahead.length > 0) this.#ahead = ahead;
		return true;
	}
}

function readPlan(bytes: Uint8Array, at: number): number {
	return orderOf({ epoch: readUint32(bytes, at), version: readUint32(bytes, at + 4) });
}

function writePlan(bytes: Uint8Array, at: number, order: number): void {
	writeUint32(bytes, at, Math.floor(order / VERSIONS));
	writeUint32(bytes, at + 4, order % VERSIONS);
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}
