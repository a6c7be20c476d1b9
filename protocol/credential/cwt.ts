// SPDX-License-Identifier: Apache-2.0

import { CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import type { PublicKey } from "./cose.js";
import { readCoseKey, writeCoseKey } from "./cose-key.js";
import { CwtError } from "./cwt-error.js";

export { CwtError, type CwtReason } from "./cwt-error.js";

/** The claims set of a CBOR Web Token (RFC 8392) with proof of possession (`cnf`, RFC 8747). */

/** RFC 8392 table 1, RFC 8747 7.1. */
const ISS = 1;
const SUB = 2;
const AUD = 3;
const EXP = 4;
const NBF = 5;
const IAT = 6;
const CTI = 7;
const CNF = 8;
/** How often it opens: a claim of Lintel's own, in the range for private use (RFC 8392 9.1). */
const COUNT = -65537;
/** RFC 8747 table 1: a COSE_Key as it is. */
const CNF_COSE_KEY = 1;

/** CWT CBOR tag, RFC 8392 6. */
export const TAG_CWT = 61;

/** Bytes of text or of an identifier that a claim may have. */
const MAX_CLAIM = 64;

export interface Claims {
	/** `iss` */
	readonly issuer?: string;
	/** `sub` */
	readonly subject?: string;
	/** `aud` */
	readonly audience?: string;
	/** `exp`, `nbf`, `iat`: seconds since 1970-01-01T00:00:00Z, whole and not negative. */
	readonly expires?: number;
	readonly notBefore?: number;
	readonly issuedAt?: number;
	/** `cti` */
	readonly id?: Uint8Array;
	/** `cnf`: the key that its holder proves to have. */
	readonly key?: PublicKey;
	/** How often it opens the door of `aud`. */
	readonly count?: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Decodes a claims set. Claims it does not know are checked and left out. Throws `CborError` or `CwtError`. */
export function decodeClaims(bytes: Uint8Array): Claims {
	const reader = new CborReader(bytes, { anyKeyOrder: true });
	const claims: Writable<Claims> = {};
	reader.labels(readClaim, claims);
	reader.end();
	return claims;
}

function readClaim(claim: number | string, claims: Writable<Claims>, reader: CborReader): void {
	if (claim === ISS) claims.issuer = readText(reader);
	else if (claim === SUB) claims.subject = readText(reader);
	else if (claim === AUD) claims.audience = readText(reader);
	else if (claim === EXP) claims.expires = readNumber(reader);
	else if (claim === NBF) claims.notBefore = readNumber(reader);
	else if (claim === IAT) claims.issuedAt = readNumber(reader);
	else if (claim === CTI) claims.id = readId(reader);
	else if (claim === CNF) claims.key = readConfirmation(reader);
	else if (claim === COUNT) claims.count = readNumber(reader);
	else reader.skip();
}

function readText(reader: CborReader): string {
	if (reader.peek() !== MAJOR.text) throw new CwtError("wrong-claim");
	const from = reader.position;
	const text = reader.text();
	if (reader.position - from > MAX_CLAIM + 2) throw new CwtError("wrong-claim");
	return text;
}

/** NumericDate without tag 1 (RFC 8392 2), or a count; fractions are not supported. */
function readNumber(reader: CborReader): number {
	if (reader.peek() !== MAJOR.uint) throw new CwtError("wrong-claim");
	return reader.uint();
}

function readId(reader: CborReader): Uint8Array {
	if (reader.peek() !== MAJOR.bytes) throw new CwtError("wrong-claim");
	const id = reader.bytes();
	if (id.length > MAX_CLAIM) throw new CwtError("wrong-claim");
	return id;
}

function readConfirmation(reader: CborReader): PublicKey {
	const confirmation: Confirmation = {};
	reader.labels(readMethod, confirmation);
	if (confirmation.key === undefined) throw new CwtError("wrong-key");
	return confirmation.key;
}

interface Confirmation {
	key?: PublicKey;
}

function readMethod(method: number | string, confirmation: Confirmation, reader: CborReader): void {
	if (method === CNF_COSE_KEY) confirmation.key = readCoseKey(reader);
	else reader.skip();
}

/** Encodes claims in the order of their encodings, deterministic and as short as they can be. */
export function encodeClaims(claims: Claims): Uint8Array {
	const { issuer, subject, audience, expires, notBefore, issuedAt, id, key, count } = claims;
	const all = [issuer, subject, audience, expires, notBefore, issuedAt, id, key, count];
	const writer = new CborWriter(96).map(all.filter((claim) => claim !== undefined).length);
	if (issuer !== undefined) writer.int(ISS).text(issuer);
	if (subject !== undefined) writer.int(SUB).text(subject);
	if (audience !== undefined) writer.int(AUD).text(audience);
	if (expires !== undefined) writer.int(EXP).int(expires);
	if (notBefore !== undefined) writer.int(NBF).int(notBefore);
	if (issuedAt !== undefined) writer.int(IAT).int(issuedAt);
	if (id !== undefined) writer.int(CTI).bytes(id);
	if (key !== undefined) writeCoseKey(writer.int(CNF).map(1).int(CNF_COSE_KEY), key);
	if (count !== undefined) writer.int(COUNT).int(count);
	return writer.take();
}

/**
 * The COSE message of a CWT without the tags it may come in (61 around 18, or 18; RFC 8392 6), as a view: the form in
 * which EDHOC authenticates it (RFC 9528 3.5.2). Throws `CborError`, or `CwtError` "wrong-tag".
 */
export function untagged(cwt: Uint8Array): Uint8Array {
	if (cwt.length > 0 && cwt[0]! >> 5 !== MAJOR.tag) return cwt;
	const reader = new CborReader(cwt);
	let tag = reader.tag();
	if (tag === TAG_CWT && reader.peek() === MAJOR.tag) tag = reader.tag();
	else if (tag === TAG_CWT) throw new CwtError("wrong-tag");
	if (tag !== 18 || reader.peek() === MAJOR.tag) throw new CwtError("wrong-tag");
	return cwt.subarray(reader.position);
}
