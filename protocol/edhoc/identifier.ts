// SPDX-License-Identifier: Apache-2.0

import { CborError, type CborReader, MAJOR } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";

/**
 * Byte strings that travel as one-byte integers where they coincide with one (RFC 9528 3.3.2): connection identifiers
 * and key identifiers.
 */

/** Bytes of an identifier, at most. */
export const MAX_IDENTIFIER = 16;

function isInteger(bytes: Uint8Array): boolean {
	return bytes.length === 1 && bytes[0]! < 0x38 && (bytes[0]! & 0x1f) < 24;
}

/** Throws `CborError`; "out-of-range" for a byte string that should be an integer, or too long. */
export function readIdentifier(reader: CborReader): Uint8Array {
	const from = reader.position;
	if (reader.peek() === MAJOR.bytes) {
		const bytes = reader.bytes();
		if (isInteger(bytes) || bytes.length > MAX_IDENTIFIER) throw new CborError("out-of-range");
		return bytes;
	}
	reader.int();
	if (reader.position - from !== 1) throw new CborError("out-of-range");
	return reader.since(from);
}

/** As `writeIdentifier` writes it: itself where it is an integer. */
export function encodeIdentifier(identifier: Uint8Array): Uint8Array {
	return isInteger(identifier) ? identifier : new CborWriter(MAX_IDENTIFIER + 2).bytes(identifier).view();
}

export function writeIdentifier(writer: CborWriter, identifier: Uint8Array): void {
	if (isInteger(identifier)) writer.raw(identifier);
	else writer.bytes(identifier);
}
