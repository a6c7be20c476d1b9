// SPDX-License-Identifier: Apache-2.0

import { isDoorId, isSiteId } from "../../../protocol/credential/names.js";
import { DAY } from "../../../protocol/plan/calendar.js";
import { ACCESS_OTHER_DOOR, MAX_ACCESS_PLANS, MAX_TABLES, RECORD } from "../../../protocol/plan/format.js";
import {
	DOOR_MODES,
	HOLIDAY_KINDS,
	MAX_SCHEDULES,
	type PlanMode,
	PlanTables,
	SCHEDULE_ALWAYS,
	SCHEDULE_NEVER,
} from "../../../protocol/plan/tables.js";
import { parseTimeZone, type Shift, type TimeZone } from "../../../protocol/plan/tz.js";
import { type ListedCredential, listCredentials } from "./credentials.js";
import type { HolidayEntry, IntervalEntry, Path, PlanDocument, RuleEntry, UserEntry } from "./document.js";
import {
	encodeTables,
	type Holiday,
	type Interval,
	type PlanImage,
	packRecord,
	type Rule,
	type Signing,
	type Snapshot,
	signSnapshot,
} from "./encode.js";
import { date, fail, minutes, validity, weekdays } from "./moments.js";

/** A time zone as a plan holds it. */
export interface ZoneData {
	/** POSIX TZ string. */
	readonly posix: string;
	/** Changes of the clock that the string cannot express. */
	readonly shifts: readonly Shift[];
}

/** The credentials of one document, by time zone. */
export type SharedCredentials = Map<string, readonly ListedCredential[]>;

export interface CompileOptions {
	/** A key of `doors`. */
	readonly door: string;
	readonly version: number;
	/** Seconds since 1970. */
	readonly issued: number;
	/** As `PlanImage.notice`. */
	readonly notice?: number | undefined;
	/** Finds a time zone by its name in tzdata; without it only POSIX strings are taken. */
	readonly zone?: (name: string) => ZoneData | undefined;
	/** What doors of one document have in common is put there, and found by the next. */
	readonly shared?: SharedCredentials;
	/** Why a time zone is asked back; without it every one that can be read is taken. */
	readonly zoneDoubt?: (text: string) => string | undefined;
}

/** The signed snapshot for one door. Throws `PlanDocumentError`. */
export function compilePlan(document: PlanDocument, options: CompileOptions, signing: Signing): Snapshot {
	return signSnapshot(compileImage(document, options), signing);
}

/** The content of a plan for one door, unsigned. Throws `PlanDocumentError`. */
export function compileImage(document: PlanDocument, options: CompileOptions): PlanImage {
	return new Compiler(document, options).image();
}

class Compiler {
	readonly #document: PlanDocument;
	readonly #options: CompileOptions;
	readonly #zoneData: ZoneData;
	readonly #zone: TimeZone;
	readonly #schedules = new Map<string, number>();
	readonly #kinds = new Map<string, number>();
	/** The distinct sets of rules of this door's credentials: number by text. */
	readonly #plans = new Map<string, number>();
	readonly #rules: Rule[][] = [];
	/** What `#access` has found, by the names of access plans: most users have the same few. */
	readonly #accessOf = new Map<string, number>();

	constructor(document: PlanDocument, options: CompileOptions) {
		this.#document = document;
		this.#options = options;
		if (!isSiteId(document.site))
			fail(["site"], `"${document.site}" must be 1 to 8 ASCII characters without spaces`);
		const door = this.#document.doors[options.door];
		if (door === undefined) fail(["doors"], `has no door "${options.door}"; add it, or choose another`);
		// A reader takes no other as its own, so a plan for such a door could be installed nowhere.
		if (!isDoorId(options.door))
			fail(
				["doors", options.door],
				`"${options.door}" must be 1 to 8 letters, digits, dots, hyphens or underscores, as the \`id\` of the door's configuration`,
			);
		const path = door.timeZone === undefined ? ["timeZone"] : ["doors", options.door, "timeZone"];
		const wanted = door.timeZone ?? document.timeZone;
		const doubt = options.zoneDoubt?.(wanted);
		if (doubt !== undefined) fail(path, doubt);
		const posix = { posix: wanted, shifts: [] };
		this.#zoneData = parseTimeZone(wanted) === undefined ? (options.zone?.(wanted) ?? posix) : posix;
		const zone = parseTimeZone(this.#zoneData.posix, this.#zoneData.shifts);
		if (zone === undefined) {
			fail(
				path,
				`"${wanted}" is no time zone; use a name of tzdata ("Europe/Vienna") or a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3")`,
			);
		}
		this.#zone = zone;
	}

	image(): PlanImage {
		const { site, doors, maxClockError, offline, strictTime } = this.#document;
		const { door, version, issued, notice } = this.#options;
		const holidays = this.#compileHolidays();
		const schedules = this.#compileSchedules();
		this.#checkAccessPlans();
		const records = this.#compileUsers();
		const modes = (doors[door]!.modes ?? []).map(({ schedule, mode }, i) => ({
			schedule: this.#schedule(["doors", door, "modes", i, "schedule"], schedule),
			mode: checkMode(["doors", door, "modes", i, "mode"], mode),
		}));
		const days = offline?.days;
		let tables: Uint8Array;
		try {
			tables = encodeTables({
				zone: this.#zoneData.posix,
				shifts: this.#zoneData.shifts,
				strictTime: strictTime ?? false,
				maxClockError,
				officeMode: doors[door]!.officeMode ?? false,
				grace: Math.round((offline?.graceDays ?? 0) * DAY),
				defaultMode: checkMode(["doors", door, "defaultMode"], doors[door]!.defaultMode ?? "locked"),
				modes,
				holidays,
				schedules,
				plans: this.#rules,
			});
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			return fail(
				["schedules"],
				`schedules, holidays and access plans of door "${door}" are too much for a reader (${MAX_TABLES} bytes); use fewer different ones`,
			);
		}
		if (PlanTables.parse(tables) === undefined) throw new Error("compiled tables do not parse");
		return {
			site,
			door,
			version,
			issued,
			expires: days === undefined ? 0 : issued + Math.round(days * DAY),
			tables,
			records,
			notice,
		};
	}

	#compileHolidays(): Holiday[] {
		const kinds = Object.entries(this.#document.holidays ?? {});
		if (kinds.length > HOLIDAY_KINDS)
			fail(["holidays"], `has ${kinds.length} kinds, ${HOLIDAY_KINDS} are possible`);
		return kinds.flatMap(([name, entries], kind) => {
			this.#kinds.set(name, kind);
			return entries.map((entry, i) => compileHoliday(["holidays", name, i], entry, kind));
		});
	}

	#compileSchedules(): Interval[][] {
		const entries = Object.entries(this.#document.schedules ?? {});
		if (entries.length > MAX_SCHEDULES)
			fail(["schedules"], `has ${entries.length}, ${MAX_SCHEDULES} are possible`);
		return entries.map(([name, intervals], number) => {
			if (name === "always" || name === "never")
				fail(["schedules", name], "is a name that is taken; rename it");
			if (intervals.length > 255) fail(["schedules", name], "has more than 255 intervals");
			this.#schedules.set(name, number);
			return intervals.map((entry, i) => this.#interval(["schedules", name, i], entry));
		});
	}

	#interval(path: Path, entry: IntervalEntry): Interval {
		let days = 0;
		for (const [i, text] of (entry.days ?? []).entries()) days |= weekdays([...path, "days", i], text);
		for (const [i, name] of (entry.holidays ?? []).entries()) {
			const kind = this.#kinds.get(name);
			if (kind === undefined) fail([...path, "holidays", i], `"${name}" is not among "holidays"`);
			days |= 128 << kind;
		}
		if (days === 0) fail(path, 'holds on no day; give it "days" or "holidays"');
		const from = minutes([...path, "from"], entry.from);
		let to = minutes([...path, "to"], entry.to);
		if (from === 1440) fail([...path, "from"], "begins at the day's end");
		if (from === to) fail([...path, "to"], 'is when it begins; a whole day is "00:00" to "24:00"');
		if (to < from) to += 1440;
		return { days, from, to };
	}

	#schedule(path: Path, name: string): number {
		if (name === "always") return SCHEDULE_ALWAYS;
		if (name === "never") return SCHEDULE_NEVER;
		const number = this.#schedules.get(name);
		if (number === undefined)
			fail(
				path,
				`"${name}" is not among "schedules"${nearest(name, [...this.#schedules.keys(), "always", "never"])}`,
			);
		return number;
	}

	#checkAccessPlans(): void {
		for (const [name, rules] of Object.entries(this.#document.accessPlans)) {
			for (const [i, rule] of rules.entries()) {
				const path = ["accessPlans", name, i];
				this.#rule(path, rule);
				for (const [d, door] of (rule.doors ?? []).entries()) {
					if (!Object.hasOwn(this.#document.doors, door)) {
						fail(
							[...path, "doors", d],
							`"${door}" is not among "doors"${nearest(door, Object.keys(this.#document.doors))}`,
						);
					}
				}
			}
		}
	}

	#rule(path: Path, rule: RuleEntry): Rule {
		return {
			schedule: this.#schedule([...path, "schedule"], rule.schedule),
			...validity(path, rule, this.#zone),
		};
	}

	/** The records of this door, by id. */
	#compileUsers(): Uint8Array {
		const { listElsewhere = true, users } = this.#document;
		const access = users.map((user, u) => this.#access(["users", u], user));
		const credentials = this.#credentials();
		const records = new Uint8Array(credentials.length * RECORD);
		let size = 0;
		for (const { user, record, revoked } of credentials) {
			if (!revoked && access[user] === ACCESS_OTHER_DOOR && !listElsewhere) continue;
			packRecord(revoked ? record : { ...record, access: access[user]! }, records, size);
			size += RECORD;
		}
		return records.slice(0, size);
	}

	#credentials(): readonly ListedCredential[] {
		const { shared } = this.#options;
		// What a user's dates mean depends on the zone.
		const zone = JSON.stringify(this.#zoneData);
		const known = shared?.get(zone);
		if (known !== undefined) return known;
		const credentials = listCredentials(this.#document.users, this.#zone);
		shared?.set(zone, credentials);
		return credentials;
	}

	/** Number of the set of rules that a user has at this door. */
	#access(path: Path, user: UserEntry): number {
		const names = JSON.stringify(user.accessPlans);
		let access = this.#accessOf.get(names);
		if (access === undefined) {
			access = this.#findAccess(path, user);
			this.#accessOf.set(names, access);
		}
		return access;
	}

	#findAccess(path: Path, user: UserEntry): number {
		const rules: Rule[] = [];
		for (const [i, name] of user.accessPlans.entries()) {
			const plan = Object.hasOwn(this.#document.accessPlans, name)
				? this.#document.accessPlans[name]
				: undefined;
			if (plan === undefined) {
				fail(
					[...path, "accessPlans", i],
					`"${name}" is not among "accessPlans"${nearest(name, Object.keys(this.#document.accessPlans))}`,
				);
			}
			for (const [r, rule] of plan.entries()) {
				if (rule.doors !== undefined && !rule.doors.includes(this.#options.door)) continue;
				rules.push(this.#rule(["accessPlans", name, r], rule));
			}
		}
		if (rules.length === 0) return ACCESS_OTHER_DOOR;
		if (rules.length > 255) fail([...path, "accessPlans"], "are more than 255 rules at this door");
		rules.sort((a, b) => a.schedule - b.schedule || a.from - b.from || a.until - b.until);
		const key = rules.map((r) => `${r.schedule}:${r.from}:${r.until}`).join(",");
		let number = this.#plans.get(key);
		if (number === undefined) {
			number = this.#rules.push(rules) - 1;
			if (number >= MAX_ACCESS_PLANS)
				fail(path, "needs one more combination of access plans than a reader holds");
			this.#plans.set(key, number);
		}
		return number;
	}
}

function compileHoliday(path: Path, entry: HolidayEntry, kind: number): Holiday {
	const text = typeof entry === "string" ? entry : entry.date;
	const days = typeof entry === "string" ? 1 : (entry.days ?? 1);
	const match = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/.exec(text);
	if (match === null) fail(path, `"${text}" is no date: "2026-12-25", or "12-25" for every year`);
	const year = match[1] === undefined ? 0 : Number(match[1]);
	const month = Number(match[2]);
	const day = Number(match[3]);
	// A holiday of every year may be February 29.
	date(path, year === 0 ? 2024 : year, month, day);
	if (!Number.isInteger(days) || days < 1 || days > 255) fail(path, "lasts 1 to 255 days");
	return { year, month, day, days, kind };
}

function checkMode(path: Path, mode: PlanMode): PlanMode {
	if (!DOOR_MODES.includes(mode)) fail(path, `"${mode}" is no door mode: ${DOOR_MODES.join(", ")}`);
	return mode;
}

/** `; did you mean …?` where a name is close. */
function nearest(name: string, names: readonly string[]): string {
	const close = names.find(
		(n) => n.toLowerCase() === name.toLowerCase() || n.startsWith(name) || name.startsWith(n),
	);
	return close === undefined ? "" : `; did you mean "${close}"?`;
}
