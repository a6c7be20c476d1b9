// SPDX-License-Identifier: Apache-2.0

import { EVENTS, PARTS, RESTARTS } from "../../protocol/events.js";
import { decodeRecord, type LogEntry, RECORD_SIZE } from "../../protocol/log/record.js";
import { REASONS } from "../../protocol/reasons.js";
import type { AlarmKind } from "../lib/alarm-kinds.js";
import type { DoorNews } from "../lib/sync/books.js";
import type { Store } from "./store/store.js";

/** Alarms of records: which kind begins one, and which ends it. Of faults of inputs one may end and another go on: they have no end. */
const BEGINS: ReadonlyMap<number, AlarmKind> = new Map([
	[EVENTS.forced, "forced"],
	[EVENTS.held, "held"],
	[EVENTS.tamper, "tamper"],
	[EVENTS.fire, "fire"],
	[EVENTS["input-fault"], "input-fault"],
	[EVENTS["relay-lapsed"], "relay-lapsed"],
]);
const ENDS: ReadonlyMap<number, AlarmKind> = new Map([
	[EVENTS["forced-ended"], "forced"],
	[EVENTS["held-ended"], "held"],
	[EVENTS["tamper-ended"], "tamper"],
	[EVENTS["fire-ended"], "fire"],
]);
/** Starts that are asked for, or are at the board itself. */
const EXPECTED_STARTS: readonly number[] = [RESTARTS.software, RESTARTS["reset-pin"]];

/** What happened longer ago is history, s: a log that comes for the first time alarms nobody. */
const MAX_AGE_S = 7 * 86_400;
/** So many denials at a door within so long are an alarm. */
const DENIALS = 5;
const DENIALS_S = 600;

interface Where {
	readonly door: string;
	/** The store's number of the reader. */
	readonly reader: number;
}

/** Raises and ends the alarms that records of a reader's log tell of, in the transaction that keeps them; events of the feed say so. */
export async function alarmsOfLog(
	tx: Store,
	{ door, reader }: Where,
	records: Uint8Array,
	received: number,
): Promise<void> {
	for (let at = 0; at < records.length; at += RECORD_SIZE) {
		const entry = decodeRecord(records.subarray(at, at + RECORD_SIZE));
		const when = happened(entry, received);
		const ended = ENDS.get(entry.kind);
		if (ended !== undefined) await end(tx, door, ended, when, received);
		if (when < received - MAX_AGE_S) continue;
		const kind = kindOf(entry);
		if (kind !== undefined) {
			const { detail, serial, value } = entry;
			await raise(tx, { kind, door, at: when, raised: received, reader, serial, details: { detail, value } });
		}
		if (isDenial(entry)) await deniedOften(tx, { door, reader }, when, received);
	}
}

/** What is to be raised or ended of what a door says by itself, or is found to be; `undefined`: nothing. */
export function alarmsOfNews(
	door: string,
	reader: number | undefined,
	news: DoorNews,
	at: number,
): ((tx: Store) => Promise<void>) | undefined {
	const once =
		(kind: AlarmKind, details = {}) =>
		(tx: Store) =>
			raiseOnce(tx, kind, door, at, details);
	switch (news.kind) {
		case "alarm":
			// With the log it comes again, and is one alarm with that.
			return reader === undefined ? undefined : (tx) => alarmAhead(tx, { door, reader }, news.record, at);
		case "health":
			// It finds that its time is not the site's; a hello may be from before it was told that.
			return news.health.failing & (1 << PARTS.clock)
				? once("clock-off")
				: (tx) => end(tx, door, "clock-off", at, at);
		case "other-log":
			return once("log-fork", { serial: news.serial });
		case "log-behind":
			return once("log-fork", { last: news.last, site: news.site });
		case "other-list":
			return once("list-fork");
		case "two-readers":
			return once("two-readers");
		default:
			return undefined;
	}
}

async function alarmAhead(tx: Store, where: Where, record: Uint8Array, received: number): Promise<void> {
	const entry = decodeRecord(record);
	const kind = BEGINS.get(entry.kind);
	if (kind === undefined) return;
	const { detail, serial, value } = entry;
	const at = happened(entry, received);
	await raise(tx, { kind, ...where, at, raised: received, serial, details: { detail, value } });
}

function kindOf({ detail, kind, serial }: LogEntry): AlarmKind | undefined {
	// The first of a log is the reader's commissioning.
	if (kind === EVENTS.restart && serial > 1 && !EXPECTED_STARTS.includes(detail & 255)) return "restarted";
	return BEGINS.get(kind);
}

function isDenial({ detail, kind }: LogEntry): boolean {
	return kind === EVENTS.decision && (detail & 255) !== REASONS.granted;
}

function happened({ time, trust }: LogEntry, received: number): number {
	return trust === "unset" ? received : Math.min(time, received);
}

/** Counted since the last such alarm, so that who goes on is told of again once that was acknowledged. */
async function deniedOften(tx: Store, { door, reader }: Where, at: number, received: number): Promise<void> {
	const last = await tx.alarms.newest(door, "denied-often");
	if (last !== undefined && last.acknowledged === undefined) return;
	const from = Math.max(at - DENIALS_S, (last?.at ?? 0) + 1);
	const count = await tx.log.denials(reader, from, at);
	if (count >= DENIALS)
		await raise(tx, {
			kind: "denied-often",
			door,
			at,
			raised: received,
			details: { count, within: DENIALS_S },
		});
}

/** Where one of the kind is open at the door already, it is that. */
async function raiseOnce(
	tx: Store,
	kind: AlarmKind,
	door: string,
	at: number,
	details: Readonly<Record<string, number>>,
): Promise<void> {
	const last = await tx.alarms.newest(door, kind);
	if (
		last !== undefined &&
		(last.acknowledged === undefined || (kind === "clock-off" && last.ended === undefined))
	)
		return;
	await raise(tx, { kind, door, at, raised: at, details });
}

async function raise(tx: Store, alarm: Parameters<Store["alarms"]["raise"]>[0]): Promise<void> {
	const id = await tx.alarms.raise(alarm);
	const { door, kind, raised } = alarm;
	if (id !== undefined)
		await tx.feed.add({ at: raised, kind: "alarm-raised", door, body: { alarm: id, kind } });
}

async function end(tx: Store, door: string, kind: AlarmKind, at: number, received: number): Promise<void> {
	const ids = await tx.alarms.end(door, kind, at);
	for (const alarm of ids)
		await tx.feed.add({ at: received, kind: "alarm-ended", door, body: { alarm, kind } });
}
