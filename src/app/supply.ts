// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../../hal/contracts/chip.js";
import {
	CAUSES,
	COMMANDS,
	commandOf,
	EVENTS,
	type EventSink,
	OUTCOMES,
	wasDone,
} from "../../protocol/events.js";
import { decodeRecord, type LogEntry } from "../../protocol/log/record.js";
import type { AuditLog } from "../log/log.js";
import { AHEAD } from "../log/recovery.js";
import type { Device } from "./device.js";
import type { Health } from "./health.js";

/** Records before the restart in which its release is looked for. */
const LOOK_BACK = 4;

/**
 * The event that had released the lock when the supply sagged, where it is the likely cause of this start; its subject is
 * the holder's credential, zeros for request-to-exit and commands. `log` is open: its last record is the restart.
 */
export function cutRelease(log: AuditLog, cause: RestartCause): LogEntry | undefined {
	if (cause !== "brown-out" && cause !== "power-on") return undefined;
	const cursor = log.read(Math.max(log.oldest, log.last - LOOK_BACK), new Uint8Array(AHEAD));
	let release: LogEntry | undefined;
	for (let record = cursor.next(); record !== undefined; record = cursor.next()) {
		const entry = decodeRecord(record);
		if (entry.serial === log.last) break;
		if (releases(entry)) release = entry;
		else if (endsRelease(entry)) release = undefined;
	}
	// A deep sag looks like power that comes. An exit or a command may have ended long before that: the log does not say.
	return cause === "brown-out" || release?.kind === EVENTS.decision ? release : undefined;
}

function releases({ kind, detail, value }: LogEntry): boolean {
	if (kind === EVENTS.decision) return (detail & 255) === 0;
	if (kind === EVENTS.exit) return detail === 0;
	if (kind === EVENTS.command) return commandOf(detail) === COMMANDS.open && wasDone(value);
	return kind === EVENTS.unlocked;
}

function endsRelease({ kind, detail }: LogEntry): boolean {
	return (
		kind === EVENTS["door-opened"] ||
		kind === EVENTS.locked ||
		(kind === EVENTS.outcome && detail !== OUTCOMES.restart)
	);
}

/** The supply has failed under the lock: until it has carried a release to its end. */
export function awaitRelease({ events, platform }: Device, health: Health): void {
	health.report("supply", false, "it sagged when the lock was released");
	// Out of the door's step, in which events come.
	const carried = platform.clock.alarm(() => {
		carried.close();
		health.report("supply", true, "it carried the lock's release");
	});
	const listener: EventSink = (kind, detail) => {
		const opened = kind === EVENTS["door-opened"] && detail !== CAUSES.none && detail !== CAUSES.restart;
		if (!opened && kind !== EVENTS.outcome) return;
		events.listeners.delete(listener);
		carried.set(0);
	};
	events.listeners.add(listener);
}
