// SPDX-License-Identifier: Apache-2.0

import type { StateCell } from "../../hal/contracts/flash.js";
import { equal, readUint16, readUint32, writeUint16, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { orderOf, VERSIONS } from "../../protocol/plan/format.js";

/** "LST4" */
export const MAGIC = 0x4c535434;
/** "LST3", in which no lockdown is lifted. */
const MAGIC_WITHOUT_LIFTED = 0x4c535433;
/** "LST2", which knew no notices. */
const MAGIC_WITHOUT_NOTICES = 0x4c535432;
/** "LST1", which had no anchor: what it counted is not comparable. */
const MAGIC_WITHOUT_ANCHOR = 0x4c535431;
const HEADER = 68;
const HEADER_WITHOUT_NOTICES = 28;
const HEADER_WITHOUT_ANCHOR = 16;
/** Bytes by which a site is known whose plans are counted. */
export const ANCHOR = 8;
const PLAN_NUMBER = 8;
/** Bytes of a seal: HMAC-SHA-256, cut as RFC 2104 5 allows. */
export const SEAL = 16;
/** Revocations in force ahead of their base at most, so that the cell has at most 216 bytes. */
export const MAX_AHEAD = 16;

/** Bytes of the hash of the notices' area. */
export const AREA_HASH = 16;

/** How the area of notices has to be. */
export interface SealedNotices {
	/** Which of its two banks counts, 0 or 1. */
	readonly bank: number;
	/** Records in it. */
	readonly count: number;
	/** The newest notice that came, as `orderOf` with its sequence. */
	readonly newest: number;
	/** The first bytes of the SHA-256 of these records. */
	readonly hash: Uint8Array;
}

/** The lockdown that the site's notices say. */
export interface SealedLockdown {
	/** The newest of them that counted here, as `orderOf` with its sequence. */
	readonly newest: number;
	/** Seconds since 1970; up to a day: its length, where the time was not known; 0: none stands. */
	readonly end: number;
	/** The site's session said that the newest is over. That word may be of before the notice: a session, and nothing else, brings it back. */
	readonly lifted: boolean;
}

/** In place of the end, of one that is `lifted`. */
const LIFTED = 0xffffffff;

const NONE: readonly number[] = Object.freeze([]);
/** What the site has ordered from afar. */
interface Orders {
	readonly notices: SealedNotices;
	readonly lockdown: SealedLockdown;
	readonly setBack: number;
}

const NO_ORDERS: Orders = /* @__PURE__ */ Object.freeze({
	notices: /* @__PURE__ */ Object.freeze({
		...{ bank: 0, count: 0, newest: 0 },
		hash: /* @__PURE__ */ new Uint8Array(AREA_HASH),
	}),
	lockdown: /* @__PURE__ */ Object.freeze({ newest: 0, end: 0, lifted: false }),
	setBack: 0,
});

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
 * magic (4), door (2), number of revocations ahead (2), anchor (8), revision (4), plan: epoch and version (4 each), notices: bank in the
 * highest bit of the count (2), epoch and sequence of the newest (4 each), hash (16); lockdown: epoch and sequence (4 each), end (4);
 * set back (2), those revocations' epochs and versions (4 each), seal.
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
	private orders: Orders = NO_ORDERS;
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
		this.orders = NO_ORDERS;
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

	get notices(): SealedNotices {
		return this.orders.notices;
	}

	/** As the cell takes nothing it throws, and what is sealed is as before; so do the two below. */
	set notices(notices: SealedNotices) {
		this.putOrders({ ...this.orders, notices });
	}

	get lockdown(): SealedLockdown {
		return this.orders.lockdown;
	}

	set lockdown(lockdown: SealedLockdown) {
		this.putOrders({ ...this.orders, lockdown });
	}

	/** Seconds by which the clock was set back since an installer's last visit, up to 65,535. */
	get setBack(): number {
		return this.orders.setBack;
	}

	set setBack(setBack: number) {
		if (setBack !== this.setBack) this.putOrders({ ...this.orders, setBack });
	}

	private putOrders(next: Orders): void {
		if (this.#damaged) return;
		const before = this.orders;
		this.orders = next;
		try {
			this.write();
		} catch (error) {
			this.orders = before;
			throw error;
		}
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
		const { lockdown, notices, setBack } = this.orders;
		writeUint16(bytes, 28, notices.bank * 0x8000 + notices.count);
		writePlan(bytes, 30, notices.newest);
		bytes.set(notices.hash, 38);
		writePlan(bytes, 54, lockdown.newest);
		writeUint32(bytes, 62, lockdown.lifted ? LIFTED : lockdown.end);
		writeUint16(bytes, 66, setBack);
		for (let i = 0; i < ahead.length; i++) writePlan(bytes, HEADER + PLAN_NUMBER * i, ahead[i]!);
		this.cell.write(putSeal(this.crypto, this.deviceKey, bytes));
		this.#damaged = false;
	}

	private parse(bytes: Uint8Array): boolean {
		const length = bytes.length - SEAL;
		const header = headerOf(readUint32(bytes, 0));
		if (header === 0 || length < header || length > header + PLAN_NUMBER * MAX_AHEAD) return false;
		if (!isSealed(this.crypto, this.deviceKey, bytes)) return false;
		this.#door = readUint16(bytes, 4);
		this.#revision = readUint32(bytes, header === HEADER_WITHOUT_ANCHOR ? 12 : 16);
		// The plans that it counted are of a format that is refused: none of them can come back.
		if (header === HEADER_WITHOUT_ANCHOR) return true;
		this.#anchor = bytes.slice(8, 8 + ANCHOR);
		this.#plan = readPlan(bytes, 20);
		const ahead: number[] = [];
		for (let at = header; at < length; at += PLAN_NUMBER) ahead.push(readPlan(bytes, at));
		if (ahead.length > 0) this.#ahead = ahead;
		if (header === HEADER) this.orders = readOrders(bytes);
		return true;
	}
}

/** Bytes before the revocations ahead, by the magic; 0: no format of this. */
function headerOf(magic: number): number {
	if (magic === MAGIC || magic === MAGIC_WITHOUT_LIFTED) return HEADER;
	if (magic === MAGIC_WITHOUT_NOTICES) return HEADER_WITHOUT_NOTICES;
	return magic === MAGIC_WITHOUT_ANCHOR ? HEADER_WITHOUT_ANCHOR : 0;
}

function readOrders(bytes: Uint8Array): Orders {
	const records = readUint16(bytes, 28);
	const end = readUint32(bytes, 62);
	const lifted = end === LIFTED;
	return {
		notices: {
			bank: records >> 15,
			count: records & 0x7fff,
			newest: readPlan(bytes, 30),
			hash: bytes.slice(38, 38 + AREA_HASH),
		},
		lockdown: { newest: readPlan(bytes, 54), end: lifted ? 0 : end, lifted },
		setBack: readUint16(bytes, 66),
	};
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
