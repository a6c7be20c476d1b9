// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { LogReport } from "../../../protocol/log/findings.js";
import { decodeRecord, type LogEntry } from "../../../protocol/log/record.js";
import type { LogSource } from "../../../protocol/log/source.js";
import { verifyLog } from "../../../protocol/log/verify.js";
import { type Described, describe } from "./describe.js";

export type Format = "jsonl" | "csv";

const COLUMNS: readonly (keyof Described)[] = [
	"serial",
	"time",
	"trust",
	"event",
	"what",
	"detail",
	"value",
	"subject",
	"link",
];

/** What a plan file adds to an entry; a log has ids and UTC alone. */
export interface Named {
	/** The door whose log it is. */
	readonly door: string;
	/** Its time at the site, with the offset; empty while the clock was unset. */
	readonly local: string;
	/** Whose credential it was; empty where the plan has no such credential, or it is about none. */
	readonly person: string;
}

const NAMED: readonly (keyof Named)[] = ["local", "door", "person"];

/** RFC 4180: CRLF between lines, a header, quotes where needed. */
export function csvHeader(named = false): string {
	return csvLine([...COLUMNS, ...(named ? NAMED : [])]);
}

/** An entry of an export, with what its link is checked against where that is not the previous entry. */
export interface Exported {
	readonly entry: LogEntry;
	/** The checkpoint of the sector that begins with this entry, 160 bytes. */
	readonly checkpoint?: Uint8Array | undefined;
	/** The previous link, where an export begins inside a sector. */
	readonly before?: Uint8Array | undefined;
}

/**
 * One line of an export, with its end. JSON lines carry `checkpoint` and `before` too, in hexadecimal, so that
 * `verifyLines` can check links and signatures without the image.
 */
export function exportLine({ entry, checkpoint, before }: Exported, format: Format, named?: Named): string {
	const described = { ...describe(entry), ...named };
	if (format === "jsonl") {
		const more = {
			...(checkpoint && { checkpoint: toHex(checkpoint) }),
			...(before && { before: toHex(before) }),
		};
		return `${JSON.stringify({ ...described, ...more })}\n`;
	}
	const columns = [...COLUMNS.map((column) => described[column]), ...NAMED.map((name) => named?.[name])];
	return csvLine(columns.filter((value) => value !== undefined).map(String));
}

/** A line of a CSV file (RFC 4180). */
export function csvLine(fields: readonly string[]): string {
	return `${fields.map(csvField).join(",")}\r\n`;
}

/** A name that begins as a formula does gets an apostrophe: spreadsheets would run it. */
function csvField(text: string): string {
	const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** The entries of a log partition from `since` on, in order; those whose link does not hold are left out. */
export function readImage(flash: LogSource, crypto: Crypto, since = 0): Exported[] {
	return readReported(flash, crypto, since).entries;
}

/** As `readImage`, with the findings of a check of the log without its signatures. */
export function readReported(
	flash: LogSource,
	crypto: Crypto,
	since = 0,
): { readonly entries: Exported[]; readonly report: LogReport } {
	const entries: Exported[] = [];
	let link: Uint8Array | undefined;
	const report = verifyLog(flash, crypto, {}, (record, serial, checkpoint) => {
		const entry = decodeRecord(record);
		if (serial >= since) {
			const before = entries.length === 0 && checkpoint === undefined ? link : undefined;
			entries.push({ entry, checkpoint: checkpoint?.slice(), before });
		}
		link = entry.link;
	});
	return { entries, report };
}
