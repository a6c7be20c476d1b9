// SPDX-License-Identifier: Apache-2.0

import { concat, equal, fromHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { EVENTS } from "../../../protocol/events.js";
import { Findings, type LogReport, type VerifyOptions } from "../../../protocol/log/findings.js";
import { KEPT } from "../../../protocol/log/kept.js";
import {
	AT,
	BODY_SIZE,
	CHECKPOINT_SIZE,
	decodeRecord,
	LINK_SIZE,
	MAGIC,
	RECORD_SIZE,
	SECTOR_SIZE,
	TIME_TRUSTS,
} from "../../../protocol/log/record.js";
import { describe } from "./describe.js";

/** Records of a sector, and so the most that follow one checkpoint. */
const SLOTS = (SECTOR_SIZE - CHECKPOINT_SIZE) / RECORD_SIZE;

interface Line {
	/** The record's bytes as in flash. */
	readonly record: Uint8Array;
	readonly serial: number;
	readonly checkpoint: Uint8Array | undefined;
	readonly before: Uint8Array | undefined;
}

/** Guesses what a text is: an export in JSON lines, even a damaged one, an export as CSV, or something else. */
export function shapeOf(text: string): "lines" | "csv" | "other" {
	if (/^[ \t]*\{.*"(serial|subject|link)".*"(serial|subject|link)"/m.test(text)) return "lines";
	// Spreadsheets write other separators, and quotes.
	return /^\s*"?serial"?[,;\t]"?time/.test(text) ? "csv" : "other";
}

/**
 * Checks an export in JSON lines as `verifyLog` checks an image: each line is turned back into the record that was in
 * flash, whose link must hold; words that a line has beside must be what the record says. Checkpoints in the lines join
 * the sectors and carry the reader's signatures. Sectors' digests and torn slots are in an image only.
 */
export function verifyLines(text: string, crypto: Crypto, options: VerifyOptions = {}): LogReport {
	const run = new LinesRun(crypto, options);
	for (const line of text.split("\n")) if (line.trim() !== "") run.line(readLine(line));
	return run.report();
}

class LinesRun {
	readonly #crypto: Crypto;
	readonly #findings: Findings;
	#first = 0;
	#sectors = 0;
	/** Records since the last checkpoint, signed or not. */
	#unchecked = 0;
	/** The serial of the next record; 0 at the beginning. */
	#expected = 0;
	/** The link of the previous line; `undefined` where that is not known. */
	#link: Uint8Array | undefined;

	constructor(crypto: Crypto, options: VerifyOptions) {
		this.#crypto = crypto;
		this.#findings = new Findings(crypto, options);
	}

	line(line: Line | undefined): void {
		if (line === undefined) {
			this.#findings.problem("bad-record", this.#expected || 1);
			this.#link = undefined;
			if (this.#expected > 0) this.#expected++;
			return;
		}
		const { before, checkpoint, record, serial } = line;
		if (this.#expected > 0 && serial > this.#expected) {
			this.#findings.problem("missing", this.#expected, serial - 1);
			this.#link = undefined;
		} else if (serial < this.#expected) this.#findings.problem("bad-record", this.#expected);
		if (checkpoint !== undefined) this.#checkpoint(checkpoint, serial);
		else if (this.#expected === 0) {
			this.#link = before;
			// The link of the first line cannot be checked without a previous one.
			if (before === undefined) this.#findings.problem("bad-checkpoint", serial);
		}
		const link = record.subarray(BODY_SIZE);
		if (this.#link !== undefined) {
			const made = this.#crypto.sha256(concat(this.#link, record.subarray(0, BODY_SIZE)));
			if (!equal(made.subarray(0, LINK_SIZE), link)) this.#findings.problem("bad-record", serial);
		}
		this.#link = link;
		this.#first ||= serial;
		this.#findings.record(record, serial);
		this.#expected = serial + 1;
		if (++this.#unchecked === SLOTS + 1) this.#findings.problem("bad-checkpoint", serial);
	}

	#checkpoint(checkpoint: Uint8Array, serial: number): void {
		const view = new DataView(checkpoint.buffer, checkpoint.byteOffset);
		const check = checkpoint.subarray(AT.check);
		const made = this.#crypto.sha256(checkpoint.subarray(0, AT.check)).subarray(0, LINK_SIZE);
		const first = view.getUint32(AT.first);
		this.#sectors++;
		this.#unchecked = 0;
		const follows = this.#link === undefined || equal(this.#link, checkpoint.subarray(AT.link, AT.link + 8));
		this.#link = undefined;
		if (view.getUint32(0) !== MAGIC || !equal(made, check) || !follows || first > serial) {
			this.#findings.problem("bad-checkpoint", serial);
			return;
		}
		this.#findings.checkpoint(checkpoint, serial);
		if (first === serial) this.#link = check;
		else this.#findings.problem("missing", first, serial - 1);
	}

	report(): LogReport {
		return this.#findings.report({ first: this.#first, sectors: this.#sectors, torn: 0 });
	}
}

/** Reads a line. `undefined` where it is no line of an export, or where its words contradict its numbers. */
function readLine(text: string): Line | undefined {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof value !== "object" || value === null) return undefined;
	// A plan file's words beside the record: nothing vouches for them.
	const { checkpoint, before, door: _, local: __, person: ___, ...shown } = value as Record<string, unknown>;
	const record = recordOf(shown);
	if (record === undefined) return undefined;
	const described = describe(decodeRecord(record)) as unknown as Record<string, unknown>;
	const names = Object.keys(shown);
	if (names.length !== Object.keys(described).length) return undefined;
	if (names.some((name) => shown[name] !== described[name])) return undefined;
	const parts = { checkpoint: bytes(checkpoint, CHECKPOINT_SIZE), before: bytes(before, LINK_SIZE) };
	if (checkpoint !== undefined && parts.checkpoint === undefined) return undefined;
	if (before !== undefined && parts.before === undefined) return undefined;
	return { record, serial: shown.serial as number, ...parts };
}

function recordOf(shown: Record<string, unknown>): Uint8Array | undefined {
	const { detail, event, serial, time, trust, value } = shown;
	const subject = bytes(shown.subject, 8);
	const link = bytes(shown.link, LINK_SIZE);
	const kind = kindOf(String(event));
	const seconds = secondsOf(String(time));
	const numbers = [serial, detail, value, seconds, kind];
	if (!numbers.every((n) => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= 0xffff_ffff))
		return undefined;
	const code = (TIME_TRUSTS as readonly unknown[]).indexOf(trust);
	if (code < 0) return undefined;
	if (subject === undefined || link === undefined) return undefined;
	const record = new Uint8Array(RECORD_SIZE);
	const view = new DataView(record.buffer);
	view.setUint32(0, serial as number);
	view.setUint32(4, seconds);
	view.setUint8(8, kind);
	view.setUint8(9, code);
	view.setUint16(10, detail as number);
	view.setUint32(12, value as number);
	record.set(subject, 16);
	record.set(link, BODY_SIZE);
	return record;
}

function kindOf(event: string): number {
	const events = EVENTS as Readonly<Record<string, number>>;
	const copied = event.startsWith("kept-") ? events[event.slice(5)] : undefined;
	const known = copied === undefined ? events[event] : copied | KEPT;
	return known ?? (/^kind-\d{1,3}$/.test(event) ? Number(event.slice(5)) : Number.NaN);
}

function secondsOf(time: string): number {
	const start = /^start\+(\d{1,10})$/.exec(time);
	return start === null ? Date.parse(time) / 1000 : Number(start[1]);
}

function bytes(value: unknown, length: number): Uint8Array | undefined {
	const good = typeof value === "string" && value.length === 2 * length && /^[0-9a-f]*$/.test(value);
	return good ? fromHex(value) : undefined;
}
