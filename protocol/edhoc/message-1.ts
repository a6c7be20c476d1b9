// SPDX-License-Identifier: Apache-2.0

import { CborReader } from "../cbor/reader.js";
import type { CborWriter } from "../cbor/writer.js";
import { type EadItem, readEad, writeEad } from "./ead.js";
import { EdhocError } from "./errors.js";
import { readIdentifier, writeIdentifier } from "./identifier.js";
import { PUBLIC_LENGTH } from "./suites.js";
import { readSuites, writeSuites } from "./suites-list.js";

/** Both sides sign. */
export const METHOD_SIGNATURES = 0;

/** message_1 (RFC 9528 5.2.1). */
export interface Message1 {
	readonly method: number;
	/** SUITES_I; the last is selected. */
	readonly suites: readonly number[];
	/** G_X, 32 bytes: the x coordinate on every curve here. */
	readonly gX: Uint8Array;
	/** C_I */
	readonly connectionId: Uint8Array;
	readonly ead: readonly EadItem[];
}

/**
 * Throws `CborError`, or `EdhocError` "unsupported-method", "wrong-suite", "critical-ead". `supported` checks the
 * suites, by one's `own`, before G_X, whose length only a known suite tells.
 */
export function decodeMessage1(
	bytes: Uint8Array,
	supported: (suitesI: readonly number[], own: readonly number[]) => void,
	knownEad: readonly number[],
	own: readonly number[] = [],
): Message1 {
	const reader = new CborReader(bytes);
	const method = reader.int();
	if (method !== METHOD_SIGNATURES) throw new EdhocError("unsupported-method");
	const suites = readSuites(reader);
	supported(suites, own);
	const gX = reader.bytesOf(PUBLIC_LENGTH);
	const connectionId = readIdentifier(reader);
	return { method, suites, gX, connectionId, ead: readEad(reader, knownEad) };
}

export function writeMessage1(writer: CborWriter, message: Message1): void {
	writer.int(message.method);
	writeSuites(writer, message.suites);
	writer.bytes(message.gX);
	writeIdentifier(writer, message.connectionId);
	writeEad(writer, message.ead);
}
