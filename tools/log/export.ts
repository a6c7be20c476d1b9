import type { Crypto, Flash } from "../../hal/contracts.js";
import { decodeRecord, type LogEntry } from "../../src/audit/record.js";
import { verifyLog } from "../../src/audit/verify.js";
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

/** RFC 4180: CRLF between lines, a header, quotes where needed. */
export function csvHeader(): string {
	return `${COLUMNS.join(",")}\r\n`;
}

/** One line of an export, with its end. */
export function exportLine(entry: LogEntry, format: Format): string {
	const described = describe(entry);
	if (format === "jsonl") return `${JSON.stringify(described)}\n`;
	return `${COLUMNS.map((column) => csvField(String(described[column]))).join(",")}\r\n`;
}

function csvField(text: string): string {
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The entries of a log partition from `since` on, in order; those whose link does not hold are left out. */
export function readImage(flash: Flash, crypto: Crypto, since = 0): LogEntry[] {
	const entries: LogEntry[] = [];
	verifyLog(flash, crypto, {}, (record, serial) => {
		if (serial >= since) entries.push(decodeRecord(record));
	});
	return entries;
}
