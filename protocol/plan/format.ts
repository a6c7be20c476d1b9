// SPDX-License-Identifier: Apache-2.0

import { readUint16, readUint32 } from "../bytes.js";
import { readName } from "../credential/names.js";
import { MAX_EPOCH } from "../trust/list.js";

/**
 * The bytes of an access plan: what a site signs and what lies in a reader's flash. All numbers are big-endian.
 * `docs/plan.md` shows them with examples.
 */

/** The body is a row of pages, each with its own check, so that one lookup reads and verifies one page. */
export const PAGE = 1024;
/** Bytes of a page before its trailer: bytes used (2), page number (2), check (12). */
export const PAGE_DATA = 1008;
/** Bytes that a page's check covers; the check is the beginning of their SHA-256. */
export const PAGE_CHECKED = 1012;
export const PAGE_CHECK = 12;

/** One credential: id (8), access plan and flags (2), from (3), until (3). */
export const RECORD = 16;
export const ID = 8;
export const RECORDS_PER_PAGE = 63;

/** `from` and `until` count periods of 5 minutes since 2020-01-01T00:00:00Z: 24 bits last until 2179. */
export const PERIOD = 300;
export const EPOCH = 1577836800;
/** `until` of what has no end. */
export const NO_END = 0xffffff;

/** Mask of a record's 16 bits of plan and flags: the number of its access plan, or one of the two below. */
export const ACCESS_MASK = 0x7ff;
/** Revoked by the site. */
export const ACCESS_REVOKED = 2046;
/** Known to the site, no access at this door. */
export const ACCESS_OTHER_DOOR = 2047;
/** Access plans are numbered below this. */
export const MAX_ACCESS_PLANS = 2046;

/** Flags of a record: the high 5 of its 16 bits, shifted down by 11. */
export const FLAG = Object.freeze({
	/** The user is paused. */
	suspended: 1,
	/** The door stays open longer for this person. */
	extended: 2,
	/** Counts as first person in. */
	first: 4,
	/** Opens during a lockdown. */
	override: 8,
	/** Still admitted for the grace time after the plan has expired. */
	grace: 16,
} as const);

/** Bytes of tables at most, since they are held in RAM. */
export const MAX_TABLES = 4096;
/** Bytes of a signed header or delta at most, with its envelope. Larger changes are several deltas, or a snapshot. */
export const MAX_ENVELOPE = 3840;

/** Bytes of the signed payload that a snapshot's header and a delta have in common; a header is just that. */
export const STATE = 80;
const DELTA_FIXED = 100;

/** From an epoch to the next one, in an `orderOf`. */
export const VERSIONS = 0x1_0000_0000;

/** Bound into the signature as external_aad, so that nothing else a site signs can pass for a plan: "lintel plan". */
export function planContext(): Uint8Array {
	return Uint8Array.of(0x6c, 0x69, 0x6e, 0x74, 0x65, 0x6c, 0x20, 0x70, 0x6c, 0x61, 0x6e);
}

/** Where a plan stands among all of its door. */
export interface PlanNumber {
	/** That of the site's trust list, from 1; versions begin anew with each. */
	readonly epoch: number;
	/** Rises with every change, 1 to 2^32-1. */
	readonly version: number;
}

/** By epoch, then by version, as one number that is higher for the newer plan; 0 is below every plan. */
export function orderOf({ epoch, version }: PlanNumber): number {
	return epoch * VERSIONS + version;
}

/** The state of a plan once a snapshot or a delta is in force. */
export interface PlanState extends PlanNumber {
	/** Seconds since 1970. */
	readonly issued: number;
	/** Seconds since 1970; 0: never. */
	readonly expires: number;
	/** Records, tombstones included. */
	readonly count: number;
	/** Bytes of the tables. */
	readonly tablesLength: number;
	/** SHA-256 of the whole body. */
	readonly bodyHash: Uint8Array;
	/** It includes each revocation notice of its epoch up to this sequence, and all of the epochs before. */
	readonly notice: number;
}

export interface Delta extends PlanState {
	/** Of the same epoch. */
	readonly baseVersion: number;
	/** First 8 bytes of the hash of the body it applies to. */
	readonly baseHash: Uint8Array;
	readonly removes: number;
	readonly revokes: number;
	readonly puts: number;
	/** Where in the payload each list starts. */
	readonly removesAt: number;
	readonly revokesAt: number;
	readonly putsAt: number;
	/** New tables, empty where they stay. */
	readonly tables: Uint8Array;
	/** The delta only removes and revokes, so it can be applied to any base. */
	readonly revokeOnly: boolean;
}

export interface Addressed {
	/** Up to 8 ASCII characters. */
	readonly site: string;
	readonly door: string;
}

export const MAGIC_SNAPSHOT = 0x4c505303;
export const MAGIC_DELTA = 0x4c504403;

/** Whether a payload is of a format before this one: 01 had no epoch, 02 no notice. */
export function isOldFormat(payload: Uint8Array): boolean {
	const magic = payload.length < 4 ? 0 : readUint32(payload, 0);
	const version = magic & 255;
	const present = magic - version + (MAGIC_SNAPSHOT & 255);
	return (present === MAGIC_SNAPSHOT || present === MAGIC_DELTA) && version > 0 && magic < present;
}

/** When a snapshot or a delta was signed, seconds since 1970. */
export function issuedIn(payload: Uint8Array): number {
	return readUint32(payload, 28);
}

/** A snapshot's signed payload, `undefined` when it is none. Byte fields are views. */
export function decodeSnapshot(payload: Uint8Array): (PlanState & Addressed) | undefined {
	if (payload.length !== STATE || readUint32(payload, 0) !== MAGIC_SNAPSHOT) return undefined;
	return decodeState(payload);
}

/** A delta's signed payload, `undefined` when it is none. Byte fields are views. */
export function decodeDelta(payload: Uint8Array): (Delta & Addressed) | undefined {
	if (payload.length < DELTA_FIXED || readUint32(payload, 0) !== MAGIC_DELTA) return undefined;
	const state = decodeState(payload);
	if (state === undefined) return undefined;
	const baseVersion = readUint32(payload, 80);
	const removes = readUint16(payload, 92);
	const revokes = readUint16(payload, 94);
	const puts = readUint16(payload, 96);
	const tablesLength = readUint16(payload, 98);
	const revokesAt = DELTA_FIXED + removes * ID;
	const putsAt = revokesAt + revokes * ID;
	const tablesAt = putsAt + puts * RECORD;
	if (tablesAt + tablesLength !== payload.length || baseVersion >= state.version) return undefined;
	if (tablesLength !== 0 && tablesLength !== state.tablesLength) return undefined;
	return {
		...state,
		baseVersion,
		baseHash: payload.subarray(84, 92),
		removes,
		revokes,
		puts,
		removesAt: DELTA_FIXED,
		revokesAt,
		putsAt,
		tables: payload.subarray(tablesAt),
		revokeOnly: puts === 0 && tablesLength === 0 && removes + revokes > 0,
	};
}

function decodeState(payload: Uint8Array): (PlanState & Addressed) | undefined {
	const site = readName(payload, 4);
	const door = readName(payload, 12);
	const epoch = readUint32(payload, 20);
	const version = readUint32(payload, 24);
	const tablesLength = readUint16(payload, 40);
	if (site === undefined || door === undefined || version === 0) return undefined;
	if (epoch === 0 || epoch > MAX_EPOCH) return undefined;
	if (readUint16(payload, 42) !== 0 || tablesLength > MAX_TABLES) return undefined;
	return {
		site,
		door,
		epoch,
		version,
		issued: issuedIn(payload),
		expires: readUint32(payload, 32),
		count: readUint32(payload, 36),
		tablesLength,
		bodyHash: payload.subarray(44, 76),
		notice: readUint32(payload, 76),
	};
}

/** Pages of tables, then pages of records: bytes of both. */
export function bodyLength(state: PlanState): number {
	return (tablePages(state) + recordPages(state)) * PAGE;
}

export function tablePages(state: PlanState): number {
	return Math.ceil(state.tablesLength / PAGE_DATA);
}

export function recordPages(state: PlanState): number {
	return Math.ceil(state.count / RECORDS_PER_PAGE);
}

/** Changed credentials in the journal at most: their index and the page buffer of a lookup take just below 2 KB of RAM. */
export const MAX_CHANGES = 240;
/** Beyond this number of changes only revocations are taken, so that additions cannot use up their room. */
export const MAX_ADDITIONS = 176;
