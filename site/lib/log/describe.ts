// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import {
	CAUSES,
	COMMANDS,
	CONFIGURATION_CHANGES,
	commandOf,
	DECISION_FLAGS,
	type EventName,
	eventName,
	INPUT_FAULTS,
	INPUTS,
	LINKS,
	ORIGINS,
	OUTCOMES,
	PARTS,
	READER_COMMANDS,
	RESTARTS,
	SYNC_ENDS,
	TIME_SOURCES,
	wasDone,
} from "../../../protocol/events.js";
import { KEPT } from "../../../protocol/log/kept.js";
import type { LogEntry } from "../../../protocol/log/record.js";
import { planRefusalOf } from "../../../protocol/plan/envelope.js";
import { reasonOf } from "../../../protocol/reasons.js";

/** What the fields of a kind mean, for docs/log.md and for readers of an export. */
interface Meaning {
	readonly means: string;
	readonly detail?: string;
	readonly value?: string;
	readonly subject?: string;
}

export const MEANINGS: Readonly<Record<EventName, Meaning>> = {
	restart: {
		means: "the reader started",
		detail:
			"low byte: cause, table RESTARTS (docs/reasons.md); high byte: starts in a row before it that failed",
		value: "torn slots found",
		subject: "reader: first 8 bytes of the SHA-256 of its public key",
	},
	"clock-set": {
		means: "wall time was set; the record has the new time",
		detail: "low byte: trust before (0 unset, 1 restored, 2 synced); high byte: table TIME_SOURCES",
		value: "time before, seconds",
	},
	configuration: {
		means: "the configuration changed",
		detail:
			"0 applied by cable, 1 reset, 2 commissioned, 3 a trust list came into force, 4 certified anew, 5 a former site's log was erased, 6 its server was set or forgotten, 7 one that was signed came from the site, 8 the site has set sounds, spread or a network, 9 that network brought no session, and the one before it is back",
		value: "its revision; of a trust list its version, of a log its last serial",
		subject:
			"of a log: the reader that had signed it, as in `restart`; of one that was signed, the installer's key: its first 8 bytes",
	},
	plan: {
		means: "an access plan, or a change to it, came into force or was refused",
		detail: "0 in force, else the reason of the refusal",
		value: "its version",
	},
	sync: {
		means: "a session with the site",
		detail: "low byte 1 began, 0 ended; then the high byte is of table SYNC_ENDS",
		subject: "first 8 bytes of the server's public key",
	},
	acknowledged: { means: "the site has everything up to a serial", value: "that serial" },
	gap: {
		means: "records overwritten before the site had them",
		value: "first serial lost",
		subject: "last serial lost, 4 bytes; 4 zeros",
	},
	repeated: {
		means: "more events of a kind than the log takes singly",
		detail: "the kind; of denials, the reason in the high byte",
		value: "how many were left out",
		subject: "of denials, the credential",
	},
	firmware: { means: "another firmware runs", value: "its version" },
	service: {
		means: "somebody worked on the reader over its cable",
		detail: "1 a proof admitted, 0 a proof refused, 2 a command without authority refused",
		value:
			"of proofs, how many were turned away unheard since the one before; of commands, how many more were refused",
		subject: "of proofs, first 8 bytes of the SHA-256 of the key; of commands, the client, zeros for Improv",
	},
	health: {
		means: "a part of the reader",
		detail: "part in the high byte; low byte 1 failed, 0 works again",
	},
	revocation: {
		means: "a revocation notice came into force",
		detail: "how many credentials it revokes",
		value: "its sequence",
	},
	decision: {
		means: "a credential was granted or denied",
		detail:
			"reason in the low byte (docs/reasons.md); high byte: link (0 NFC, 1 BLE, 3 QR), 16 extended, 32 first person, 64 passage, 128 by a schedule on restored time",
		value: "version of the plan that decided",
		subject: "the credential's `cti`",
	},
	outcome: { means: "what became of granted entries", detail: "table OUTCOMES", value: "how many" },
	exit: { means: "request-to-exit was pressed", detail: "1 where the settings ignore it" },
	command: {
		means: "a command to the door",
		detail: "low byte: tables COMMANDS, READER_COMMANDS; high byte: table ORIGINS",
		value:
			"low byte 1 where it was refused; above it, the seconds of an open (0: the strike time) or of identify",
		subject: "of one by the site: who gave it",
	},
	"door-opened": {
		means: "the door opened",
		detail: "cause, table CAUSES",
		value: "granted entries that it settles",
	},
	"door-closed": { means: "the door closed", detail: "9 where it did while the reader was off" },
	unlocked: { means: "the door stays unlocked from here", detail: "cause" },
	locked: { means: "it is locked again", detail: "cause that kept it unlocked" },
	"held-warning": { means: "open for long: the pre-alarm" },
	held: { means: "held open: the alarm" },
	"held-ended": { means: "pre-alarm or alarm ended", detail: "0 by closing, else the cause" },
	forced: { means: "opened without a cause: the alarm" },
	"forced-ended": { means: "that alarm ended", detail: "0 by closing, else the cause" },
	lockdown: {
		means: "lockdown",
		detail: "3 by command, 4 by schedule, 8 by its input, 11 by notice",
		value: "of a notice: its sequence",
	},
	"lockdown-ended": { means: "lockdown released", detail: "as above" },
	fire: { means: "the fire input is active" },
	"fire-ended": { means: "the fire input is normal" },
	tamper: { means: "the tamper contact is active" },
	"tamper-ended": { means: "the tamper contact is normal" },
	"input-fault": { means: "a line or input is at fault", detail: "input in the high byte, fault in the low" },
	"input-restored": { means: "it is well again", detail: "input in the high byte" },
	"relay-lapsed": { means: "the firmware was late and the relay fell off", value: "how often" },
};

/** An entry as an export shows it. */
export interface Described {
	readonly serial: number;
	/** ISO 8601 in UTC, or `start+SECONDS` while the clock was unset. */
	readonly time: string;
	readonly trust: LogEntry["trust"];
	readonly event: string;
	/** `detail` and `value` in words, where the kind has any. */
	readonly what: string;
	readonly detail: number;
	readonly value: number;
	readonly subject: string;
	readonly link: string;
}

export function describe(entry: LogEntry): Described {
	const { serial, trust, detail, value } = entry;
	return {
		serial,
		time:
			trust === "unset"
				? `start+${entry.time}`
				: new Date(entry.time * 1000).toISOString().replace(".000Z", "Z"),
		trust,
		event: nameOf(entry.kind),
		what: words(entry),
		detail,
		value,
		subject: toHex(entry.subject),
		link: toHex(entry.link),
	};
}

/** A copy that the log keeps is `kept-…`. */
function nameOf(kind: number): string {
	const name = eventName(kind & ~KEPT);
	if (name === undefined) return `kind-${kind}`;
	return kind & KEPT ? `kept-${name}` : name;
}

/** One record in a line, for people. */
export function inWords(entry: LogEntry): string {
	const { event, what, subject } = describe(entry);
	const is = entry.subject.some((byte) => byte !== 0);
	const role = /decision|repeated/.test(event) ? "credential" : /command/.test(event) ? "by" : undefined;
	return `${event}${what === "" ? "" : ` ${what}`}${role !== undefined && is ? ` ${role} ${subject}` : ""}`;
}

/** Describes `detail` and `value` of an event in words; empty where its kind has none. */
export function words({
	kind,
	detail,
	value,
	subject,
}: Pick<LogEntry, "kind" | "detail" | "value" | "subject">): string {
	const name = eventName(kind & ~KEPT);
	switch (name) {
		case "decision":
			return decision(detail);
		case "restart":
			return restart(detail);
		case "clock-set":
			return detail >> 8 === TIME_SOURCES.set ? "" : `from ${nameIn(TIME_SOURCES, detail >> 8)}`;
		case "outcome":
			return nameIn(OUTCOMES, detail);
		case "command":
			return command(detail, value);
		case "exit":
			return detail === 1 ? "refused" : "";
		case "configuration":
			if (detail === CONFIGURATION_CHANGES.trust) return `trust list ${value} in force`;
			if (detail === CONFIGURATION_CHANGES.erased)
				return `a former site's log was erased, whose last record was ${value}`;
			return nameIn(CONFIGURATION_CHANGES, detail);
		case "health":
			return `${nameIn(PARTS, detail >> 8)} ${(detail & 255) === 0 ? "works again" : "failed"}`;
		case "service":
			return service(detail, value);
		case "gap":
			return `${value}..${new DataView(subject.buffer, subject.byteOffset).getUint32(0)}`;
		case "plan":
			return detail === 0 ? `${value} in force` : `refused: ${planRefusalOf(detail) ?? detail}`;
		case "revocation":
			return `notice ${value} in force, of ${detail} credential${detail === 1 ? "" : "s"}`;
		case "sync":
			return (detail & 255) === 1 ? "session" : `session ended: ${nameIn(SYNC_ENDS, detail >> 8)}`;
		case "repeated":
			return repeated(detail, value);
		case "input-fault":
			return `${nameIn(INPUTS, detail >> 8)} ${nameIn(INPUT_FAULTS, detail & 255)}`;
		case "input-restored":
			return nameIn(INPUTS, detail >> 8);
		case "door-opened":
		case "unlocked":
		case "locked":
		case "held-ended":
		case "forced-ended":
		case "door-closed":
		case "lockdown":
		case "lockdown-ended":
			return detail === 0 ? (name === "door-opened" ? "without cause" : "") : nameIn(CAUSES, detail);
		default:
			return "";
	}
}

function command(detail: number, value: number): string {
	const seconds = value >> 8;
	const origin = detail >> 8;
	const parts = [nameIn({ ...COMMANDS, ...READER_COMMANDS }, commandOf(detail))];
	if (seconds > 0) parts.push(`for ${seconds} s`);
	if (origin !== ORIGINS.cable) parts.push(`from ${nameIn(ORIGINS, origin)}`);
	if (!wasDone(value)) parts.push("refused");
	return parts.join(" ");
}

function repeated(detail: number, value: number): string {
	const kind = eventName(detail & 255) ?? String(detail & 255);
	const reason = detail >> 8;
	return `${kind}${reason === 0 ? "" : ` denied ${reasonOf(reason) ?? reason}`}, ${value} times`;
}

function service(detail: number, value: number): string {
	if (detail === 2) return `command refused${value > 0 ? `, ${value} more before` : ""}`;
	return `${detail === 1 ? "admitted" : "refused"}${value > 0 ? `, ${value} turned away unheard before` : ""}`;
}

function restart(detail: number): string {
	const cause = nameIn(RESTARTS, detail & 255);
	const failed = detail >> 8;
	return failed === 0 ? cause : `${cause}, ${failed} failed start${failed === 1 ? "" : "s"} before`;
}

function decision(detail: number): string {
	const flags = detail >> 8;
	const parts = [
		(detail & 255) === 0 ? "granted" : `denied ${reasonOf(detail & 255) ?? detail & 255}`,
		`by ${nameIn(LINKS, flags & 15)}`,
	];
	if (flags & DECISION_FLAGS.extended) parts.push("extended");
	if (flags & DECISION_FLAGS.firstPerson) parts.push("first-person");
	if (flags & DECISION_FLAGS.passage) parts.push("passage");
	if (flags & DECISION_FLAGS.restoredTime) parts.push("on restored time");
	return parts.join(" ");
}

function nameIn(table: Readonly<Record<string, number>>, code: number): string {
	for (const [name, value] of Object.entries(table)) if (value === code) return name;
	return String(code);
}
