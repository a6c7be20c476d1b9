// SPDX-License-Identifier: Apache-2.0

import type { IntervalEntry, PlanDocument, UserEntry } from "../../lib/plan/document.js";

/** Where and when a user may open, as people read it. */
export interface PlanRights {
	/** The access plan's name. */
	readonly name: string;
	readonly rules: readonly RuleRights[];
}

export interface RuleRights {
	/** Ids of doors. */
	readonly doors: readonly string[];
	/** A schedule's name, `always` or `never`. */
	readonly schedule: string;
	/** Of the schedule; of `always` and `never` none. */
	readonly times: readonly IntervalEntry[];
	readonly from?: string;
	readonly until?: string;
}

type Entry = Pick<UserEntry, "accessPlans">;

/** The access plans of a user, as far as they are there. */
export function rightsOf({ accessPlans, doors, schedules = {} }: PlanDocument, user: Entry): PlanRights[] {
	const all = Object.keys(doors);
	return user.accessPlans.flatMap((name) => {
		const plan = Object.hasOwn(accessPlans, name) ? accessPlans[name] : undefined;
		if (plan === undefined) return [];
		const rules = plan.map(({ doors = all, schedule, from, until }) => ({
			...{ doors, schedule, times: Object.hasOwn(schedules, schedule) ? schedules[schedule]! : [] },
			...(from !== undefined && { from }),
			...(until !== undefined && { until }),
		}));
		return [{ name, rules }];
	});
}

/** Doors at which a user may open at some time, in the order of the plan file. */
export function doorsOf(document: PlanDocument, user: Entry): string[] {
	const own = new Set<string>();
	for (const { rules } of rightsOf(document, user))
		for (const { doors } of rules) for (const door of doors) own.add(door);
	return Object.keys(document.doors).filter((door) => own.has(door));
}
