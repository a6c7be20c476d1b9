// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { LogReport, VerifyOptions } from "../../protocol/log/findings.js";
import { CHECKPOINT_SIZE, decodeRecord, RECORD_SIZE, SECTOR_SIZE } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { inWords } from "../../site/lib/log/describe.js";

/** Which record of the log is looked at, and which of its bytes is another than the reader wrote. */
export interface LogQuestion {
	readonly serial: number;
	/** 0 to 31. */
	readonly at?: number | undefined;
}

export interface LogAnswer extends LogQuestion {
	/** As it lies there, with the byte that was changed. */
	readonly record: Uint8Array;
	readonly words: string;
	/** What the check of the whole log says, as `lintel log` makes it. */
	readonly report: LogReport;
}

/** The bit that is changed. */
const BIT = 1;

/**
 * Checks a copy of a log's flash, in which a byte was changed as one who opens the reader's case could; `undefined` where it has no such
 * record. `known`: the reader's Ed25519 key, and what the site has of the log.
 */
export function askLog(
	flash: Uint8Array,
	{ at, serial }: LogQuestion,
	crypto: Crypto,
	known: VerifyOptions,
): LogAnswer | undefined {
	const bytes = flash.slice();
	const place = placeOf(bytes, serial);
	if (place === undefined || (at !== undefined && !(at >= 0 && at < RECORD_SIZE))) return undefined;
	if (at !== undefined) bytes[place + at]! ^= BIT;
	const source = {
		size: bytes.length,
		sectorSize: SECTOR_SIZE,
		read: (address: number, into: Uint8Array) => into.set(bytes.subarray(address, address + into.length)),
	};
	const report = verifyLog(source, crypto, known);
	const record = bytes.slice(place, place + RECORD_SIZE);
	return { serial, at, record, words: inWords(decodeRecord(record)), report };
}

/** Where a record is in the flash: behind the checkpoint of its sector. */
function placeOf(bytes: Uint8Array, serial: number): number | undefined {
	for (let sector = 0; sector < bytes.length; sector += SECTOR_SIZE)
		for (let at = sector + CHECKPOINT_SIZE; at < sector + SECTOR_SIZE; at += RECORD_SIZE)
			if (readUint32(bytes, at) === serial) return at;
	return undefined;
}
