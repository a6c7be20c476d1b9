// SPDX-License-Identifier: Apache-2.0

/** The chain of what administrators did: records in the form of readers' logs, each with the text that it vouches for. */
import { concat, equal, fromHex, toHex, utf8Encode, writeUint32 } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { Problem } from "../../../protocol/log/findings.js";
import {
	BODY_SIZE,
	decodeRecord,
	KIND_AT,
	LINK_SIZE,
	RECORD_SIZE,
	trustCode,
} from "../../../protocol/log/record.js";

/** Kind of the records; kinds of readers' records are below 64. */
const KIND = 64;
const SUBJECT_AT = 16;

/** Where the first record's link begins. */
export const ACTIONS_START = "lintel actions 1";

export function firstLink(crypto: Crypto): Uint8Array {
	return crypto.sha256(utf8Encode(ACTIONS_START)).subarray(0, LINK_SIZE);
}

/** The record of a text after the one that `link` is of. Its subject is the beginning of the text's SHA-256. */
export function actionRecord(
	serial: number,
	at: number,
	body: string,
	link: Uint8Array,
	crypto: Crypto,
): Uint8Array {
	const record = new Uint8Array(RECORD_SIZE);
	writeUint32(record, 0, serial);
	writeUint32(record, 4, at);
	record[KIND_AT] = KIND;
	record[KIND_AT + 1] = trustCode("synced");
	record.set(crypto.sha256(utf8Encode(body)).subarray(0, BODY_SIZE - SUBJECT_AT), SUBJECT_AT);
	record.set(crypto.sha256(concat(link, record.subarray(0, BODY_SIZE))).subarray(0, LINK_SIZE), BODY_SIZE);
	return record;
}

/** One line of an export, with its end. `before`: the link that the first line follows, where it is not the first of all. */
export function actionLine(
	{ body, record }: { readonly record: Uint8Array; readonly body: string },
	before?: Uint8Array,
): string {
	const { serial } = decodeRecord(record);
	const line = { action: serial, record: toHex(record), body, ...(before && { before: toHex(before) }) };
	return `${JSON.stringify(line)}\n`;
}

/** Whether a text is such an export, even a damaged one. */
export function isActions(text: string): boolean {
	return /^\s*\{"action":/.test(text);
}

export interface ActionsReport {
	readonly intact: boolean;
	readonly first: number;
	readonly last: number;
	readonly records: number;
	/** Of the last record, hexadecimal: who keeps it can show later that nothing of this was changed. */
	readonly link: string;
	readonly problems: readonly Problem[];
}

/** Checks an export: no record changed, none missing between the first and the last. `site`: a serial and link that were kept before. */
export function verifyActions(
	file: string,
	crypto: Crypto,
	site?: { readonly serial: number; readonly link?: Uint8Array | undefined },
): ActionsReport {
	const problems: Problem[] = [];
	const problem = (reason: Problem["reason"], from: number, to = from): void => {
		problems.push({ reason, from, to, sector: -1 });
	};
	let first = 0;
	let last = 0;
	let records = 0;
	/** Of the line before; `undefined`: that is not known. */
	let link: Uint8Array | undefined;
	for (const text of lines(file)) {
		const line = readLine(text);
		if (line === undefined) {
			problem("bad-record", last + 1);
			link = undefined;
			if (last > 0) last++;
			continue;
		}
		const { record, serial } = line;
		if (first === 0) {
			link = serial === 1 ? firstLink(crypto) : line.before;
			if (link === undefined) problem("missing", 1, serial - 1);
		} else if (serial > last + 1) {
			problem("missing", last + 1, serial - 1);
			link = undefined;
		} else if (serial <= last) problem("bad-record", serial);
		if (!holds(line, link, crypto)) problem("bad-record", serial);
		first ||= serial;
		last = serial;
		records++;
		link = record.subarray(BODY_SIZE);
		if (site?.serial === serial && site.link !== undefined && !equal(site.link, link))
			problem("differs-from-site", serial);
	}
	if (site !== undefined && site.serial > last) problem("behind-site", last + 1, site.serial);
	return {
		...{ intact: problems.length === 0, first, last, records, problems },
		link: toHex(link ?? new Uint8Array()),
	};
}

function lines(file: string): string[] {
	return file.split("\n").filter((line) => line.trim() !== "");
}

/** Whether a record is that of its text, and follows the link before, where that is known. */
function holds({ at, body, record, serial }: Line, link: Uint8Array | undefined, crypto: Crypto): boolean {
	const made = actionRecord(serial, at, body, link ?? firstLink(crypto), crypto);
	const length = link === undefined ? BODY_SIZE : RECORD_SIZE;
	return equal(record.subarray(0, length), made.subarray(0, length));
}

interface Line {
	readonly serial: number;
	/** As the text says. */
	readonly at: number;
	readonly record: Uint8Array;
	readonly body: string;
	readonly before: Uint8Array | undefined;
}

function readLine(text: string): Line | undefined {
	const value = jsonOf(text) as Partial<Record<string, unknown>> | undefined;
	const { action, before, body, record } = value ?? {};
	if (typeof body !== "string" || typeof record !== "string") return undefined;
	if (!new RegExp(`^[0-9a-f]{${2 * RECORD_SIZE}}$`).test(record)) return undefined;
	if (before !== undefined && !(typeof before === "string" && /^[0-9a-f]{16}$/.test(before)))
		return undefined;
	const bytes = fromHex(record);
	const { serial } = decodeRecord(bytes);
	const at = (jsonOf(body) as { at?: unknown } | undefined)?.at;
	if (serial !== action || serial === 0 || typeof at !== "number") return undefined;
	return { serial, at, record: bytes, body, before: before === undefined ? undefined : fromHex(before) };
}

function jsonOf(text: string): unknown {
	try {
		return (JSON.parse(text) as unknown) ?? undefined;
	} catch {
		return undefined;
	}
}
