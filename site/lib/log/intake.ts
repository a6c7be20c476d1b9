// SPDX-License-Identifier: Apache-2.0

import { equal, readUint32 } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { CheckpointSignatures, type SignatureProblem } from "../../../protocol/log/checkpoint-signatures.js";
import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	LINK_SIZE,
	MAGIC,
	RECORD_SIZE,
} from "../../../protocol/log/record.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";

/** How far a site has the log of a reader. */
export interface SiteCursor {
	/** Of the newest record; 0: none. */
	readonly serial: number;
	/** Of that record, 8 bytes. */
	readonly link: Uint8Array;
	/** What the next record's link is made from: `link`, or the check of a checkpoint that has come since; empty: not known. */
	readonly before: Uint8Array;
	/** The reader's key has signed a checkpoint: from here on it has to have signed each. */
	readonly signed: boolean;
}

/** Of a reader of which the site has nothing yet. */
export const NO_LOG: SiteCursor = Object.freeze({
	serial: 0,
	link: new Uint8Array(LINK_SIZE),
	before: new Uint8Array(0),
	signed: false,
});

/** What is wrong with a log that the site takes nevertheless: it says so, as `verifyLog` does. */
export interface IntakeProblem {
	/** `missing`: these records are not there; `bad-checkpoint`: a log that does not begin with one. */
	readonly reason: "missing" | "bad-checkpoint" | SignatureProblem;
	/** Serials, inclusive. */
	readonly from: number;
	readonly to: number;
}

/** Why the site takes nothing of a message: */
export type LogRefusal =
	/** The site has another record of a serial that it has, or that this one follows: these are two histories. */
	| "other-log"
	/** Its records do not hang together. */
	| "bad-record"
	/** It is not whole, or does not say the serial that the message says. */
	| "bad-checkpoint"
	/** The site takes no more of this reader today. */
	| "too-many-records";

/** What the site takes. */
export interface Intake {
	readonly cursor: SiteCursor;
	/** The new records, 32 bytes each; a repetition has none. */
	readonly records: Uint8Array;
	/** Whether the checkpoint is new. */
	readonly checkpoint: boolean;
	readonly problems: readonly IntakeProblem[];
}

const NONE = new Uint8Array(0);

/** What a message repeats of what the site has before its newest record; `undefined` where it does not. */
export function repeatedIn(
	{ serial }: SiteCursor,
	message: MessageOf<"log" | "checkpoint">,
): { readonly of: "record" | "checkpoint"; readonly serial: number } | undefined {
	if (message.name === "checkpoint")
		return message.first <= serial ? { of: "checkpoint", serial: message.first } : undefined;
	const last = lastOf(message);
	return last < serial ? { of: "record", serial: last } : undefined;
}

/**
 * Checks what came of a reader's log against how far the site has it, by the rules of `verifyLog`: a log's links, its serials, the
 * checkpoints' signatures. A repetition is taken and changes nothing. `known`: of what `repeatedIn` says, the link of the site's record, or the
 * check of its checkpoint; absent, a repetition is not compared.
 */
export function takeLog(
	cursor: SiteCursor,
	message: MessageOf<"log" | "checkpoint">,
	reader: Uint8Array,
	crypto: Crypto,
	known?: Uint8Array,
): Intake | LogRefusal {
	return message.name === "log"
		? takeRecords(cursor, message, crypto, known)
		: takeCheckpoint(cursor, message, reader, crypto, known);
}

function takeRecords(
	cursor: SiteCursor,
	message: MessageOf<"log">,
	crypto: Crypto,
	repeated: Uint8Array | undefined,
): Intake | LogRefusal {
	const { first, records } = message;
	if (!isChain(records, first, crypto)) return "bad-record";
	const { before, link, serial } = cursor;
	const last = lastOf(message);
	const known = serial - first;
	if (known >= 0 && serial <= last && !equal(linkAt(records, known), link)) return "other-log";
	if (last < serial && repeated !== undefined && !equal(linkAt(records, last - first), repeated))
		return "other-log";
	if (last <= serial) return { cursor, records: NONE, checkpoint: false, problems: [] };
	// Between these two records of one sector there was a checkpoint.
	if (known >= 0 && before.length > 0 && !equal(before, link)) return "other-log";
	const problems: IntakeProblem[] = [];
	if (first > serial + 1) problems.push({ reason: "missing", from: serial + 1, to: first - 1 });
	else if (known < 0 && before.length === 0)
		problems.push({ reason: "bad-checkpoint", from: first, to: first });
	else if (known < 0 && !follows(records, 0, before, crypto)) return "other-log";
	const newest = linkAt(records, last - first).slice();
	return {
		cursor: { ...cursor, serial: last, link: newest, before: newest },
		records: records.subarray(Math.max(0, known + 1) * RECORD_SIZE),
		checkpoint: false,
		problems,
	};
}

function takeCheckpoint(
	cursor: SiteCursor,
	{ checkpoint, first }: MessageOf<"checkpoint">,
	reader: Uint8Array,
	crypto: Crypto,
	repeated: Uint8Array | undefined,
): Intake | LogRefusal {
	const check = checkpoint.slice(AT.check, CHECKPOINT_SIZE);
	const made = crypto.sha256(checkpoint.subarray(0, AT.check)).subarray(0, LINK_SIZE);
	if (readUint32(checkpoint, 0) !== MAGIC || !equal(check, made)) return "bad-checkpoint";
	if (first === 0 || readUint32(checkpoint, AT.first) !== first) return "bad-checkpoint";
	const { serial } = cursor;
	if (first <= serial && repeated !== undefined && !equal(check, repeated)) return "other-log";
	if (first <= serial || equal(check, cursor.before))
		return { cursor, records: NONE, checkpoint: false, problems: [] };
	const link = checkpoint.slice(AT.link, AT.link + LINK_SIZE);
	// A sector may have no record: then the next one's checkpoint follows its.
	const isNext = equal(link, cursor.link) || equal(link, cursor.before);
	if (serial > 0 && first === serial + 1 && !isNext) return "other-log";
	const problems: IntakeProblem[] = [];
	if (first > serial + 1) problems.push({ reason: "missing", from: serial + 1, to: first - 1 });
	const reason = new CheckpointSignatures(crypto, reader).problemOf(checkpoint);
	// Until the key has signed one, those before it are from before the reader had the key.
	if (reason !== undefined && (cursor.signed || reason === "bad-signature"))
		problems.push({ reason, from: first, to: first });
	return {
		cursor: {
			serial: first - 1,
			link: first === serial + 1 ? cursor.link : link,
			before: check,
			signed: cursor.signed || reason === undefined,
		},
		records: NONE,
		checkpoint: true,
		problems,
	};
}

function lastOf({ first, records }: MessageOf<"log">): number {
	return first + records.length / RECORD_SIZE - 1;
}

/** Whether the records have serials from `first` on, and each but the first follows the one before. */
function isChain(records: Uint8Array, first: number, crypto: Crypto): boolean {
	if (first === 0) return false;
	for (let i = 0; i * RECORD_SIZE < records.length; i++) {
		if (readUint32(records, i * RECORD_SIZE) !== first + i) return false;
		if (i > 0 && !follows(records, i, linkAt(records, i - 1), crypto)) return false;
	}
	return true;
}

function follows(records: Uint8Array, i: number, before: Uint8Array, crypto: Crypto): boolean {
	const block = new Uint8Array(LINK_SIZE + BODY_SIZE);
	block.set(before);
	block.set(records.subarray(i * RECORD_SIZE, i * RECORD_SIZE + BODY_SIZE), LINK_SIZE);
	return equal(crypto.sha256(block).subarray(0, LINK_SIZE), linkAt(records, i));
}

function linkAt(records: Uint8Array, i: number): Uint8Array {
	return records.subarray(i * RECORD_SIZE + BODY_SIZE, (i + 1) * RECORD_SIZE);
}
