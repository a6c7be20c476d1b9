// SPDX-License-Identifier: Apache-2.0

import { DAY, dayNumber, isLeap, weekday, yearOf } from "./calendar.js";

/**
 * Local time from a POSIX TZ string (IEEE Std 1003.1-2017, 8.3, with the extension of RFC 8536 3.3.1: hours from -167
 * to 167), as the footers of tzdata's files have it: `CET-1CEST,M3.5.0,M10.5.0/3`, `<-03>3`, `IST-2IDT,M3.4.4/26,M10.5.0`.
 */

/** A day of the year and a time of that day by which the clock is changed. */
interface Change {
	/** `M` month.week.weekday; `J` 1 to 365 without February 29; `N` 0 to 365 with it. */
	readonly kind: "M" | "J" | "N";
	readonly month: number;
	readonly week: number;
	/** Weekday of `M` (0 is Sunday), day of the year of the others. */
	readonly day: number;
	/** Seconds from 00:00 local time. */
	readonly time: number;
}

/**
 * A change of the clock that no rule of a TZ string can express, such as Morocco's for Ramadan, which tzdata lists by year.
 */
export interface Shift {
	/** Seconds since 1970. */
	readonly at: number;
	/** Seconds east of UTC from then on. */
	readonly offset: number;
}

/** Longest string that is taken; the longest in tzdata has 45 characters. */
export const MAX_ZONE = 64;

export class TimeZone {
	/** Seconds east of UTC. */
	private readonly standard: number;
	private readonly daylight: number;
	private readonly start: Change | undefined;
	private readonly end: Change | undefined;
	/** In order of time. Between the first and the last they replace the rules of the string. */
	private readonly shifts: readonly Shift[];
	/** The span in which the last answer holds. */
	private from = 0;
	private to = 0;
	private offset = 0;

	constructor(
		standard: number,
		daylight: number,
		start: Change | undefined,
		end: Change | undefined,
		shifts: readonly Shift[],
	) {
		this.shifts = shifts;
		this.standard = standard;
		this.daylight = daylight;
		this.start = start;
		this.end = end;
		this.offset = standard;
	}

	/** Seconds to add to `utc` (seconds since 1970) for local time. */
	offsetAt(utc: number): number {
		const shifts = this.shifts;
		if (shifts.length > 0 && utc >= shifts[0]!.at && utc < shifts[shifts.length - 1]!.at) {
			let i = shifts.length - 1;
			while (shifts[i]!.at > utc) i--;
			return shifts[i]!.offset;
		}
		if (this.start === undefined || this.end === undefined) return this.standard;
		if (utc < this.from || utc >= this.to) this.find(utc, this.start, this.end);
		return this.offset;
	}

	/**
	 * Finds the last change at or before `utc`. Three years are searched, because a change may fall outside its own year. Where an
	 * end and a start coincide (daylight time all year) the start counts.
	 */
	private find(utc: number, start: Change, end: Change): void {
		const year = yearOf(Math.floor((utc + this.standard) / DAY));
		let from = -Infinity;
		let to = Infinity;
		let offset = this.standard;
		for (let y = year - 1; y <= year + 1; y++) {
			const ends = instant(end, y) - this.daylight;
			if (ends <= utc && ends >= from) {
				from = ends;
				offset = this.standard;
			} else if (ends > utc && ends < to) to = ends;
			const starts = instant(start, y) - this.standard;
			if (starts <= utc && starts >= from) {
				from = starts;
				offset = this.daylight;
			} else if (starts > utc && starts < to) to = starts;
		}
		this.from = from;
		this.to = to;
		this.offset = offset;
	}
}

/** Local seconds since 1970-01-01T00:00 of a change in a year. */
function instant(change: Change, year: number): number {
	let day: number;
	if (change.kind === "M") {
		const first = dayNumber(year, change.month, 1);
		day = first + ((change.day - weekday(first) + 7) % 7) + (change.week - 1) * 7;
		if (change.week === 5) {
			const length = dayNumber(year, change.month + 1, 1);
			const next = change.month === 12 ? dayNumber(year + 1, 1, 1) : length;
			while (day >= next) day -= 7;
		}
	} else if (change.kind === "J") {
		day = dayNumber(year, 1, 1) + change.day - 1;
		if (change.day >= 60 && isLeap(year)) day++;
	} else day = dayNumber(year, 1, 1) + change.day;
	return day * DAY + change.time;
}

/** `undefined` when it is not well-formed, or has daylight time without its rules. */
export function parseTimeZone(text: string, shifts: readonly Shift[] = []): TimeZone | undefined {
	if (text.length > MAX_ZONE) return undefined;
	const p = new Parser(text);
	if (!p.name()) return undefined;
	const standard = p.offset(24);
	if (standard === undefined) return undefined;
	if (p.end) return new TimeZone(-standard, -standard, undefined, undefined, shifts);
	if (!p.name()) return undefined;
	let daylight: number | undefined = standard - 3600;
	if (!p.is(",")) {
		daylight = p.offset(24);
		if (daylight === undefined) return undefined;
	}
	if (!p.take(",")) return undefined;
	const start = p.change();
	if (start === undefined || !p.take(",")) return undefined;
	const end = p.change();
	if (end === undefined || !p.end) return undefined;
	return new TimeZone(-standard, -daylight, start, end, shifts);
}

class Parser {
	private readonly text: string;
	private at = 0;

	constructor(text: string) {
		this.text = text;
	}

	get end(): boolean {
		return this.at >= this.text.length;
	}

	is(character: string): boolean {
		return this.text.charAt(this.at) === character;
	}

	take(character: string): boolean {
		if (!this.is(character)) return false;
		this.at++;
		return true;
	}

	/** Three or more letters, or anything alphanumeric or signed between < and >. */
	name(): boolean {
		const quoted = this.take("<");
		const from = this.at;
		for (; !this.end; this.at++) {
			const c = this.text.charCodeAt(this.at);
			const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
			const more = quoted && ((c >= 48 && c <= 57) || c === 43 || c === 45);
			if (!letter && !more) break;
		}
		if (this.at - from < 3) return false;
		return !quoted || this.take(">");
	}

	number(most: number): number | undefined {
		const from = this.at;
		let value = 0;
		while (!this.end && this.at - from < 3) {
			const digit = this.text.charCodeAt(this.at) - 48;
			if (digit < 0 || digit > 9) break;
			value = value * 10 + digit;
			this.at++;
		}
		return this.at === from || value > most ? undefined : value;
	}

	/** `[+|-]hh[:mm[:ss]]`, seconds. */
	offset(mostHours: number): number | undefined {
		const negative = this.take("-");
		if (!negative) this.take("+");
		const hours = this.number(mostHours);
		if (hours === undefined) return undefined;
		let seconds = hours * 3600;
		if (this.take(":")) {
			const minutes = this.number(59);
			if (minutes === undefined) return undefined;
			seconds += minutes * 60;
			if (this.take(":")) {
				const rest = this.number(59);
				if (rest === undefined) return undefined;
				seconds += rest;
			}
		}
		return negative ? -seconds : seconds;
	}

	change(): Change | undefined {
		let kind: Change["kind"] = "N";
		let month = 0;
		let week = 0;
		let day: number | undefined;
		if (this.take("M")) {
			kind = "M";
			month = this.number(12) ?? 0;
			if (month < 1 || !this.take(".")) return undefined;
			week = this.number(5) ?? 0;
			if (week < 1 || !this.take(".")) return undefined;
			day = this.number(6);
		} else if (this.take("J")) {
			kind = "J";
			day = this.number(365);
			if (day === 0) return undefined;
		} else day = this.number(365);
		if (day === undefined) return undefined;
		let time: number | undefined = 7200;
		if (this.take("/")) time = this.offset(167);
		return time === undefined ? undefined : { kind, month, week, day, time };
	}
}
