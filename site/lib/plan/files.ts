// SPDX-License-Identifier: Apache-2.0

import { concat, equal, readUint16 } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { CoseError, decodeSign1 } from "../../../protocol/credential/cose.js";
import type { Crypto } from "../../../protocol/crypto.js";
import {
	type Addressed,
	bodyLength,
	type Delta,
	decodeDelta,
	decodeSnapshot,
	isOldFormat,
	PAGE,
	PAGE_DATA,
	recordPages,
	STATE,
	tablePages,
} from "../../../protocol/plan/format.js";
import { checkPage } from "../../../protocol/plan/page.js";
import { encodeBody, type PlanImage, snapshotPayload } from "./encode.js";

/** Plan files of the tools: signed snapshots, compiled plans without signature, deltas. */

export class PlanFileError extends Error {
	override name = "PlanFileError";
}

/** What stands for the epoch until a key signs. */
const UNSIGNED_EPOCH = 1;

/** A compiled plan without a signature: an envelope of length 0, the payload as it will be signed but for its epoch, the body. */
export function unsignedFile(image: PlanImage, crypto: Crypto): Uint8Array {
	const body = encodeBody(image, crypto);
	return concat(new Uint8Array(2), snapshotPayload(image, body, { crypto, epoch: UNSIGNED_EPOCH }), body);
}

export interface PlanFile {
	readonly image: PlanImage;
	/** `undefined`: not signed. */
	readonly envelope: Uint8Array | undefined;
	/** Of the key that signed; `undefined`: not signed. */
	readonly epoch: number | undefined;
	readonly body: Uint8Array;
}

/** Reads a snapshot and checks all of it but its signature. Throws `PlanFileError`. */
export function parsePlanFile(bytes: Uint8Array, crypto: Crypto): PlanFile {
	if (bytes.length < 2 + STATE) throw new PlanFileError("is no plan: too short");
	const length = readUint16(bytes, 0);
	const envelope = length === 0 ? undefined : bytes.slice(2, 2 + length);
	const payload = envelope === undefined ? bytes.slice(2, 2 + STATE) : payloadOf(envelope);
	const body = bytes.slice(2 + (envelope === undefined ? STATE : length));
	const state = decodeSnapshot(payload);
	if (state === undefined) throw notDecoded(payload);
	if (body.length !== bodyLength(state)) throw new PlanFileError("is cut short, or has more than its body");
	if (!equal(crypto.sha256(body), state.bodyHash))
		throw new PlanFileError("has another body than its header says");
	const pages = tablePages(state);
	const data = (from: number, to: number): Uint8Array => {
		const parts: Uint8Array[] = [];
		for (let n = from; n < to; n++) {
			const page = body.subarray(n * PAGE, (n + 1) * PAGE);
			if (!checkPage(n, page, crypto)) throw new PlanFileError(`page ${n} does not pass its check`);
			parts.push(page.subarray(0, readUint16(page, PAGE_DATA)));
		}
		return concat(...parts);
	};
	const { site, door, version, issued, expires, notice } = state;
	const epoch = envelope && state.epoch;
	const tables = data(0, pages);
	const records = data(pages, pages + recordPages(state));
	return { image: { site, door, version, issued, expires, tables, records, notice }, envelope, epoch, body };
}

/** The delta in an envelope, `undefined` when it is none. */
export function parseDeltaFile(bytes: Uint8Array): (Delta & Addressed) | undefined {
	// A snapshot's file begins with the length of its envelope, a delta with COSE_Sign1's tag.
	if (bytes[0] !== 0xd2) return undefined;
	const payload = payloadOf(bytes);
	const delta = decodeDelta(payload);
	if (delta === undefined) throw notDecoded(payload);
	return delta;
}

function notDecoded(payload: Uint8Array): PlanFileError {
	return new PlanFileError(
		isOldFormat(payload)
			? "is of an older lintel: compile and sign the plan anew; readers take it in the present format alone"
			: "is no plan",
	);
}

function payloadOf(envelope: Uint8Array): Uint8Array {
	try {
		return decodeSign1(envelope).payload;
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) throw new PlanFileError("is no COSE_Sign1");
		throw error;
	}
}
