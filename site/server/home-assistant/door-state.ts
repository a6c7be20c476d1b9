// SPDX-License-Identifier: Apache-2.0

import { CAUSES, EVENTS } from "../../../protocol/events.js";
import { KEPT } from "../../../protocol/log/kept.js";
import type { DoorRecord } from "./site-doors.js";

/** How a door is, as its log says; `undefined`: nothing says so. */
export interface DoorState {
	/** The reader whose records these are. */
	readonly reader: number | undefined;
	/** By its contact. */
	readonly open: boolean | undefined;
	/** Until further notice, by schedule, command, passage mode or fire: the moments after a tap are not in it. */
	readonly unlocked: boolean | undefined;
	readonly forced: boolean;
	readonly held: boolean;
	readonly tamper: boolean;
	readonly fire: boolean;
	/** Causes of lockdown, a bit each. */
	readonly lockdown: number;
	/** Inputs at fault, a bit each. */
	readonly faults: number;
	/** The newest entry that was granted. */
	readonly entry: { readonly at: number; readonly person: string | undefined } | undefined;
}

export const UNKNOWN: DoorState = Object.freeze({
	reader: undefined,
	open: undefined,
	unlocked: undefined,
	forced: false,
	held: false,
	tamper: false,
	fire: false,
	lockdown: 0,
	faults: 0,
	entry: undefined,
});

/** `state` after one more record. Another reader begins anew. */
export function afterRecord(state: DoorState, record: DoorRecord): DoorState {
	// A copy of an older record says nothing of now.
	if (record.kind & KEPT) return state;
	const own = record.reader === state.reader ? state : { ...UNKNOWN, reader: record.reader };
	return { ...own, ...changeBy(own, record) };
}

function changeBy(state: DoorState, { detail, kind, ...record }: DoorRecord): Partial<DoorState> {
	switch (kind) {
		case EVENTS.restart:
			// A door that was unlocked before says `unlocked` or `locked` once more.
			return { unlocked: state.unlocked ?? false };
		case EVENTS["door-opened"]:
			return { open: true };
		case EVENTS["door-closed"]:
			return { open: false };
		case EVENTS.unlocked:
			return { unlocked: true };
		case EVENTS.locked:
			return { unlocked: false };
		case EVENTS.forced:
			return { forced: true };
		case EVENTS["forced-ended"]:
			return { forced: false };
		case EVENTS.held:
			return { held: true };
		case EVENTS["held-ended"]:
			return { held: false };
		case EVENTS.tamper:
			return { tamper: true };
		case EVENTS["tamper-ended"]:
			return { tamper: false };
		case EVENTS.fire:
			return { fire: true };
		case EVENTS["fire-ended"]:
			return { fire: false };
		case EVENTS.lockdown:
			return { lockdown: state.lockdown | causeBit(detail) };
		case EVENTS["lockdown-ended"]:
			return { lockdown: state.lockdown & ~causeBit(detail) };
		case EVENTS["input-fault"]:
			return { faults: state.faults | inputBit(detail) };
		case EVENTS["input-restored"]:
			return { faults: state.faults & ~inputBit(detail) };
		case EVENTS.decision:
			return (detail & 255) === 0 ? { entry: entryOf(record) } : {};
		default:
			return {};
	}
}

function entryOf({ person, received, time, trust }: Omit<DoorRecord, "detail" | "kind">): DoorState["entry"] {
	return { at: trust === "unset" ? received : time, person };
}

function causeBit(cause: number): number {
	return cause <= CAUSES.notice ? 1 << cause : 0;
}

/** High byte of `detail`: the input. */
function inputBit(detail: number): number {
	const input = detail >> 8;
	return input < 31 ? 1 << input : 0;
}

/** Kinds of records that `afterRecord` goes by. */
export const TELLING: readonly number[] = Object.freeze(
	(
		[
			...["restart", "door-opened", "door-closed", "unlocked", "locked", "forced", "forced-ended"],
			...["held", "held-ended", "tamper", "tamper-ended", "fire", "fire-ended", "lockdown", "lockdown-ended"],
			...["input-fault", "input-restored", "decision"],
		] as (keyof typeof EVENTS)[]
	).map((name) => EVENTS[name]),
);
