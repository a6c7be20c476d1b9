// SPDX-License-Identifier: Apache-2.0

import { EPOCH, NO_END, PERIOD } from "../../../protocol/plan/format.js";
import { parseTimeZone, type TimeZone } from "../../../protocol/plan/tz.js";
import { PlanDocumentError } from "../../lib/plan/document.js";
import { validity } from "../../lib/plan/moments.js";
import { zoneNamed } from "../../lib/plan/zones.js";
import type { User } from "../store/users.js";

/** Whether doors open for a person, as far as the person goes; when and where is the access plans' matter. */
export const USER_STATES = Object.freeze([
	"active",
	"paused",
	/** Before `from`. */
	"early",
	/** After `until`. */
	"ended",
	/** Nothing to open with. */
	"no-credential",
] as const);
export type UserState = (typeof USER_STATES)[number];

/** The site's time zone, by which a person's dates are told; UTC where nobody can read it. */
export function zoneOf(name: string, now: number): TimeZone {
	const named = zoneNamed(name, now);
	return parseTimeZone(named?.posix ?? name, named?.shifts) ?? parseTimeZone("UTC0")!;
}

/** `now`: seconds since 1970. */
export function standingOf({ credentials, entry }: User, zone: TimeZone, now: number): UserState {
	if (entry.suspended) return "paused";
	const { from, until } = spanOf(entry, zone);
	if (now >= until) return "ended";
	if (!credentials.some(({ entry }) => !entry.revoked)) return "no-credential";
	return now < from ? "early" : "active";
}

/** Seconds since 1970. */
function spanOf(entry: User["entry"], zone: TimeZone): { from: number; until: number } {
	if (entry.from === undefined && entry.until === undefined)
		return { from: 0, until: Number.POSITIVE_INFINITY };
	try {
		const { from, until } = validity([], entry, zone);
		const end = until === NO_END ? Number.POSITIVE_INFINITY : EPOCH + until * PERIOD;
		return { from: EPOCH + from * PERIOD, until: end };
	} catch (error) {
		// No plan can be made with such dates, which the planner says.
		if (error instanceof PlanDocumentError) return { from: 0, until: Number.POSITIVE_INFINITY };
		throw error;
	}
}
