// SPDX-License-Identifier: Apache-2.0

import { readUint16, readUint32 } from "../bytes.js";
import { DAY, dayNumber, weekday, yearOf } from "./calendar.js";
import { EPOCH, MAX_TABLES, NO_END, PERIOD } from "./format.js";
import { MAX_ZONE, parseTimeZone, type Shift, type TimeZone } from "./tz.js";

/**
 * The tables of a plan, read in place: time zone, weekly schedules, holidays, access plans and door modes. `parse` checks every
 * offset and value once, so that the other methods need no bounds checks.
 */

/** Numbers of schedules that need no table. */
export const SCHEDULE_NEVER = 254;
export const SCHEDULE_ALWAYS = 255;
export const MAX_SCHEDULES = 254;
/** Kinds of holidays, a bit each in an interval's days. */
export const HOLIDAY_KINDS = 8;

/**
 * What the plan makes of the door at a time:
 * - `locked`: admits credentials as their access plans say;
 * - `unlocked`: needs no credential;
 * - `unlocked-after-first`: as `locked` until a holder with the flag `first` has come, then `unlocked`;
 * - `admit-after-first`: as `locked`, but denies all others until a holder with the flag `first` has come;
 * - `lockdown`: admits only holders with the flag `override`.
 */
export const DOOR_MODES = Object.freeze([
	"locked",
	"unlocked",
	"unlocked-after-first",
	"admit-after-first",
	"lockdown",
] as const);
export type PlanMode = (typeof DOOR_MODES)[number];
const UNLOCKING: readonly PlanMode[] = Object.freeze(["unlocked", "unlocked-after-first"] as const);

/** Fixed part: format, flags, grace (4), default mode, zone length, schedules, modes, access plans (2), holidays, shifts. */
export const TABLES_FIXED = 14;
export const TABLES_FORMAT = 1;
/** The format of tables that state how far off a restored clock may be; it follows the fixed part, seconds (4). */
export const TABLES_FORMAT_CLOCK_ERROR = 2;
export const CLOCK_ERROR = 4;
/** Flag of the tables: time that was only restored after a restart counts as unset. */
export const TABLES_STRICT_TIME = 1;
/** Flag of the tables: holders with the flag `first` may switch passage mode by a double tap. */
export const TABLES_OFFICE_MODE = 2;
export const HOLIDAY = 6;
export const INTERVAL = 6;
export const RULE = 7;
/** A shift of the clock: seconds since 1970 (4), minutes east of UTC from then on (2, signed). */
export const SHIFT = 6;

/** Whether an access plan admits always, never, or depending on the time. */
export type Need = "always" | "never" | "time";

export class PlanTables {
	private readonly bytes: Uint8Array;
	readonly zone: TimeZone;
	private readonly schedules: number;
	private readonly plans: number;
	/** How far off a clock that was only restored may be to count, s; Infinity where the plan sets no bound. */
	readonly maxClockError: number;
	private readonly offsetsAt: number;
	private readonly modesAt: number;
	private readonly modes: number;
	private readonly holidaysAt: number;
	private readonly holidays: number;
	/** Which day bits (weekday 0 to 6, holidays 7 to 14) hold on the local day last asked for, and the day before. */
	private day = -1;
	private today = 0;
	private yesterday = 0;

	/** `undefined` when anything in it is not well-formed. Keeps `bytes`. */
	static parse(bytes: Uint8Array): PlanTables | undefined {
		if (bytes.length < TABLES_FIXED || bytes.length > MAX_TABLES) return undefined;
		const bounded = bytes[0] === TABLES_FORMAT_CLOCK_ERROR;
		if ((bytes[0] !== TABLES_FORMAT && !bounded) || (bounded && bytes.length < TABLES_FIXED + CLOCK_ERROR))
			return undefined;
		const fixed = bounded ? TABLES_FIXED + CLOCK_ERROR : TABLES_FIXED;
		const zoneLength = bytes[7]!;
		if (bytes[6]! >= DOOR_MODES.length || zoneLength > MAX_ZONE) return undefined;
		const zoneAt = fixed + 2 * (bytes[8]! + readUint16(bytes, 10));
		const modesAt = zoneAt + zoneLength + SHIFT * bytes[13]!;
		const end = modesAt + 2 * bytes[9]! + HOLIDAY * bytes[12]!;
		if (end > bytes.length || bytes[8]! > MAX_SCHEDULES) return undefined;
		let text = "";
		for (let i = zoneAt; i < zoneAt + zoneLength; i++) text += String.fromCharCode(bytes[i]!);
		const shifts: Shift[] = [];
		for (let at = zoneAt + zoneLength; at < modesAt; at += SHIFT) {
			const shift = { at: readUint32(bytes, at), offset: ((readUint16(bytes, at + 4) << 16) >> 16) * 60 };
			if (shifts.length > 0 && shift.at <= shifts[shifts.length - 1]!.at) return undefined;
			shifts.push(shift);
		}
		const zone = parseTimeZone(text, shifts);
		if (zone === undefined) return undefined;
		const tables = new PlanTables(bytes, zone, modesAt, fixed);
		return tables.check() ? tables : undefined;
	}

	private constructor(bytes: Uint8Array, zone: TimeZone, modesAt: number, fixed: number) {
		this.bytes = bytes;
		this.zone = zone;
		this.schedules = bytes[8]!;
		this.modes = bytes[9]!;
		this.plans = readUint16(bytes, 10);
		this.holidays = bytes[12]!;
		this.offsetsAt = fixed;
		this.maxClockError = fixed === TABLES_FIXED ? Number.POSITIVE_INFINITY : readUint32(bytes, TABLES_FIXED);
		this.modesAt = modesAt;
		this.holidaysAt = modesAt + 2 * this.modes;
	}

	get strictTime(): boolean {
		return (this.bytes[1]! & TABLES_STRICT_TIME) !== 0;
	}

	/** Whether holders with the flag `first` may switch passage mode at this door by a double tap. */
	get officeMode(): boolean {
		return (this.bytes[1]! & TABLES_OFFICE_MODE) !== 0;
	}

	/** Seconds after the plan's end for which the grace list still opens. */
	get grace(): number {
		return readUint32(this.bytes, 2);
	}

	/** What a decision on access plan `number` needs; "never" for a number that the plan does not have. */
	need(number: number): Need {
		if (number >= this.plans) return "never";
		const b = this.bytes;
		let at = this.planAt(number);
		let need: Need = "never";
		for (let left = b[at++]!; left > 0; left--, at += RULE) {
			if (b[at] === SCHEDULE_NEVER) continue;
			if (b[at] === SCHEDULE_ALWAYS && readUint24(b, at + 1) === 0 && readUint24(b, at + 4) === NO_END) {
				return "always";
			}
			need = "time";
		}
		return need;
	}

	/** Whether access plan `number` admits at `now`, seconds since 1970. */
	admits(number: number, now: number): boolean {
		if (number >= this.plans) return false;
		const b = this.bytes;
		let at = this.planAt(number);
		for (let left = b[at++]!; left > 0; left--, at += RULE) {
			if (within(now, readUint24(b, at + 1), readUint24(b, at + 4)) && this.holds(b[at]!, now)) return true;
		}
		return false;
	}

	/**
	 * The door's mode at `now`. `undefined`: the time is unknown, so only modes that hold always count, and none that unlocks
	 * where a schedule comes before it: that one may keep the door locked now.
	 */
	mode(now: number | undefined): PlanMode {
		const b = this.bytes;
		let at = this.modesAt;
		let unsure = false;
		let mode = b[6]!;
		for (let left = this.modes; left > 0; left--, at += 2) {
			const schedule = b[at]!;
			if (schedule === SCHEDULE_ALWAYS || (now !== undefined && this.holds(schedule, now))) {
				mode = b[at + 1]!;
				break;
			}
			unsure ||= now === undefined && schedule !== SCHEDULE_NEVER;
		}
		return DOOR_MODES[unsure && UNLOCKING.includes(DOOR_MODES[mode]!) ? 0 : mode]!;
	}

	/** Whether `schedule` holds at `now`. */
	holds(schedule: number, now: number): boolean {
		if (schedule === SCHEDULE_ALWAYS) return true;
		if (schedule >= this.schedules) return false;
		const local = now + this.zone.offsetAt(now);
		const day = Math.floor(local / DAY);
		if (day !== this.day) {
			this.today = this.bits(day);
			this.yesterday = this.bits(day - 1);
			this.day = day;
		}
		const minute = ((local - day * DAY) / 60) | 0;
		const b = this.bytes;
		let at = readUint16(b, this.offsetsAt + 2 * schedule);
		for (let left = b[at++]!; left > 0; left--, at += INTERVAL) {
			const days = readUint16(b, at);
			const from = readUint16(b, at + 2);
			const to = readUint16(b, at + 4);
			if ((days & this.today) !== 0 && minute >= from && minute < to) return true;
			// An interval across midnight belongs to the day on which it begins.
			if ((days & this.yesterday) !== 0 && minute + 1440 < to) return true;
		}
		return false;
	}

	/** Bits of a local day: its kinds of holiday where it is one, its weekday otherwise. */
	private bits(day: number): number {
		const b = this.bytes;
		let bits = 0;
		let at = this.holidaysAt;
		for (let left = this.holidays; left > 0; left--, at += HOLIDAY) {
			const year = readUint16(b, at);
			const length = b[at + 4]!;
			let first = year !== 0 ? year : yearOf(day);
			let start = dayNumber(first, b[at + 2]!, b[at + 3]!);
			// A holiday of every year may have begun in the year before.
			if (year === 0 && start > day) start = dayNumber(--first, b[at + 2]!, b[at + 3]!);
			if (day >= start && day < start + length) bits |= 128 << b[at + 5]!;
		}
		return bits !== 0 ? bits : 1 << weekday(day);
	}

	private planAt(number: number): number {
		return readUint16(this.bytes, this.offsetsAt + 2 * (this.schedules + number));
	}

	private check(): boolean {
		const b = this.bytes;
		for (let i = 0; i < this.modes; i++) {
			const at = this.modesAt + 2 * i;
			if (!this.scheduleExists(b[at]!) || b[at + 1]! >= DOOR_MODES.length) return false;
		}
		for (let i = 0; i < this.holidays; i++) {
			const at = this.holidaysAt + HOLIDAY * i;
			const month = b[at + 2]!;
			const day = b[at + 3]!;
			if (month < 1 || month > 12 || day < 1 || day > 31 || b[at + 5]! >= HOLIDAY_KINDS) return false;
		}
		for (let i = 0; i < this.schedules + this.plans; i++) {
			let at = readUint16(b, this.offsetsAt + 2 * i);
			if (at >= b.length) return false;
			const size = i < this.schedules ? INTERVAL : RULE;
			const end = at + 1 + b[at]! * size;
			if (end > b.length) return false;
			for (at++; at < end; at += size) {
				if (i >= this.schedules) {
					if (!this.scheduleExists(b[at]!)) return false;
				} else if (readUint16(b, at + 2) >= readUint16(b, at + 4) || readUint16(b, at + 4) > 2880)
					return false;
			}
		}
		return true;
	}

	private scheduleExists(number: number): boolean {
		return number < this.schedules || number === SCHEDULE_ALWAYS || number === SCHEDULE_NEVER;
	}
}

/** Whether `now` is in a record's or rule's validity: `from` 0 is no beginning, `until` NO_END no end. */
export function within(now: number, from: number, until: number): boolean {
	return (from === 0 || now >= EPOCH + from * PERIOD) && (until === NO_END || now < EPOCH + until * PERIOD);
}

export function readUint24(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}
