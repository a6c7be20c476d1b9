// SPDX-License-Identifier: Apache-2.0

import { CborReader } from "../cbor/reader.js";
import type { CborWriter } from "../cbor/writer.js";
import { SIGNATURE_LENGTH } from "../credential/cose.js";
import { type EadItem, readEad } from "./ead.js";
import { type IdCred, readIdCred, writeIdCred } from "./id-cred.js";
import { readIdentifier, writeIdentifier } from "./identifier.js";

/** PLAINTEXT_2 and PLAINTEXT_3 (RFC 9528 5.3.2, 5.4.2). The byte fields are views, or small. */
export interface Plaintext {
	/** The whole header map. */
	readonly idCred: Uint8Array;
	/** What it names or carries. */
	readonly names: IdCred;
	/** Signature_or_MAC, 64 bytes. */
	readonly signature: Uint8Array;
	readonly ead: readonly EadItem[];
	/** EAD as it was sent: the MAC and the signature cover it. */
	readonly eadBytes: Uint8Array;
}

export interface Plaintext2 extends Plaintext {
	/** C_R */
	readonly connectionId: Uint8Array;
}

/** Throws `CborError`, or `EdhocError` "critical-ead". */
export function decodePlaintext2(bytes: Uint8Array, knownEad: readonly number[]): Plaintext2 {
	const reader = new CborReader(bytes);
	const connectionId = readIdentifier(reader);
	return { connectionId, ...readRest(reader, knownEad) };
}

/** Throws `CborError`, or `EdhocError` "critical-ead". */
export function decodePlaintext3(bytes: Uint8Array, knownEad: readonly number[]): Plaintext {
	return readRest(new CborReader(bytes), knownEad);
}

function readRest(reader: CborReader, knownEad: readonly number[]): Plaintext {
	const { idCred, names } = readIdCred(reader);
	const signature = reader.bytesOf(SIGNATURE_LENGTH);
	const from = reader.position;
	const ead = readEad(reader, knownEad);
	return { idCred, names, signature, ead, eadBytes: reader.since(from) };
}

/** `connectionId` in PLAINTEXT_2 only. */
export function writePlaintext(
	writer: CborWriter,
	connectionId: Uint8Array | undefined,
	idCred: Uint8Array,
	signature: Uint8Array,
	ead: Uint8Array,
): void {
	if (connectionId !== undefined) writeIdentifier(writer, connectionId);
	writeIdCred(writer, idCred);
	writer.bytes(signature).raw(ead);
}
