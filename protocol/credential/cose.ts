// SPDX-License-Identifier: Apache-2.0

import { CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import type { Crypto } from "../crypto.js";

/** COSE_Sign1 (RFC 9052 4.2) with the two algorithms that phones and sites have, and keys for them. */

/** EdDSA with Ed25519 (RFC 9053 2.2). */
export const EDDSA = -8;
/** ECDSA with P-256 and SHA-256 (RFC 9053 2.1). */
export const ES256 = -7;
export type SignatureAlgorithm = typeof EDDSA | typeof ES256;

/** Both algorithms sign in 64 bytes. */
export const SIGNATURE_LENGTH = 64;

/** A public key and the one algorithm it is for. Ed25519: 32 bytes; P-256: 33 or 65 (SEC 1 2.3.3). */
export interface PublicKey {
	readonly algorithm: SignatureAlgorithm;
	readonly publicKey: Uint8Array;
}

/** The holder of a private key: a secure element, or `signer` below. */
export interface Signer {
	readonly algorithm: SignatureAlgorithm;
	/** The signature, 64 bytes. `message` is valid only during the call. */
	sign(message: Uint8Array): Uint8Array;
}

export type CoseReason =
	/** A CBOR tag other than COSE_Sign1's (18): another kind of message. */
	| "wrong-tag"
	/** `alg` is missing, unprotected, unknown, or not the key's. */
	| "wrong-algorithm"
	/** `crit` names a header that is not understood, or is itself malformed (RFC 9052 3.1). */
	| "critical-header"
	/** The same label in the protected and the unprotected bucket. */
	| "duplicate-header"
	/** The payload is nil. */
	| "detached-payload"
	| "bad-signature";

export class CoseError extends Error {
	override readonly name = "CoseError";
	readonly reason: CoseReason;

	constructor(reason: CoseReason) {
		super(`COSE: ${reason}`);
		this.reason = reason;
	}
}

/** Header labels, RFC 9052 3.1 and RFC 9528 (kcwt, kccs), RFC 9360 (x5chain, x5t). */
export const HEADER = Object.freeze({
	alg: 1,
	crit: 2,
	contentType: 3,
	kid: 4,
	kcwt: 13,
	kccs: 14,
	x5chain: 33,
	x5t: 34,
} as const);

export const TAG_SIGN1 = 18;

/** A decoded COSE_Sign1; the byte fields are views. */
export interface Sign1 {
	/** The protected bucket as it is signed: empty when it holds nothing (RFC 9052 4.4). */
	readonly protectedHeader: Uint8Array;
	/** `undefined` when the protected bucket has none that is an integer: unprotected it is authentic to no one (RFC 9052 3.1). */
	readonly algorithm: number | undefined;
	readonly kid: Uint8Array | undefined;
	readonly payload: Uint8Array;
	readonly signature: Uint8Array;
}

interface Headers {
	alg?: number | undefined;
	kid?: Uint8Array;
	crit?: (number | string)[];
	readonly labels: (number | string)[];
}

/** Decodes COSE_Sign1, tagged (18) or not. Throws `CborError` or `CoseError`. */
export function decodeSign1(bytes: Uint8Array): Sign1 {
	const reader = new CborReader(bytes, { anyKeyOrder: true });
	const sign1 = readSign1(reader);
	reader.end();
	return sign1;
}

function readSign1(reader: CborReader): Sign1 {
	if (reader.peek() === MAJOR.tag && reader.tag() !== TAG_SIGN1) throw new CoseError("wrong-tag");
	reader.arrayOf(4);
	const { protectedHeader, algorithm, kid } = readBuckets(reader);
	if (reader.null()) throw new CoseError("detached-payload");
	const payload = reader.bytes();
	const signature = reader.bytes();
	return { protectedHeader, algorithm, kid, payload, signature };
}

/** The two buckets of headers with which every COSE message and each signature of COSE_Sign begin. */
export function readBuckets(reader: CborReader): Pick<Sign1, "protectedHeader" | "algorithm" | "kid"> {
	let protectedHeader = reader.bytes();
	const isProtected: Headers = { labels: [] };
	if (protectedHeader.length > 0) {
		const inner = new CborReader(protectedHeader, { anyKeyOrder: true });
		inner.labels(readHeader, isProtected);
		inner.end();
		if (isProtected.labels.length === 0) protectedHeader = protectedHeader.subarray(0, 0);
	}
	const unprotected: Headers = { labels: [] };
	reader.labels(readHeader, unprotected);
	const { labels } = unprotected;
	for (let i = 0; i < labels.length; i++)
		if (isProtected.labels.includes(labels[i]!)) throw new CoseError("duplicate-header");
	checkCritical(isProtected, unprotected);
	return { protectedHeader, algorithm: isProtected.alg, kid: isProtected.kid ?? unprotected.kid };
}

function readHeader(label: number | string, headers: Headers, reader: CborReader): void {
	headers.labels.push(label);
	if (label === HEADER.alg && reader.peek() !== MAJOR.text) headers.alg = reader.int();
	else if (label === HEADER.kid) headers.kid = reader.bytes();
	else if (label === HEADER.crit) headers.crit = readCritical(reader);
	else reader.skip();
}

function readCritical(reader: CborReader): (number | string)[] {
	const labels: (number | string)[] = [];
	for (let left = reader.array(); left > 0; left--)
		labels.push(reader.peek() === MAJOR.text ? reader.text() : reader.int());
	return labels;
}

/** RFC 9052 3.1: `crit` is protected, not empty, and names protected headers, each of which must be understood. */
function checkCritical(isProtected: Headers, unprotected: Headers): void {
	if (unprotected.crit !== undefined) throw new CoseError("critical-header");
	if (isProtected.crit === undefined) return;
	if (isProtected.crit.length === 0) throw new CoseError("critical-header");
	for (const label of isProtected.crit) {
		const understood = label === HEADER.alg || label === HEADER.kid || label === HEADER.crit;
		if (!understood || !isProtected.labels.includes(label)) throw new CoseError("critical-header");
	}
}

/** Sig_structure (RFC 9052 4.4): `["Signature1", protected, external_aad, payload]`. */
export function sigStructure(
	protectedHeader: Uint8Array,
	externalAad: Uint8Array | undefined,
	payload: Uint8Array,
): Uint8Array {
	const writer = new CborWriter(64 + protectedHeader.length + payload.length + (externalAad?.length ?? 0));
	writer.raw(SIGNATURE1_HEAD).bytes(protectedHeader);
	if (externalAad === undefined) writer.bytesHead(0);
	else writer.bytes(externalAad);
	return writer.bytes(payload).view();
}

/** The first 12 bytes of every Sig_structure: an array of 4 and "Signature1". */
export const SIGNATURE1_HEAD: Uint8Array = /* @__PURE__ */ Uint8Array.of(
	...[0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31],
);

/** Throws `CoseError`: "wrong-algorithm" when the message is not for this key's algorithm, "bad-signature". */
export function verifySign1(sign1: Sign1, key: PublicKey, crypto: Crypto, externalAad?: Uint8Array): void {
	if (sign1.algorithm !== key.algorithm) throw new CoseError("wrong-algorithm");
	if (!isSignedBy(sign1, key, crypto, externalAad)) throw new CoseError("bad-signature");
}

/** Whether `key` signed it, whatever algorithm its headers name. */
export function isSignedBy(sign1: Sign1, key: PublicKey, crypto: Crypto, externalAad?: Uint8Array): boolean {
	const message = sigStructure(sign1.protectedHeader, externalAad, sign1.payload);
	return verify(sign1.signature, message, key, crypto);
}

/** One signature over `message` itself, by the key's own algorithm. */
export function verify(signature: Uint8Array, message: Uint8Array, key: PublicKey, crypto: Crypto): boolean {
	if (signature.length !== SIGNATURE_LENGTH) return false;
	return key.algorithm === EDDSA
		? crypto.ed25519Verify(signature, message, key.publicKey)
		: crypto.p256Verify(signature, message, key.publicKey);
}

/** A signer over a secret key in memory (`KeyPair.secretKey` of its algorithm). */
export function signer(crypto: Crypto, algorithm: SignatureAlgorithm, secretKey: Uint8Array): Signer {
	return {
		algorithm,
		sign: (message) =>
			algorithm === EDDSA ? crypto.ed25519Sign(message, secretKey) : crypto.p256Sign(message, secretKey),
	};
}
