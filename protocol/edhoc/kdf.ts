// SPDX-License-Identifier: Apache-2.0

import type { CborWriter } from "../cbor/writer.js";
import type { Crypto } from "../crypto.js";

/** EDHOC_KDF (RFC 9528 4.1.2): HKDF-Expand (RFC 5869 2.3) with SHA-256. */

export const HASH_LENGTH = 32;

/** info_label of each derivation. */
export const LABEL = Object.freeze({
	keystream2: 0,
	mac2: 2,
	k3: 3,
	iv3: 4,
	mac3: 6,
	prkOut: 7,
	k4: 8,
	iv4: 9,
	prkExporter: 10,
	keyUpdate: 11,
} as const);

/** Starts `info = (label, context, length)` in `writer` at `at`; the caller writes the context and then calls `expand`. */
export function beginInfo(writer: CborWriter, label: number, contextLength: number, at = 0): CborWriter {
	return writer.reset(at).int(label).bytesHead(contextLength);
}

/** Ends the info begun in `writer` at `at` and expands `prk` to `length` bytes. */
export function expand(
	crypto: Crypto,
	writer: CborWriter,
	prk: Uint8Array,
	length: number,
	at = 0,
): Uint8Array {
	return crypto.hkdfExpand(prk, writer.int(length).view(at), length);
}

/** `EDHOC_KDF(PRK, label, context, length)`. */
export function kdf(
	crypto: Crypto,
	writer: CborWriter,
	prk: Uint8Array,
	label: number,
	context: Uint8Array,
	length: number,
): Uint8Array {
	beginInfo(writer, label, context.length).raw(context);
	return expand(crypto, writer, prk, length);
}
