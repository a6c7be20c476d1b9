// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import { isDoorId, isSiteId } from "../../../protocol/credential/names.js";
import { DAY, dayNumber } from "../../../protocol/plan/calendar.js";
import {
	ACCESS_OTHER_DOOR,
	EPOCH,
	FLAG,
	MAX_ACCESS_PLANS,
	MAX_TABLES,
	NO_END,
	PERIOD,
} from "../../../protocol/plan/format.js";
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
import {
	type HolidayEntry,
	type IntervalEntry,
	type Path,
	type PlanDocument,
	PlanDocumentError,
	type RuleEntry,
	type UserEntry,
} from "./document.js";
import {
	encodeTables,
	type Holiday,
	type Interval,
	type PlanImage,
	packRecords,
	type RecordModel,
	type Rule,
	type Signing,
	type Snapshot,
	signSnapshot,
	tombstone,
} from "./encode.js";

/** A time zone as a plan holds it. */
export interface ZoneData {
	/** POSIX TZ string. */
	readonly posix: string;
	/** Changes of the clock that the string cannot express. */
	readonly shifts: readonly Shift[];
}

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

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

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
		return { schedule: this.#schedule([...path, "schedule"], rule.schedule), ...this.#validity(path, rule) };
	}

	#validity(
		path: Path,
		entry: { readonly from?: string; readonly until?: string },
	): { from: number; until: number } {
		const from = entry.from === undefined ? 0 : this.#moment([...path, "from"], entry.from, false);
		const until = entry.until === undefined ? NO_END : this.#moment([...path, "until"], entry.until, true);
		if (until <= from) fail([...path, "until"], `"${entry.until}" is not after its beginning`);
		return { from, until };
	}

	/** "2026-05-01" (its local beginning, or for an end the end of that day), or "2026-05-01T08:00" local, or with Z. */
	#moment(path: Path, text: string, end: boolean): number {
		const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(Z?))?$/.exec(text);
		if (match === null)
			fail(path, `"${text}" is no date: "2026-05-01", "2026-05-01T08:00" or "2026-05-01T06:00Z"`);
		const day = date(path, Number(match[1]), Number(match[2]), Number(match[3]));
		const minute = match[4] === undefined ? (end ? 1440 : 0) : minutes(path, match[4]);
		const local = day * DAY + minute * 60;
		// Local time to UTC: with the offset at a first guess, then with the offset at the result.
		let utc = local;
		if (match[5] !== "Z") for (let i = 0; i < 2; i++) utc = local - this.#zone.offsetAt(utc);
		const period = (utc - EPOCH) / PERIOD;
		if (period < 1) fail(path, `"${text}" is before 2020; leave it out`);
		if (period >= NO_END) fail(path, `"${text}" is too far ahead; leave it out`);
		if (!Number.isInteger(period)) fail(path, `"${text}" is not at 5 minutes; round it`);
		return period;
	}

	#compileUsers(): Uint8Array {
		const records: RecordModel[] = [];
		const seen = new Map<string, Path>();
		for (const [u, user] of this.#document.users.entries()) {
			const path = ["users", u];
			const access = this.#access(path, user);
			const whole = this.#validity(path, user);
			let flags = 0;
			if (user.suspended) flags |= FLAG.suspended;
			if (user.extended) flags |= FLAG.extended;
			if (user.firstPerson) flags |= FLAG.first;
			if (user.override) flags |= FLAG.override;
			if (user.grace) flags |= FLAG.grace;
			for (const [c, credential] of user.credentials.entries()) {
				const at = [...path, "credentials", c];
				if (!/^[0-9a-f]{16}$/i.test(credential.id)) fail([...at, "id"], "is not 16 hexadecimal digits");
				const id = fromHex(credential.id);
				const key = toHex(id);
				const before = seen.get(key);
				if (before !== undefined) fail([...at, "id"], `"${key}" is already at ${before.join(".")}`);
				seen.set(key, at);
				const validity = this.#both(at, whole, this.#validity(at, credential));
				if (credential.revoked) records.push(tombstone(id));
				else if (access !== ACCESS_OTHER_DOOR || (this.#document.listElsewhere ?? true)) {
					records.push({ id, access, flags, ...validity });
				}
			}
		}
		return packRecords(records);
	}

	#both(
		path: Path,
		user: { from: number; until: number },
		own: { from: number; until: number },
	): { from: number; until: number } {
		const from = Math.max(user.from, own.from);
		const until = Math.min(user.until, own.until);
		if (until <= from) fail(path, "is never valid: its dates and its user's do not meet");
		return { from, until };
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

function date(path: Path, year: number, month: number, day: number): number {
	const number = month >= 1 && month <= 12 && day >= 1 ? dayNumber(year, month, day) : Number.NaN;
	const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
	if (!(number < next)) fail(path, "is a day that does not exist");
	return number;
}

function weekdays(path: Path, text: string): number {
	if (text === "daily") return 127;
	const [first, last = first] = text.split("-");
	const from = WEEKDAYS.indexOf(first!);
	const to = WEEKDAYS.indexOf(last!);
	if (from < 0 || to < 0) fail(path, `"${text}" is no day: "mon", "mon-fri" or "daily"`);
	let bits = 0;
	for (let day = from; ; day = (day + 1) % 7) {
		bits |= 1 << day;
		if (day === to) return bits;
	}
}

function minutes(path: Path, text: string): number {
	const match = /^(\d\d):(\d\d)$/.exec(text);
	const value = match === null ? -1 : Number(match[1]) * 60 + Number(match[2]);
	if (value < 0 || value > 1440 || Number(match![2]) > 59)
		fail(path, `"${text}" is no time: "00:00" to "24:00"`);
	return value;
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

function fail(path: Path, message: string): never {
	throw new PlanDocumentError(path, message);
}
