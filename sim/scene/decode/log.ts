// SPDX-License-Identifier: Apache-2.0

/** Records and checkpoints of the log (docs/log.md). */

import { readUint32 } from "../../../protocol/bytes.js";
import { eventName } from "../../../protocol/events.js";
import { KEPT } from "../../../protocol/log/kept.js";
import {
	CHECKPOINT_SIZE,
	decodeRecord,
	MAGIC,
	RECORD_SIZE,
	RUNNING,
	SIGNED,
	TIME_TRUSTS,
} from "../../../protocol/log/record.js";
import { words } from "../../../site/lib/log/describe.js";
import type { Decoder, Fields } from "./fields.js";
import { moment } from "./moment.js";

const CLAUSE = "log.md";

function record(fields: Fields): void {
	const bytes = fields.bytes.subarray(fields.at, fields.at + RECORD_SIZE);
	const meaning = bytes.length === RECORD_SIZE ? words(decodeRecord(bytes)) : "";
	fields.number(4, "serial", CLAUSE);
	fields.number(4, "time", CLAUSE, moment);
	fields.number(1, "kind", CLAUSE, (kind) => {
		const name = eventName(kind & ~KEPT) ?? `kind ${kind}`;
		return kind & KEPT ? `${name}, a copy` : name;
	});
	fields.number(1, "trust", CLAUSE, (trust) => TIME_TRUSTS[trust]);
	fields.number(2, "detail", CLAUSE, (detail) => (meaning === "" ? undefined : `${detail}: ${meaning}`));
	fields.number(4, "value", CLAUSE);
	fields.take(8, "subject", CLAUSE);
	fields.take(8, "link", CLAUSE, "of the record before and this one: SHA-256, cut");
}

function checkpoint(fields: Fields): void {
	fields.take(4, "magic", CLAUSE, "LLG1");
	for (const name of ["sequence", "first", "oldest", "lost from", "lost to", "acknowledged"])
		fields.number(4, name, CLAUSE);
	fields.take(2, "memory", CLAUSE);
	fields.number(2, "flags", CLAUSE, (flags) =>
		[flags & SIGNED ? "signed" : "not signed", flags & RUNNING ? "while running" : "at a start"].join(", "),
	);
	fields.take(8, "reader", CLAUSE);
	fields.take(8, "link", CLAUSE, "of the record before");
	fields.take(32, "digest", CLAUSE, "SHA-256 of the sector before");
	fields.number(4, "time", CLAUSE, moment);
	fields.take(4, "zero", CLAUSE);
	fields.take(64, "signature", CLAUSE, "Ed25519 of the reader");
	fields.take(8, "check", CLAUSE);
}

/** Records, each with its checkpoint before it where it begins a sector. */
export const logRecords: Decoder = (fields) => {
	while (fields.left >= RECORD_SIZE) {
		const one = isCheckpoint(fields) ? checkpoint : record;
		const size = one === checkpoint ? CHECKPOINT_SIZE : RECORD_SIZE;
		// A record by itself needs no field around it.
		if (fields.left === size) one(fields);
		else fields.take(size, one === checkpoint ? "checkpoint" : "record", CLAUSE, nameOf, one);
	}
};

function isCheckpoint({ at, bytes, left }: Fields): boolean {
	return left >= CHECKPOINT_SIZE && readUint32(bytes, at) === MAGIC;
}

function nameOf(part: Uint8Array): string | undefined {
	return part.length === RECORD_SIZE
		? `${readUint32(part, 0)}: ${eventName(part[8]! & ~KEPT) ?? "unknown"}`
		: undefined;
}
