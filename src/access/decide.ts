// SPDX-License-Identifier: Apache-2.0

import type { TimeTrust } from "../../hal/contracts/time.js";
import { EPOCH, FLAG, NO_END, PERIOD } from "../../protocol/plan/format.js";
import type { PlanTables } from "../../protocol/plan/tables.js";
import type { Decision, Reason } from "../../protocol/reasons.js";
import type { PlanEntry } from "./plan-entry.js";

/** What the plan as a whole says. A `PlanStore` is one. */
export interface PlanView {
	/** Why there is none in force, where there is none. */
	readonly absence: "no-plan" | "plan-damaged" | undefined;
	/** Seconds since 1970. */
	readonly issued: number;
	/** Seconds since 1970; 0: never. */
	readonly expires: number;
	readonly tables: PlanTables | undefined;
}

/** The claims of a verified credential that limit it. Seconds since 1970. */
export interface Limits {
	readonly notBefore?: number | undefined;
	readonly expires?: number | undefined;
}

/** What the door knows at this moment. */
export interface DoorSituation {
	readonly lockdown: boolean;
	/** Its mode admits the first person alone, and that person has not come. */
	readonly awaitingFirstPerson: boolean;
}

const SYNCED = "synced";
const UNSET = "unset";
const RESTORED = "restored";
const IS_DAMAGED = "damaged";
const IS_REVOKED = "revoked";
const IS_ABSENT = "absent";
const OF_OTHER_DOOR = "other-door";
const NEVER = "never";
const TIME = "time";
const ALWAYS = "always";

function constant(reason: Reason): Decision {
	return Object.freeze({ granted: reason === "granted", reason });
}

const GRANTED = /* @__PURE__ */ constant("granted");
const GRANTED_ON_RESTORED_TIME: Decision = /* @__PURE__ */ Object.freeze({
	granted: true,
	reason: "granted",
	restoredTime: true,
});
const NO_PLAN = /* @__PURE__ */ constant("no-plan");
const DAMAGED = /* @__PURE__ */ constant("plan-damaged");
const UNKNOWN = /* @__PURE__ */ constant("unknown-credential");
const REVOKED = /* @__PURE__ */ constant("revoked");
const WRONG_DOOR = /* @__PURE__ */ constant("wrong-door");
const SUSPENDED = /* @__PURE__ */ constant("suspended");
const LOCKDOWN = /* @__PURE__ */ constant("lockdown");
const CLOCK_UNSET = /* @__PURE__ */ constant("clock-unset");
const EXPIRED = /* @__PURE__ */ constant("expired");
const NOT_YET_VALID = /* @__PURE__ */ constant("not-yet-valid");
const PLAN_EXPIRED = /* @__PURE__ */ constant("plan-expired");
const OUTSIDE_SCHEDULE = /* @__PURE__ */ constant("outside-schedule");
const AWAITING = /* @__PURE__ */ constant("awaiting-first-person");

/**
 * The wall time that the plan lets count, seconds since 1970; `undefined` where it is as good as unset. Restored time is moved up
 * to the plan's own date, which the site has signed. It counts as unset where the plan asks for that (`strictTime`), or where it
 * may be off by more than the plan's bound. `error`: how far it may be off, s.
 */
export function knownTime(plan: PlanView, wall: number, trust: TimeTrust, error: number): number | undefined {
	if (trust === SYNCED) return wall;
	if (trust === UNSET) return undefined;
	const { tables } = plan;
	if (tables !== undefined && (tables.strictTime || error > tables.maxClockError)) return undefined;
	return Math.max(wall, plan.issued);
}

/**
 * Whether the door opens for a verified credential. Pure; the first thing that speaks against it is the reason:
 * no plan, the record (revoked before anything else), the door's lockdown, the time unknown where it is needed, the
 * credential's own limits, the plan's end, the record's validity, the schedule, the first person.
 */
export function decide(
	plan: PlanView,
	record: PlanEntry,
	limits: Limits,
	door: DoorSituation,
	wall: number,
	trust: TimeTrust,
	error: number,
): Decision {
	const tables = plan.tables;
	if (plan.absence !== undefined || tables === undefined) {
		return plan.absence === "plan-damaged" ? DAMAGED : NO_PLAN;
	}
	if (record.kind === IS_REVOKED) return REVOKED;
	if (record.kind === IS_DAMAGED) return DAMAGED;
	if (record.kind === IS_ABSENT) return UNKNOWN;
	if (record.kind === OF_OTHER_DOOR) return WRONG_DOOR;
	const flags = record.flags;
	if ((flags & FLAG.suspended) !== 0) return SUSPENDED;
	if (door.lockdown && (flags & FLAG.override) === 0) return LOCKDOWN;

	const need = tables.need(record.access);
	const now = knownTime(plan, wall, trust, error);
	if (now === undefined) {
		if (need === NEVER) return OUTSIDE_SCHEDULE;
		if (
			need === TIME ||
			plan.expires !== 0 ||
			limits.notBefore !== undefined ||
			limits.expires !== undefined ||
			record.from !== 0 ||
			record.until !== NO_END
		)
			return CLOCK_UNSET;
	} else {
		if (limits.expires !== undefined && now >= limits.expires) return EXPIRED;
		if (limits.notBefore !== undefined && now < limits.notBefore) return NOT_YET_VALID;
		if (plan.expires !== 0 && now >= plan.expires) {
			if ((flags & FLAG.grace) === 0 || now >= plan.expires + tables.grace) return PLAN_EXPIRED;
		}
		if (record.until !== NO_END && now >= EPOCH + record.until * PERIOD) return EXPIRED;
		if (record.from !== 0 && now < EPOCH + record.from * PERIOD) return NOT_YET_VALID;
		if (need !== ALWAYS && !tables.admits(record.access, now)) return OUTSIDE_SCHEDULE;
	}
	if (door.awaitingFirstPerson && (flags & FLAG.first) === 0) return AWAITING;
	return need === TIME && trust === RESTORED ? GRANTED_ON_RESTORED_TIME : GRANTED;
}
