// SPDX-License-Identifier: Apache-2.0

import { readUint16 } from "../../../protocol/bytes.js";
import { decodeSign1 } from "../../../protocol/credential/cose.js";
import {
	ACCESS_MASK,
	ACCESS_OTHER_DOOR,
	ACCESS_REVOKED,
	decodeDelta,
	FLAG,
	ID,
	RECORD,
} from "../../../protocol/plan/format.js";
import type { HeldPlan } from "../door-plan.js";

/** What a door's reader said last that it has. */
export interface DoorHas {
	readonly epoch: number;
	readonly version: number;
	/** Sequence of the newest revocation notice. */
	readonly notice: number;
}

/** What the site wants of a credential at a door. */
export type Wanted =
	| {
			readonly kind: "listed";
			/** Whether its user may open there at some time. */
			readonly hasAccess: boolean;
			readonly suspended: boolean;
			/** Periods, as the plan's records have them. */
			readonly from: number;
			readonly until: number;
	  }
	/** `notice`: where it is said; `undefined`: in none yet. */
	| {
			readonly kind: "revoked";
			readonly notice: { readonly epoch: number; readonly sequence: number } | undefined;
	  };

/**
 * Whether a door's reader has the credential of this id as the site wants it. `plan`: the newest that is signed for the door. What changed since for
 * other people counts not: a plan that the reader has not yet taken is looked through for this credential alone.
 */
export function reaches(id: Uint8Array, wanted: Wanted, plan: HeldPlan | undefined, has: DoorHas): boolean {
	if (wanted.kind === "revoked") {
		const { notice } = wanted;
		if (notice !== undefined && has.epoch === notice.epoch && has.notice >= notice.sequence) return true;
		return notice !== undefined && has.epoch > notice.epoch && has.version > 0;
	}
	if (plan === undefined || has.epoch !== plan.epoch || !isListed(plan.image.records, id, wanted))
		return false;
	return has.version >= plan.image.version || !isTouched(plan, has.version, id);
}

function isListed(
	records: Uint8Array,
	id: Uint8Array,
	{ from, hasAccess, suspended, until }: Extract<Wanted, { kind: "listed" }>,
): boolean {
	const at = find(records, id);
	if (at < 0) return !hasAccess;
	const bits = readUint16(records, at + ID);
	const access = bits & ACCESS_MASK;
	if (access === ACCESS_REVOKED || (access !== ACCESS_OTHER_DOOR) !== hasAccess) return false;
	if (!hasAccess) return true;
	const isPaused = ((bits >> 11) & FLAG.suspended) !== 0;
	return (
		isPaused === suspended && readUint24(records, at + 10) === from && readUint24(records, at + 13) === until
	);
}

/** Whether one of the deltas that lead from `version` to the plan is about this credential; true where they are not known. */
function isTouched({ deltas }: HeldPlan, version: number, id: Uint8Array): boolean {
	const from = deltas.findIndex(({ base }) => base === version);
	if (from < 0) return true;
	return deltas.slice(from).some(({ envelope }) => {
		const { payload } = decodeSign1(envelope);
		const delta = decodeDelta(payload);
		if (delta === undefined) return true;
		const names = (at: number, count: number, size: number): boolean => {
			for (let i = 0; i < count; i++) if (compareAt(payload, at + i * size, id) === 0) return true;
			return false;
		};
		const { puts, putsAt, removes, removesAt, revokes, revokesAt } = delta;
		return names(removesAt, removes, ID) || names(revokesAt, revokes, ID) || names(putsAt, puts, RECORD);
	});
}

/** Where the id's record begins, which are in the order of their ids; -1: there is none. */
function find(records: Uint8Array, id: Uint8Array): number {
	let low = 0;
	let high = records.length / RECORD;
	while (low < high) {
		const middle = (low + high) >> 1;
		const order = compareAt(records, middle * RECORD, id);
		if (order === 0) return middle * RECORD;
		if (order < 0) low = middle + 1;
		else high = middle;
	}
	return -1;
}

/** In place: one answer looks through some ten thousand plans. */
function compareAt(bytes: Uint8Array, at: number, id: Uint8Array): number {
	for (let i = 0; i < ID; i++) {
		const order = bytes[at + i]! - id[i]!;
		if (order !== 0) return order;
	}
	return 0;
}

function readUint24(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 16) | readUint16(bytes, at + 1);
}
