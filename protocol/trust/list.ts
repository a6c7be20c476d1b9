// SPDX-License-Identifier: Apache-2.0

import { equal, readUint16, readUint32 } from "../bytes.js";
import { EDDSA, type PublicKey } from "../credential/cose.js";
import { isDoorId, isName, readName } from "../credential/names.js";
import type { Crypto } from "../crypto.js";

/**
 * The trust list of a site: its roots, and its keys with what each may do. All numbers are big-endian, and the layout is fixed, so
 * that a reader finds a key without decoding the list. `docs/formats/trust.md` shows it with vectors.
 *
 * magic (4), version (4), epoch (4), issued (4), site (8, padded with NUL), threshold (1), counts of roots, keys, revoked (1 each); roots (32 each);
 * keys: public key (32), roles (1), state (1), days (2), until (4), number of doors (1), doors (8 each); ids of revoked readers (8 each).
 */
export const MAGIC_LIST = 0x4c544c31;
/** Bytes of a list at most. What a chip without PSRAM has room for beside a plan that comes with it as one change (measured on rv32). */
export const MAX_LIST = 912;
export const LIST_FIXED = 28;
export const ROOT = 32;
/** Bytes of a key before its doors. */
export const KEY_FIXED = 41;
export const DOOR = 8;
export const READER_ID = 8;
export const MAX_ROOTS = 4;
export const MAX_KEYS = 20;
export const MAX_DOORS = 16;
export const MAX_REVOKED = 64;
/** Bytes by which a key is named: the first of its public key, unique in a list. */
export const KID = 4;
/** Bytes by which a list is told from another: the first of the SHA-256 of its payload. That of version 1 is a site's anchor. */
export const LIST_HASH = 8;
/** Highest epoch, so that a plan's `orderOf` is below 2^53 and exact. */
export const MAX_EPOCH = 0x1f_ffff;
/** Longest life of a key that speaks for a server, s. */
export const MAX_SYNC_LIFE = 90 * 86_400;

/** Bits of a key's roles. The first four sign; the others prove themselves. */
export const ROLES = Object.freeze({
	/** Credentials of phones. */
	issue: 1,
	/** Plans and deltas. */
	plan: 2,
	/** Credentials of readers. */
	commission: 4,
	/** Firmware. */
	release: 8,
	/** Speaks for the site in a session. */
	sync: 16,
	/** An installer's, by cable. */
	install: 32,
} as const);
export type Role = keyof typeof ROLES;
const ALL_ROLES = 63;

/** `ended` leaves in force what the key has signed; `stolen` voids it. */
export const KEY_STATES = Object.freeze(["good", "ended", "stolen"] as const);
export type KeyState = (typeof KEY_STATES)[number];

/** Why a key that is in the list may not do what it did. */
export type KeyRefusal =
	/** It does not have the role. */
	| "wrong-role"
	/** A newer list says that it was stolen. */
	| "key-stolen"
	/** Not for this door, or for longer than it may. */
	| "beyond-limits"
	/** It has ended, by the list or by its date. */
	| "key-ended";

/** A key of a list: views of its bytes. */
export class TrustKey implements PublicKey {
	private readonly bytes: Uint8Array;
	private readonly at: number;

	constructor(bytes: Uint8Array, at: number) {
		this.bytes = bytes;
		this.at = at;
	}

	get algorithm(): typeof EDDSA {
		return EDDSA;
	}

	/** 32 bytes. */
	get publicKey(): Uint8Array {
		return this.bytes.subarray(this.at, this.at + 32);
	}

	/** Bits of `ROLES`. */
	get roles(): number {
		return this.bytes[this.at + 32]!;
	}

	has(role: Role): boolean {
		return (this.roles & ROLES[role]) !== 0;
	}

	get state(): KeyState {
		return KEY_STATES[this.bytes[this.at + 33]!]!;
	}

	/** Longest life of a credential that it signs, days; 0: any. */
	get days(): number {
		return readUint16(this.bytes, this.at + 34);
	}

	/** Its end, seconds since 1970; 0: none. */
	get until(): number {
		return readUint32(this.bytes, this.at + 36);
	}

	/** The doors that it is for; empty: all. */
	get doors(): string[] {
		const doors: string[] = [];
		for (let i = 0; i < this.bytes[this.at + 40]!; i++)
			doors.push(readName(this.bytes, this.at + KEY_FIXED + i * DOOR)!);
		return doors;
	}

	/** Whether it is for `door`: nothing is made, since each tap asks. */
	private isFor(door: string): boolean {
		const count = this.bytes[this.at + 40]!;
		for (let i = 0; i < count; i++) if (isName(this.bytes, this.at + KEY_FIXED + i * DOOR, door)) return true;
		return count === 0;
	}

	/**
	 * Why the list does not let it act in `role` at `door`; the end is looked at last, since what an ended key signed stays in force.
	 */
	refusal(role: Role, door: string): KeyRefusal | undefined {
		if (!this.has(role)) return "wrong-role";
		const { state } = this;
		if (state === "stolen") return "key-stolen";
		if (!this.isFor(door)) return "beyond-limits";
		return state === "ended" ? "key-ended" : undefined;
	}

	/** The same of an act at `now`, seconds since 1970: its date may have ended it. */
	refusalAt(role: Role, door: string, now: number): KeyRefusal | undefined {
		return this.refusal(role, door) ?? (this.until !== 0 && now >= this.until ? "key-ended" : undefined);
	}
}

/** A list whose form was checked. Whether to believe it, `openList` knows. */
export class TrustList {
	/** What its roots sign. */
	readonly payload: Uint8Array;
	/** Up to 8 ASCII characters; empty in `NO_TRUST`. */
	readonly site: string;

	constructor(payload: Uint8Array) {
		this.payload = payload;
		this.site = readName(payload, 16) ?? "";
	}

	/** Rises by one with each list, 1 to 2^32-1; 0: none. */
	get version(): number {
		return readUint32(this.payload, 4);
	}

	/** Plans of this epoch alone are taken. Rises when a key was stolen. */
	get epoch(): number {
		return readUint32(this.payload, 8);
	}

	/** Seconds since 1970. */
	get issued(): number {
		return readUint32(this.payload, 12);
	}

	/** Roots that have to sign. */
	get threshold(): number {
		return this.payload[24]!;
	}

	get roots(): Uint8Array[] {
		const roots: Uint8Array[] = [];
		for (let i = 0; i < this.payload[25]!; i++)
			roots.push(this.payload.subarray(LIST_FIXED + i * ROOT, LIST_FIXED + (i + 1) * ROOT));
		return roots;
	}

	get keys(): TrustKey[] {
		const keys: TrustKey[] = [];
		let at = this.keysAt;
		for (let i = 0; i < this.payload[26]!; i++) {
			keys.push(new TrustKey(this.payload, at));
			at = this.after(at);
		}
		return keys;
	}

	/** The ids of readers' credentials that are revoked. */
	get revoked(): Uint8Array[] {
		const revoked: Uint8Array[] = [];
		const { length } = this.payload;
		for (let at = length - this.payload[27]! * READER_ID; at < length; at += READER_ID)
			revoked.push(this.payload.subarray(at, at + READER_ID));
		return revoked;
	}

	/** The key with this `kid`, in place: nothing is made for the others. */
	find(kid: Uint8Array | undefined): TrustKey | undefined {
		if (kid === undefined || kid.length !== KID) return undefined;
		const wanted = readUint32(kid, 0);
		let at = this.keysAt;
		for (let left = this.payload[26]!; left > 0; left--) {
			if (readUint32(this.payload, at) === wanted) return new TrustKey(this.payload, at);
			at = this.after(at);
		}
		return undefined;
	}

	/** The key with this public key. */
	findKey(publicKey: Uint8Array): TrustKey | undefined {
		const key = this.find(publicKey.subarray(0, KID));
		return key !== undefined && equal(key.publicKey, publicKey) ? key : undefined;
	}

	isRoot(publicKey: Uint8Array): boolean {
		return this.roots.some((root) => equal(root, publicKey));
	}

	isRevoked(readerId: Uint8Array): boolean {
		return this.revoked.some((id) => equal(id, readerId));
	}

	private get keysAt(): number {
		return LIST_FIXED + this.payload[25]! * ROOT;
	}

	private after(key: number): number {
		return key + KEY_FIXED + this.payload[key + 40]! * DOOR;
	}
}

export function listHash({ payload }: TrustList, crypto: Crypto): Uint8Array {
	return crypto.sha256(payload).slice(0, LIST_HASH);
}

/** Where the list in force is read at each use: a newer one may come at any time. */
export interface TrustSource {
	readonly trust: TrustList;
}

/** Believes nothing: what a reader without a site has. */
export const NO_TRUST: TrustList = /* @__PURE__ */ new TrustList(/* @__PURE__ */ new Uint8Array(LIST_FIXED));

/** The list in a payload; `undefined` where it is none. `payload` is kept. */
export function decodeList(payload: Uint8Array): TrustList | undefined {
	if (payload.length < LIST_FIXED || payload.length > MAX_LIST) return undefined;
	if (readUint32(payload, 0) !== MAGIC_LIST || readName(payload, 16) === undefined) return undefined;
	const list = new TrustList(payload);
	const { version, epoch, threshold } = list;
	const roots = payload[25]!;
	const revoked = payload[27]!;
	if (version === 0 || epoch === 0 || epoch > MAX_EPOCH || threshold === 0 || threshold > 2) return undefined;
	if (roots < threshold || roots > MAX_ROOTS || payload[26]! > MAX_KEYS || revoked > MAX_REVOKED)
		return undefined;
	const end = payload.length - revoked * READER_ID;
	let at = LIST_FIXED + roots * ROOT;
	for (let left = payload[26]!; left > 0; left--) {
		if (at + KEY_FIXED > end || !isKey(list, at, end)) return undefined;
		at += KEY_FIXED + payload[at + 40]! * DOOR;
	}
	return at === end && areUnique(list) ? list : undefined;
}

function isKey({ payload, issued }: TrustList, at: number, end: number): boolean {
	const roles = payload[at + 32]!;
	const until = readUint32(payload, at + 36);
	const doors = payload[at + 40]!;
	if (roles === 0 || roles > ALL_ROLES || payload[at + 33]! >= KEY_STATES.length || doors > MAX_DOORS)
		return false;
	if ((roles & (ROLES.install | ROLES.sync)) !== 0 && until === 0) return false;
	if ((roles & ROLES.sync) !== 0 && until > issued + MAX_SYNC_LIFE) return false;
	for (let i = 0, door = at + KEY_FIXED; i < doors; i++, door += DOOR)
		if (door + DOOR > end || !isDoorId(readName(payload, door))) return false;
	return true;
}

/** No two roots or keys have one `kid`: a signature names one of them. */
function areUnique(list: TrustList): boolean {
	const kids: number[] = [];
	for (const root of list.roots) kids.push(readUint32(root, 0));
	for (const key of list.keys) kids.push(readUint32(key.publicKey, 0));
	return kids.every((kid, i) => kids.indexOf(kid) === i);
}
