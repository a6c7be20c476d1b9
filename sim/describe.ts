/** A record of the log in words, short. `lintel log export` has all of it. */
import { eventName } from "../src/audit/events.js";
import type { LogEntry } from "../src/audit/record.js";
import { toHex } from "../src/bytes.js";
import { reasonOf } from "../src/reasons.js";

export function describeEntry(entry: LogEntry): string {
	const name = eventName(entry.kind) ?? `event ${entry.kind}`;
	if (name !== "decision") return name;
	const reason = reasonOf(entry.detail & 255) ?? "?";
	const link = ["NFC", "BLE", "other"][(entry.detail >> 8) & 15] ?? "?";
	const who = entry.subject.some((byte) => byte !== 0) ? ` credential ${toHex(entry.subject)}` : "";
	return reason === "granted" ? `granted over ${link},${who}` : `denied over ${link}: ${reason}${who}`;
}
