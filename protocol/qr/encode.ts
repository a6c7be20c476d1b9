// SPDX-License-Identifier: Apache-2.0

/** The phone's half of a code: what its key signs, and the text that it shows. */
import { CborWriter } from "../cbor/writer.js";
import {
	EDDSA,
	HEADER,
	SIGNATURE_LENGTH,
	type SignatureAlgorithm,
	sigStructure,
} from "../credential/cose.js";
import { MAX_QR_CREDENTIAL } from "../credential/credential.js";
import { CODE_AAD, MAX_CODE, MAX_STEP } from "./code.js";

export interface CodeFields {
	/** The CWT of class `qr`, untagged. */
	readonly credential: Uint8Array;
	/** As `stepAt`. */
	readonly step: number;
	/** Of the credential's key; EdDSA where it is not said. */
	readonly algorithm?: SignatureAlgorithm;
}

/** The bytes that the credential's key signs. RangeError where they make no code that fits. */
export function codeToSign(fields: CodeFields): Uint8Array {
	return sigStructure(protectedHeader(fields), CODE_AAD, payload(fields));
}

/** The text of a code: `signature` is over `codeToSign` of the same fields. RangeError where it does not fit. */
export function encodeCode(fields: CodeFields, signature: Uint8Array): string {
	if (signature.length !== SIGNATURE_LENGTH) throw new RangeError("a signature has 64 bytes");
	const writer = new CborWriter(MAX_CODE).array(4).bytes(protectedHeader(fields)).map(0);
	return encodeBase45(writer.bytes(payload(fields)).bytes(signature).view());
}

function protectedHeader({ algorithm }: CodeFields): Uint8Array {
	return new CborWriter(8)
		.map(1)
		.int(HEADER.alg)
		.int(algorithm ?? EDDSA)
		.take();
}

function payload({ credential, step }: CodeFields): Uint8Array {
	if (credential.length > MAX_QR_CREDENTIAL) throw new RangeError("the credential is too long for a code");
	if (!Number.isInteger(step) || step < 0 || step > MAX_STEP)
		throw new RangeError("a step is a whole number, 0 to 2^32-1");
	return new CborWriter(MAX_CODE).array(2).bytes(credential).int(step).take();
}

/** RFC 9285 table 1. */
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

export function encodeBase45(bytes: Uint8Array): string {
	let text = "";
	const even = bytes.length & ~1;
	for (let i = 0; i < even; i += 2) {
		const value = bytes[i]! * 256 + bytes[i + 1]!;
		text +=
			ALPHABET[value % 45]! + ALPHABET[Math.floor(value / 45) % 45]! + ALPHABET[Math.floor(value / 2025)]!;
	}
	if (even === bytes.length) return text;
	const last = bytes[even]!;
	return text + ALPHABET[last % 45]! + ALPHABET[Math.floor(last / 45)]!;
}
