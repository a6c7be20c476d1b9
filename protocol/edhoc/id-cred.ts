// SPDX-License-Identifier: Apache-2.0

import { CborError, CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { HEADER, type PublicKey, type Signer } from "../credential/cose.js";
import { untagged } from "../credential/cwt.js";
import { readIdentifier, writeIdentifier } from "./identifier.js";

/** ID_CRED_x and CRED_x (RFC 9528 3.5): how a peer names, or sends, the credential that it authenticates with. */

/** A decoded ID_CRED_x. The byte fields are views. */
export type IdCred =
	/** A CWT by value, untagged. */
	| { readonly kind: "kcwt"; readonly cwt: Uint8Array }
	/** An unsigned CWT claims set by value. */
	| { readonly kind: "kccs"; readonly ccs: Uint8Array }
	/** X.509 certificates by value in DER, the end entity's first (RFC 9360). */
	| { readonly kind: "x5chain"; readonly certificates: readonly Uint8Array[] }
	/** The hash of an X.509 certificate; `algorithm` of the COSE registry, -15 SHA-256/64, -16 SHA-256. */
	| { readonly kind: "x5t"; readonly algorithm: number | string; readonly hash: Uint8Array }
	| { readonly kind: "kid"; readonly kid: Uint8Array };

/** ID_CRED_x and CRED_x, each one encoded CBOR item. */
export interface CredentialForm {
	readonly idCred: Uint8Array;
	readonly cred: Uint8Array;
}

/** What one authenticates with: a form of the credential, and the holder of its private key. */
export interface OwnCredential extends CredentialForm, Signer {}

/** What the application found for a peer's ID_CRED_x: CRED_x and the key to verify with. */
export interface PeerCredential extends PublicKey {
	/** CRED_x as one encoded CBOR item; `x509Cred` makes it of a certificate. */
	readonly cred: Uint8Array;
}

/** Certificates in one chain. */
const MAX_CHAIN = 4;

/** A CWT by value; `cwt` tagged or not. */
export function byKcwt(cwt: Uint8Array): CredentialForm {
	const cred = untagged(cwt);
	return { idCred: headerOf(HEADER.kcwt, cred), cred };
}

/** A key identifier; `cred` is the encoded credential that both sides hold. */
export function byKid(kid: Uint8Array, cred: Uint8Array): CredentialForm {
	return { idCred: headerOf(HEADER.kid, new CborWriter(16).bytes(kid).take()), cred };
}

export function headerOf(label: number, value: Uint8Array): Uint8Array {
	return new CborWriter(value.length + 4).map(1).int(label).raw(value).take();
}

export function readHeader(reader: CborReader): IdCred {
	const header: Header = { parameters: 0 };
	reader.labels(readParameter, header);
	if (header.found === undefined || header.parameters !== 1) throw new CborError("unsupported");
	return header.found;
}

interface Header {
	parameters: number;
	found?: IdCred;
}

function readParameter(label: number | string, header: Header, reader: CborReader): void {
	header.parameters++;
	if (label === HEADER.kcwt) header.found = { kind: "kcwt", cwt: untagged(reader.item()) };
	else if (label === HEADER.kccs) {
		if (reader.peek() !== MAJOR.map) throw new CborError("unexpected-type");
		header.found = { kind: "kccs", ccs: reader.item() };
	} else if (label === HEADER.x5chain) header.found = { kind: "x5chain", certificates: readChain(reader) };
	else if (label === HEADER.x5t) header.found = readHash(reader);
	else if (label === HEADER.kid) header.found = { kind: "kid", kid: reader.bytes() };
	else throw new CborError("unsupported");
}

function readChain(reader: CborReader): Uint8Array[] {
	if (reader.peek() === MAJOR.bytes) return [reader.bytes()];
	const count = reader.array();
	// RFC 9360 2: one certificate is never in an array.
	if (count < 2 || count > MAX_CHAIN) throw new CborError("out-of-range");
	const certificates: Uint8Array[] = [];
	for (let i = 0; i < count; i++) certificates.push(reader.bytes());
	return certificates;
}

function readHash(reader: CborReader): IdCred {
	reader.arrayOf(2);
	const algorithm = reader.peek() === MAJOR.text ? reader.text() : reader.int();
	return { kind: "x5t", algorithm, hash: reader.bytes() };
}

/** `a1 04`: a map with a `kid` alone. */
function isKidAlone(idCred: Uint8Array): boolean {
	return idCred[0] === 0xa1 && idCred[1] === HEADER.kid;
}

/**
 * Reads ID_CRED_x from a plaintext, where a single `kid` stands without its map (RFC 9528 3.5.3.2): the whole header
 * map, and what is in it. Throws `CborError`; "out-of-range" for a `kid` alone in a map.
 */
export function readIdCred(reader: CborReader): { readonly idCred: Uint8Array; readonly names: IdCred } {
	if (reader.peek() !== MAJOR.map) {
		const kid = readIdentifier(reader);
		const idCred = headerOf(HEADER.kid, new CborWriter(kid.length + 2).bytes(kid).view());
		return { idCred, names: { kind: "kid", kid } };
	}
	const from = reader.position;
	const names = readHeader(reader);
	if (names.kind === "kid") throw new CborError("out-of-range");
	return { idCred: reader.since(from), names };
}

/** The reverse of `readIdCred`. */
export function writeIdCred(writer: CborWriter, idCred: Uint8Array): void {
	if (isKidAlone(idCred)) writeIdentifier(writer, new CborReader(idCred.subarray(2)).bytes());
	else writer.raw(idCred);
}
