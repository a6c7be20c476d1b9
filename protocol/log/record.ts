// SPDX-License-Identifier: Apache-2.0

/**
 * The log's bytes (docs/log.md). A sector is a checkpoint of 160 bytes and then records of 32, all big-endian.
 *
 * record      serial 4 · time 4 · kind 1 · trust 1 · detail 2 · value 4 · subject 8 · link 8
 * checkpoint  magic 4 · sequence 4 · first 4 · oldest 4 · lost from 4, to 4 · acknowledged 4 · memory 2 · flags 2 ·
 *             reader 8 · link 8 · digest 32 · time 4 · zero 4 · signature 64 · check 8
 */
export const RECORD_SIZE = 32;
/** The flash of every reader is erased in sectors of so many bytes. */
export const SECTOR_SIZE = 4096;
export const CHECKPOINT_SIZE = 160;

/** "LLG1" */
export const MAGIC = 0x4c4c4731;

/** Where a record has its kind. */
export const KIND_AT = 8;
/** Bytes of a record that its link covers; the link follows them. */
export const BODY_SIZE = 24;
export const LINK_SIZE = 8;

export const AT = Object.freeze({
	sequence: 4,
	first: 8,
	oldest: 12,
	lostFrom: 16,
	lostTo: 20,
	acknowledged: 24,
	memory: 28,
	flags: 30,
	reader: 32,
	link: 40,
	digest: 48,
	time: 80,
	signature: 88,
	check: 152,
} as const);

/** Bit in `flags` of a checkpoint: it is signed. A reader that has no key yet writes unsigned ones. */
export const SIGNED = 1;
/**
 * Bit in `flags` of a checkpoint: its sector was begun after the `restart` record of that start. Without it a start may have
 * begun the sector, so that the records before it lay in flash while the reader was off and no signature covered them.
 */
export const RUNNING = 2;

/** Prefix of the signed message, "lintel log 1" in ASCII: no signature over anything else passes for a checkpoint's. */
const CONTEXT = Object.freeze([108, 105, 110, 116, 101, 108, 32, 108, 111, 103, 32, 49]);

/** The message that a checkpoint's signature is made over. */
export function signedPart(checkpoint: Uint8Array): Uint8Array {
	const message = new Uint8Array(CONTEXT.length + AT.signature);
	message.set(CONTEXT);
	message.set(checkpoint.subarray(0, AT.signature), CONTEXT.length);
	return message;
}

/** The codes of `TimeTrust` in a record are their places here. */
export const TIME_TRUSTS = Object.freeze(["unset", "restored", "synced"] as const);

/**
 * How far wall time can be believed. `unset`: it is not known. `restored`: a clock that outlived the restart, the last known time
 * or a time server gave it; `Timekeeper.error` says how far it may be off. `synced`: the site or an installer has set it since
 * the start.
 */
export type TimeTrust = (typeof TIME_TRUSTS)[number];

/** A record read back, for people and the site. */
export interface LogEntry {
	readonly serial: number;
	/** Seconds since 1970, or since the reader's start where `trust` is `unset`. */
	readonly time: number;
	readonly trust: TimeTrust;
	readonly kind: number;
	readonly detail: number;
	readonly value: number;
	/** 8 bytes. */
	readonly subject: Uint8Array;
	/** 8 bytes. */
	readonly link: Uint8Array;
}

export function trustCode(trust: TimeTrust): number {
	return TIME_TRUSTS.indexOf(trust);
}

/** Decodes the 32 bytes of a record. The caller has checked its link; nothing is checked here. */
export function decodeRecord(record: Uint8Array): LogEntry {
	const view = new DataView(record.buffer, record.byteOffset, RECORD_SIZE);
	return {
		serial: view.getUint32(0),
		time: view.getUint32(4),
		kind: view.getUint8(8),
		trust: TIME_TRUSTS[view.getUint8(9)] ?? "unset",
		detail: view.getUint16(10),
		value: view.getUint32(12),
		subject: record.slice(16, 24),
		link: record.slice(24, 32),
	};
}
