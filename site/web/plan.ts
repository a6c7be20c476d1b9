// SPDX-License-Identifier: Apache-2.0

import { parseTimeZone, type Shift, type TimeZone } from "../../protocol/plan/tz.js";
import type { DoorEntry, IntervalEntry, RuleEntry } from "../lib/plan/document.js";
import { get } from "./api.js";
import type { Holidays } from "./week.js";

/** What the API says of the plan's parts, besides its people. */
export type AccessPlans = Readonly<Record<string, readonly RuleEntry[]>>;
export type Schedules = Readonly<Record<string, readonly IntervalEntry[]>>;
export type DoorEntries = Readonly<Record<string, DoorEntry>>;

interface Settings {
	readonly settings: { readonly timeZone: string };
	readonly zones: Readonly<Record<string, { readonly posix: string; readonly shifts: readonly Shift[] }>>;
}

export interface Plan {
	readonly accessPlans: AccessPlans;
	readonly schedules: Schedules;
	readonly holidays: Holidays;
	readonly doors: DoorEntries;
	/** The site's, by its name in the plan. */
	readonly timeZone: string;
	/** Time zones by their names: the site's and its doors'. */
	readonly zones: ReadonlyMap<string, TimeZone>;
}

export async function loadPlan(): Promise<Plan> {
	const [accessPlans, schedules, holidays, doors, { settings, zones }] = await Promise.all([
		get<AccessPlans>("/api/plan/accessPlans"),
		get<Schedules>("/api/plan/schedules"),
		get<Holidays>("/api/plan/holidays"),
		get<DoorEntries>("/api/plan/doors"),
		get<Settings>("/api/plan/settings"),
	]);
	const known = Object.entries(zones).flatMap(([name, { posix, shifts }]): [string, TimeZone][] => {
		const zone = parseTimeZone(posix, shifts);
		return zone === undefined ? [] : [[name, zone]];
	});
	return { accessPlans, schedules, holidays, doors, timeZone: settings.timeZone, zones: new Map(known) };
}

/** Schedules that need no definition. */
export const FIXED = ["always", "never"] as const;

/** What of the plan goes by a schedule. */
export function usersOf(plan: Plan, schedule: string): { accessPlans: string[]; doors: string[] } {
	return {
		accessPlans: Object.entries(plan.accessPlans).flatMap(([name, rules]) =>
			rules.some((rule) => rule.schedule === schedule) ? name : [],
		),
		doors: Object.entries(plan.doors).flatMap(([id, { modes = [] }]) =>
			modes.some((mode) => mode.schedule === schedule) ? id : [],
		),
	};
}

/** Address of a part of the plan at the API. */
export function partPath(part: "accessPlans" | "schedules" | "holidays", name: string): string {
	return `/api/plan/${part}/${encodeURIComponent(name)}`;
}
