// SPDX-License-Identifier: Apache-2.0

import { compare, concat, utf8Encode, writeUint16, writeUint32 } from "../../../protocol/bytes.js";
import type { Signer } from "../../../protocol/credential/cose.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { isDoorId, isSiteId } from "../../../protocol/credential/names.js";
import type { Crypto } from "../../../protocol/crypto.js";
import {
	ACCESS_REVOKED,
	ID,
	MAGIC_DELTA,
	MAGIC_SNAPSHOT,
	MAX_ADDITIONS,
	MAX_CHANGES,
	MAX_ENVELOPE,
	MAX_TABLES,
	NO_END,
	PAGE,
	PAGE_DATA,
	planContext,
	RECORD,
	RECORDS_PER_PAGE,
	STATE,
} from "../../../protocol/plan/format.js";
import { closePage } from "../../../protocol/plan/page.js";
import {
	CLOCK_ERROR,
	DOOR_MODES,
	HOLIDAY,
	INTERVAL,
	type PlanMode,
	RULE,
	SCHEDULE_ALWAYS,
	SHIFT,
	TABLES_FIXED,
	TABLES_FORMAT,
	TABLES_FORMAT_CLOCK_ERROR,
	TABLES_OFFICE_MODE,
	TABLES_STRICT_TIME,
} from "../../../protocol/plan/tables.js";
import type { Shift } from "../../../protocol/plan/tz.js";

/** The site's side of `protocol/plan/format.ts`: bytes of plans and deltas. Runs on any engine. */

export interface Interval {
	/** Bits: weekdays 0 (Sunday) to 6, kinds of holiday 7 to 14. */
	readonly days: number;
	/** Minutes of the day; `to` up to 2880, for an end on the next day. */
	readonly from: number;
	readonly to: number;
}

export interface Rule {
	/** Index, SCHEDULE_ALWAYS or SCHEDULE_NEVER. */
	readonly schedule: number;
	/** Periods of 5 minutes since 2020; 0: no beginning. */
	readonly from: number;
	/** Likewise; NO_END. */
	readonly until: number;
}

export interface Holiday {
	/** 0: every year. */
	readonly year: number;
	readonly month: number;
	readonly day: number;
	/** Number of days. */
	readonly days: number;
	/** 0 to 7. */
	readonly kind: number;
}

export interface TablesModel {
	/** POSIX TZ string. */
	readonly zone: string;
	/** Changes of the clock that the string cannot express. */
	readonly shifts?: readonly Shift[];
	readonly strictTime: boolean;
	/** Seconds; absent: any. */
	readonly maxClockError?: number | undefined;
	/** Absent: no. */
	readonly officeMode?: boolean;
	/** Seconds. */
	readonly grace: number;
	readonly defaultMode: PlanMode;
	readonly modes: readonly { readonly schedule: number; readonly mode: PlanMode }[];
	readonly holidays: readonly Holiday[];
	readonly schedules: readonly (readonly Interval[])[];
	readonly plans: readonly (readonly Rule[])[];
}

/** Always open for access plan 0, in UTC: what simulations and measurements begin with. */
export const ALWAYS_OPEN: TablesModel = Object.freeze({
	zone: "UTC0",
	strictTime: false,
	grace: 0,
	defaultMode: "locked",
	modes: [],
	holidays: [],
	schedules: [],
	plans: [[{ schedule: SCHEDULE_ALWAYS, from: 0, until: NO_END }]],
} as const);

/** The content of one version of a door's plan, unsigned. */
export interface PlanImage {
	readonly site: string;
	readonly door: string;
	readonly version: number;
	/** Seconds since 1970; `expires` 0: never. */
	readonly issued: number;
	readonly expires: number;
	readonly tables: Uint8Array;
	/** Records of 16 bytes, by id. */
	readonly records: Uint8Array;
	/** Of the revocation notices of its epoch the newest that it includes with all before it; absent: none. */
	readonly notice?: number | undefined;
}

/** By what a plan is signed, and the epoch that it speaks for. */
export interface Signing {
	readonly crypto: Crypto;
	readonly epoch: number;
	readonly signer: Signer;
	/** Names the key to readers. */
	readonly kid: Uint8Array;
}

/** Each schedule, then each access plan. */
function blocksOf(model: TablesModel): Uint8Array[] {
	const blocks: Uint8Array[] = [];
	for (const intervals of model.schedules) {
		const block = new Uint8Array(1 + intervals.length * INTERVAL);
		block[0] = intervals.length;
		intervals.forEach(({ days, from, to }, i) => {
			writeUint16(block, 1 + i * INTERVAL, days);
			writeUint16(block, 3 + i * INTERVAL, from);
			writeUint16(block, 5 + i * INTERVAL, to);
		});
		blocks.push(block);
	}
	for (const rules of model.plans) {
		const block = new Uint8Array(1 + rules.length * RULE);
		block[0] = rules.length;
		rules.forEach(({ schedule, from, until }, i) => {
			block[1 + i * RULE] = schedule;
			writeUint24(block, 2 + i * RULE, from);
			writeUint24(block, 5 + i * RULE, until);
		});
		blocks.push(block);
	}
	return blocks;
}

export function encodeTables(model: TablesModel): Uint8Array {
	const zone = utf8Encode(model.zone);
	const blocks = blocksOf(model);
	const shifts = model.shifts ?? [];
	const bound = model.maxClockError;
	// Without the bound as every reader takes it.
	const fixed = bound === undefined ? TABLES_FIXED : TABLES_FIXED + CLOCK_ERROR;
	const head = new Uint8Array(
		fixed +
			2 * blocks.length +
			zone.length +
			SHIFT * shifts.length +
			2 * model.modes.length +
			HOLIDAY * model.holidays.length,
	);
	head[0] = bound === undefined ? TABLES_FORMAT : TABLES_FORMAT_CLOCK_ERROR;
	if (bound !== undefined) writeUint32(head, TABLES_FIXED, bound);
	head[1] = (model.strictTime ? TABLES_STRICT_TIME : 0) | (model.officeMode ? TABLES_OFFICE_MODE : 0);
	writeUint32(head, 2, model.grace);
	head[6] = DOOR_MODES.indexOf(model.defaultMode);
	head[7] = zone.length;
	head[8] = model.schedules.length;
	head[9] = model.modes.length;
	writeUint16(head, 10, model.plans.length);
	head[12] = model.holidays.length;
	head[13] = shifts.length;
	if (model.holidays.length > 255 || shifts.length > 255) throw new RangeError("more than 255 holidays");
	let at = fixed;
	let offset = head.length;
	for (const block of blocks) {
		writeUint16(head, at, offset);
		at += 2;
		offset += block.length;
	}
	head.set(zone, at);
	at += zone.length;
	for (const shift of shifts) {
		writeUint32(head, at, shift.at);
		writeUint16(head, at + 4, shift.offset / 60);
		at += SHIFT;
	}
	for (const { schedule, mode } of model.modes) {
		head[at++] = schedule;
		head[at++] = DOOR_MODES.indexOf(mode);
	}
	for (const h of model.holidays) {
		writeUint16(head, at, h.year);
		head.set([h.month, h.day, h.days, h.kind], at + 2);
		at += HOLIDAY;
	}
	if (offset > MAX_TABLES) throw new RangeError(`tables of ${offset} bytes, ${MAX_TABLES} are possible`);
	return concat(head, ...blocks);
}

function writeUint24(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 16;
	writeUint16(bytes, at + 1, value);
}

export interface RecordModel {
	/** 8 bytes. */
	readonly id: Uint8Array;
	readonly access: number;
	readonly flags: number;
	readonly from: number;
	readonly until: number;
}

/** Writes one record at `at`. */
export function packRecord(record: RecordModel, into: Uint8Array, at: number): void {
	into.set(record.id, at);
	writeUint16(into, at + ID, record.access | (record.flags << 11));
	writeUint24(into, at + ID + 2, record.from);
	writeUint24(into, at + ID + 5, record.until);
}

/** The record of a revoked credential: its id without rights. */
export function tombstone(id: Uint8Array): RecordModel {
	return { id, access: ACCESS_REVOKED, flags: 0, from: 0, until: NO_END };
}

/** Sorted by id. RangeError where an id comes twice. */
export function packRecords(records: readonly RecordModel[]): Uint8Array {
	const sorted = [...records].sort((a, b) => compare(a.id, b.id));
	const bytes = new Uint8Array(sorted.length * RECORD);
	for (const [i, record] of sorted.entries()) {
		if (i > 0 && compare(sorted[i - 1]!.id, record.id) === 0) throw new RangeError("an id comes twice");
		packRecord(record, bytes, i * RECORD);
	}
	return bytes;
}

/** The pages of tables, then those of records. */
export function encodeBody(image: PlanImage, crypto: Crypto): Uint8Array {
	const tablePages = Math.ceil(image.tables.length / PAGE_DATA);
	const pages = tablePages + Math.ceil(image.records.length / RECORD / RECORDS_PER_PAGE);
	const body = new Uint8Array(pages * PAGE);
	for (let number = 0; number < pages; number++) {
		const from = number < tablePages ? image.tables : image.records;
		const at = (number < tablePages ? number : number - tablePages) * PAGE_DATA;
		const part = from.subarray(at, at + PAGE_DATA);
		const page = body.subarray(number * PAGE, (number + 1) * PAGE);
		page.set(part);
		closePage(number, part.length, page, crypto);
	}
	return body;
}

function encodeState(magic: number, image: PlanImage, epoch: number, bodyHash: Uint8Array): Uint8Array {
	const { site, door } = image;
	if (!isSiteId(site)) throw new RangeError(`"${site}" is no site's identifier`);
	if (!isDoorId(door)) throw new RangeError(`"${door}" is no door's identifier`);
	const payload = new Uint8Array(STATE);
	writeUint32(payload, 0, magic);
	payload.set(utf8Encode(site), 4);
	payload.set(utf8Encode(door), 12);
	writeUint32(payload, 20, epoch);
	writeUint32(payload, 24, image.version);
	writeUint32(payload, 28, image.issued);
	writeUint32(payload, 32, image.expires);
	writeUint32(payload, 36, image.records.length / RECORD);
	writeUint16(payload, 40, image.tables.length);
	payload.set(bodyHash, 44);
	writeUint32(payload, 76, image.notice ?? 0);
	return payload;
}

function seal(payload: Uint8Array, { signer, kid }: Signing): Uint8Array {
	return encodeSign1(payload, signer, { tagged: true, externalAad: planContext(), kid });
}

/** A signed snapshot: the header, and the body whose hash it holds. */
export interface Snapshot {
	readonly image: PlanImage;
	readonly envelope: Uint8Array;
	readonly body: Uint8Array;
}

export function signSnapshot(image: PlanImage, signing: Signing): Snapshot {
	const body = encodeBody(image, signing.crypto);
	return { image, envelope: seal(snapshotPayload(image, body, signing), signing), body };
}

/** The payload of a snapshot that the site signs. */
export function snapshotPayload(
	image: PlanImage,
	body: Uint8Array,
	{ crypto, epoch }: Pick<Signing, "crypto" | "epoch">,
): Uint8Array {
	return encodeState(MAGIC_SNAPSHOT, image, epoch, crypto.sha256(body));
}

/** As a file: length of the envelope (2 bytes), envelope, body. */
export function snapshotFile(snapshot: Snapshot): Uint8Array {
	const length = new Uint8Array(2);
	writeUint16(length, 0, snapshot.envelope.length);
	return concat(length, snapshot.envelope, snapshot.body);
}

/**
 * The signed delta from one version to a later one of the same door and epoch. RangeError where the changes do not fit one delta; then a
 * snapshot is needed. `hashes`: SHA-256 of both bodies, where they are known.
 */
export function signDelta(
	old: PlanImage,
	next: PlanImage,
	signing: Signing,
	hashes: { readonly old?: Uint8Array; readonly next?: Uint8Array } = {},
): Uint8Array {
	const { crypto, epoch } = signing;
	const hashOf = (image: PlanImage): Uint8Array => crypto.sha256(encodeBody(image, crypto));
	if (old.site !== next.site || old.door !== next.door) throw new RangeError("plans of two doors");
	if (next.version <= old.version) throw new RangeError("the version must rise");
	if ((next.notice ?? 0) < (old.notice ?? 0)) throw new RangeError("the notice may not fall");
	const { removes, revokes, puts } = difference(old.records, next.records);
	const total = removes.length + revokes.length + puts.length;
	if (total > (puts.length === 0 ? MAX_CHANGES : MAX_ADDITIONS)) {
		throw new RangeError(`${total} changes are too many for a delta: send a snapshot`);
	}
	const sameTables = compare(old.tables, next.tables) === 0;
	const fixed = new Uint8Array(20);
	writeUint32(fixed, 0, old.version);
	fixed.set((hashes.old ?? hashOf(old)).subarray(0, 8), 4);
	writeUint16(fixed, 12, removes.length);
	writeUint16(fixed, 14, revokes.length);
	writeUint16(fixed, 16, puts.length);
	writeUint16(fixed, 18, sameTables ? 0 : next.tables.length);
	const state = encodeState(MAGIC_DELTA, next, epoch, hashes.next ?? hashOf(next));
	const payload = concat(
		state,
		fixed,
		...removes,
		...revokes,
		...puts,
		sameTables ? new Uint8Array(0) : next.tables,
	);
	const envelope = seal(payload, signing);
	if (envelope.length > MAX_ENVELOPE) throw new RangeError("too long for a delta: send a snapshot");
	return envelope;
}

interface Difference {
	readonly removes: Uint8Array[];
	readonly revokes: Uint8Array[];
	readonly puts: Uint8Array[];
}

/** The difference between two sorted arrays of records. */
export function difference(old: Uint8Array, next: Uint8Array): Difference {
	const result: Difference = { removes: [], revokes: [], puts: [] };
	let a = 0;
	let b = 0;
	while (a < old.length || b < next.length) {
		const oldId = old.subarray(a, a + ID);
		const nextId = next.subarray(b, b + ID);
		const order = a >= old.length ? 1 : b >= next.length ? -1 : compare(oldId, nextId);
		if (order < 0) {
			result.removes.push(oldId);
			a += RECORD;
			continue;
		}
		const record = next.subarray(b, b + RECORD);
		if (order > 0 || compare(old.subarray(a, a + RECORD), record) !== 0) {
			const revoked = new Uint8Array(RECORD);
			packRecord(tombstone(nextId), revoked, 0);
			if (compare(revoked, record) === 0) result.revokes.push(nextId);
			else result.puts.push(record);
		}
		if (order === 0) a += RECORD;
		b += RECORD;
	}
	return result;
}
