// SPDX-License-Identifier: Apache-2.0

import { CAUSES, COMMANDS, commandOf, EVENTS, wasDone } from "../../protocol/events.js";

/**
 * What a door remembers over a restart, as bits. It follows from the events of the log, and each checkpoint carries a copy
 * of it. The bits of `DECISIVE` are sealed apart as well; `restoredMemory` says what counts where the two differ.
 */
export const REMEMBERED = Object.freeze({
	/** Locked down by command. */
	lockdown: 1,
	/** Commanded to stay unlocked. */
	unlock: 2,
	/** Commanded to stay locked. */
	lock: 4,
	open: 8,
	warning: 16,
	held: 32,
	forced: 64,
	/** A granted entry whose outcome is not in the log. */
	pending: 128,
	/** Tamper was active. */
	tamper: 256,
	/** The fire input was active. */
	fire: 512,
	/** The lockdown input was active. */
	lockdownInput: 1024,
	/** The door was unlocked by a mode, whatever its cause. */
	unlocked: 2048,
	/** Opened without a cause, and neither excused nor called forced yet. */
	unexplained: 4096,
} as const);

const LOCKING = REMEMBERED.lockdown | REMEMBERED.lockdownInput | REMEMBERED.lock;
const UNLOCKING = REMEMBERED.unlock | REMEMBERED.fire;
/** What decides who gets in after a restart. So it is sealed as well as logged. */
export const DECISIVE = LOCKING | UNLOCKING;

const LOCKDOWN_ENDED = EVENTS["lockdown-ended"];
const FIRE_ENDED = EVENTS["fire-ended"];

/** Whether an event of this kind may change a bit of `DECISIVE`. */
export function isDecisive(kind: number): boolean {
	switch (kind) {
		case EVENTS.command:
		case EVENTS.lockdown:
		case LOCKDOWN_ENDED:
		case EVENTS.fire:
		case FIRE_ENDED:
			return true;
		default:
			return false;
	}
}

/**
 * What a start goes by: the log's memory, with the stricter of the log and the sealed state where they differ. They do after a
 * power cut between the two, which interrupted a command before it was answered, and where the log was written by a
 * stranger. What unlocks is what both say; what locks is what either does.
 */
export function restoredMemory(logged: number, sealed: number): number {
	return (logged & ~DECISIVE) | ((logged | sealed) & LOCKING) | (logged & sealed & UNLOCKING);
}

/** `memory` after one more event. */
export function remember(memory: number, kind: number, detail: number, value: number): number {
	switch (kind) {
		case EVENTS.decision:
			return (detail & 255) === 0 ? (memory | REMEMBERED.pending) & ~REMEMBERED.unexplained : memory;
		case EVENTS.outcome:
			return memory & ~REMEMBERED.pending;
		case EVENTS.command:
			return wasDone(value) ? rememberCommand(memory, commandOf(detail)) : memory;
		case EVENTS["door-opened"]:
			return opened(memory, detail);
		case EVENTS.exit:
			return detail === 0 ? memory & ~REMEMBERED.unexplained : memory;
		case EVENTS["door-closed"]:
			return memory & ~(REMEMBERED.open | REMEMBERED.warning | REMEMBERED.unexplained);
		case EVENTS["held-warning"]:
			return memory | REMEMBERED.warning;
		case EVENTS.held:
			return (memory | REMEMBERED.held) & ~REMEMBERED.warning;
		case EVENTS["held-ended"]:
			return memory & ~(REMEMBERED.held | REMEMBERED.warning);
		case EVENTS.forced:
			return (memory | REMEMBERED.forced) & ~REMEMBERED.unexplained;
		case EVENTS["forced-ended"]:
			return memory & ~REMEMBERED.forced;
		case EVENTS.unlocked:
			return (memory | REMEMBERED.unlocked) & ~REMEMBERED.unexplained;
		case EVENTS.locked:
			return memory & ~REMEMBERED.unlocked;
		case EVENTS.tamper:
			return memory | REMEMBERED.tamper;
		case EVENTS["tamper-ended"]:
			return memory & ~REMEMBERED.tamper;
		case EVENTS.fire:
			return memory | REMEMBERED.fire;
		case EVENTS["fire-ended"]:
			return memory & ~REMEMBERED.fire;
		case EVENTS.lockdown:
			return memory | lockdownBy(detail);
		case EVENTS["lockdown-ended"]:
			return memory & ~lockdownBy(detail);
		default:
			return memory;
	}
}

function opened(memory: number, cause: number): number {
	const now = (memory | REMEMBERED.open) & ~REMEMBERED.pending;
	return cause === CAUSES.none ? now | REMEMBERED.unexplained : now;
}

/** That of the schedule is not remembered: the plan says it again. */
function lockdownBy(cause: number): number {
	if (cause === CAUSES.command) return REMEMBERED.lockdown;
	return cause === CAUSES.lockdown ? REMEMBERED.lockdownInput : 0;
}

function rememberCommand(memory: number, command: number): number {
	switch (command) {
		case COMMANDS.open:
			return memory & ~REMEMBERED.unexplained;
		case COMMANDS.unlock:
			return (memory | REMEMBERED.unlock) & ~REMEMBERED.lock;
		case COMMANDS.lock:
			return (memory | REMEMBERED.lock) & ~REMEMBERED.unlock;
		case COMMANDS.normal:
			return memory & ~(REMEMBERED.lock | REMEMBERED.unlock);
		default:
			return memory;
	}
}
