// SPDX-License-Identifier: Apache-2.0

import { utf8Encode, writeUint16, writeUint32 } from "../../../protocol/bytes.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { EDDSA, HEADER, type Signer, signer } from "../../../protocol/credential/cose.js";
import { isDoorId, isSiteId } from "../../../protocol/credential/names.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { listToBeSigned, TAG_SIGN } from "../../../protocol/trust/envelope.js";
import {
	DOOR,
	decodeList,
	KEY_FIXED,
	KEY_STATES,
	type KeyState,
	KID,
	LIST_FIXED,
	MAGIC_LIST,
	READER_ID,
	ROLES,
	ROOT,
	type Role,
	type TrustList,
} from "../../../protocol/trust/list.js";

const UINT32 = 0xffff_ffff;

/** The site's side of `protocol/trust`: what a list says, and its bytes. */
export interface TrustModel {
	readonly site: string;
	/** 1 to 2^32-1. */
	readonly version: number;
	readonly epoch: number;
	/** Seconds since 1970. */
	readonly issued: number;
	/** Roots that have to sign, 1 or 2. */
	readonly threshold: number;
	/** Ed25519, 32 bytes each. */
	readonly roots: readonly Uint8Array[];
	readonly keys: readonly KeyModel[];
	/** Ids of the credentials of revoked readers, 8 bytes each. */
	readonly revoked: readonly Uint8Array[];
}

export interface KeyModel {
	readonly publicKey: Uint8Array;
	readonly roles: readonly Role[];
	readonly state?: KeyState;
	/** Longest life of what `issue` signs; absent: any. */
	readonly days?: number;
	/** Seconds since 1970; absent: no end. */
	readonly until?: number;
	/** Absent: all. */
	readonly doors?: readonly string[];
}

/** Bytes of its payload. */
export function sizeOf({ keys, revoked, roots }: TrustModel): number {
	const doors = keys.reduce((sum, key) => sum + (key.doors?.length ?? 0), 0);
	return (
		LIST_FIXED + roots.length * ROOT + keys.length * KEY_FIXED + doors * DOOR + revoked.length * READER_ID
	);
}

/** The payload that the roots sign. RangeError where no reader would take it. */
export function encodeList(model: TrustModel): Uint8Array {
	const { keys, revoked, roots } = model;
	if (!isSiteId(model.site)) throw new RangeError("a site is 1 to 8 ASCII characters without spaces");
	const bytes = new Uint8Array(sizeOf(model));
	writeUint32(bytes, 0, MAGIC_LIST);
	writeUint32(bytes, 4, upTo(UINT32, model.version));
	writeUint32(bytes, 8, upTo(UINT32, model.epoch));
	writeUint32(bytes, 12, upTo(UINT32, model.issued));
	bytes.set(utf8Encode(model.site), 16);
	bytes.set([model.threshold, roots.length, keys.length, revoked.length], 24);
	let at = LIST_FIXED;
	for (const root of roots) {
		bytes.set(ofLength(ROOT, root), at);
		at += ROOT;
	}
	for (const key of keys) at = writeKey(bytes, at, key);
	for (const id of revoked) {
		bytes.set(ofLength(READER_ID, id), at);
		at += READER_ID;
	}
	if (decodeList(bytes) === undefined) throw new RangeError("a list that no reader takes");
	return bytes;
}

function writeKey(bytes: Uint8Array, at: number, key: KeyModel): number {
	const { days = 0, doors = [], publicKey, roles, state = "good", until = 0 } = key;
	bytes.set(ofLength(32, publicKey), at);
	bytes[at + 32] = roles.reduce((bits, role) => bits | ROLES[role], 0);
	bytes[at + 33] = KEY_STATES.indexOf(state);
	writeUint16(bytes, at + 34, upTo(0xffff, days));
	writeUint32(bytes, at + 36, upTo(UINT32, until));
	bytes[at + 40] = doors.length;
	doors.forEach((door, i) => {
		if (!isDoorId(door)) throw new RangeError(`${door} is no door's identifier`);
		bytes.set(utf8Encode(door), at + KEY_FIXED + i * DOOR);
	});
	return at + KEY_FIXED + doors.length * DOOR;
}

function upTo(most: number, value: number): number {
	if (Number.isInteger(value) && value >= 0 && value <= most) return value;
	throw new RangeError(`${value} is not a whole number up to ${most}`);
}

function ofLength(length: number, bytes: Uint8Array): Uint8Array {
	if (bytes.length === length) return bytes;
	throw new RangeError(`${bytes.length} bytes, not ${length}`);
}

/** What a list says, to make the next of. */
export function modelOf(list: TrustList): TrustModel {
	const { epoch, issued, roots, site, threshold, version } = list;
	const keys = list.keys.map(
		(key): KeyModel => ({
			publicKey: key.publicKey.slice(),
			roles: (Object.keys(ROLES) as Role[]).filter((role) => key.has(role)),
			state: key.state,
			...(key.days > 0 && { days: key.days }),
			...(key.until > 0 && { until: key.until }),
			...(key.doors.length > 0 && { doors: key.doors }),
		}),
	);
	return { site, version, epoch, issued, threshold, roots, keys, revoked: list.revoked };
}

/** A root that signs. */
export interface RootSigner extends Signer {
	readonly publicKey: Uint8Array;
}

/** A root's key pair, to sign with. */
export function rootSigner({ publicKey, secretKey }: KeyPair, crypto: Crypto): RootSigner {
	return { publicKey, ...signer(crypto, EDDSA, secretKey) };
}

/** COSE_Sign (RFC 9052 4.1) of a payload by each of `roots`. */
export function signList(payload: Uint8Array, roots: readonly RootSigner[]): Uint8Array {
	const none = new Uint8Array(0);
	const writer = new CborWriter(payload.length + 16 + roots.length * 80);
	writer.tag(TAG_SIGN).array(4).bytes(none).map(0).bytes(payload).array(roots.length);
	for (const root of roots) {
		const isProtected = new CborWriter(8).map(1).int(HEADER.alg).int(root.algorithm).take();
		const kid = root.publicKey.subarray(0, KID);
		writer.array(3).bytes(isProtected).map(1).int(HEADER.kid).bytes(kid);
		writer.bytes(root.sign(listToBeSigned(none, isProtected, payload)));
	}
	return writer.take();
}
