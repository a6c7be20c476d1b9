// SPDX-License-Identifier: Apache-2.0

/** Forms of a credential that no reader or phone of Lintel has, for others and for tests. */
import { CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { HEADER } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";
import { type CredentialForm, headerOf, type IdCred, readHeader } from "./id-cred.js";

/** SHA-256 cut to 64 bits, RFC 9054 table 1. */
const SHA_256_64 = -15;

/** CRED_x of an X.509 certificate: its DER as a byte string. */
export function x509Cred(certificate: Uint8Array): Uint8Array {
	return new CborWriter(certificate.length + 3).bytes(certificate).take();
}

/** A CWT claims set by value. */
export function byKccs(ccs: Uint8Array): CredentialForm {
	return { idCred: headerOf(HEADER.kccs, ccs), cred: ccs };
}

/** One X.509 certificate by value. */
export function byX5chain(certificate: Uint8Array): CredentialForm {
	const cred = x509Cred(certificate);
	return { idCred: headerOf(HEADER.x5chain, cred), cred };
}

/** The first 8 bytes of the SHA-256 of an X.509 certificate. */
export function byX5t(certificate: Uint8Array, crypto: Crypto): CredentialForm {
	const hash = crypto.sha256(certificate).subarray(0, 8);
	const value = new CborWriter(16).array(2).int(SHA_256_64).bytes(hash).take();
	return { idCred: headerOf(HEADER.x5t, value), cred: x509Cred(certificate) };
}

/** Decodes a header map with one of the parameters above. Throws `CborError`; "unsupported" for other parameters. */
export function decodeIdCred(idCred: Uint8Array): IdCred {
	const reader = new CborReader(idCred, { anyKeyOrder: true });
	const found = readHeader(reader);
	reader.end();
	return found;
}
