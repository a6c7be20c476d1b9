// SPDX-License-Identifier: Apache-2.0

import { DAY, dayNumber, weekday, yearOf } from "../../protocol/plan/calendar.js";
import type { TimeZone } from "../../protocol/plan/tz.js";
import type { HolidayEntry, IntervalEntry } from "../lib/plan/document.js";
import { minutes, weekdays } from "../lib/plan/moments.js";

/** Pure: a schedule as spans on days, laid on a week as doors go by it, and back into the plan file's intervals. */

/** The plan file's names, Monday first. */
export const WEEKDAYS = Object.freeze(["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const);
export const DAY_MIN = 1440;

/** A weekday, 0 for Monday, or a kind of holidays by its name. */
export type DayKey = number | string;

/** One stretch of a day in minutes from its midnight; `to` beyond 1440: it goes on into the next day. */
export interface Span {
	readonly day: DayKey;
	readonly from: number;
	readonly to: number;
}

export type Holidays = Readonly<Record<string, readonly HolidayEntry[]>>;

/** Each day of each interval. Throws `PlanDocumentError` where the plan file's rules do. */
export function spansOf(intervals: readonly IntervalEntry[]): Span[] {
	return intervals.flatMap(({ days = [], from, holidays = [], to }, i) => {
		const start = minutes([i, "from"], from);
		const end = minutes([i, "to"], to);
		const bits = days.reduce((all, text, d) => all | weekdays([i, "days", d], text), 0);
		const keys: DayKey[] = [...WEEKDAYS.keys()].filter((day) => bits & (1 << ((day + 1) % 7)));
		return [...keys, ...holidays].map((day) => ({
			day,
			from: start,
			to: end <= start ? end + DAY_MIN : end,
		}));
	});
}

/** As few intervals as say the same: days with the same times share one. */
export function intervalsOf(spans: readonly Span[]): IntervalEntry[] {
	const groups = new Map<string, Span[]>();
	for (const span of joined(spans).sort((a, b) => a.from - b.from || a.to - b.to)) {
		const key = `${timeText(span.from)}-${timeText(span.to)}`;
		groups.set(key, [...(groups.get(key) ?? []), span]);
	}
	return [...groups.values()].map((group) => {
		const days = daysText(group.flatMap(({ day }) => (typeof day === "number" ? day : [])));
		const holidays = [...new Set(group.flatMap(({ day }) => (typeof day === "string" ? day : [])))];
		return {
			...(days.length > 0 && { days }),
			...(holidays.length > 0 && { holidays }),
			from: timeText(group[0]!.from),
			to: timeText(group[0]!.to),
		};
	});
}

/** "HH:MM" as the plan file has it: an end at midnight is "24:00", one on the next day has that day's time. */
export function timeText(minute: number): string {
	const shown = minute > DAY_MIN ? minute - DAY_MIN : minute;
	const two = (n: number): string => String(n).padStart(2, "0");
	return `${two(Math.floor(shown / 60))}:${two(shown % 60)}`;
}

/** Three days or more in a row are a range. */
function daysText(days: readonly number[]): string[] {
	const all = [...new Set(days)].sort((a, b) => a - b);
	if (all.length === 7) return ["daily"];
	const texts: string[] = [];
	for (let at = 0; at < all.length; ) {
		let end = at;
		while (all[end + 1] === all[end]! + 1) end++;
		if (end - at >= 2) texts.push(`${WEEKDAYS[all[at]!]}-${WEEKDAYS[all[end]!]}`);
		else for (let i = at; i <= end; i++) texts.push(WEEKDAYS[all[i]!]!);
		at = end + 1;
	}
	return texts;
}

/** What a plan can hold: shorter than a day, or the whole of one. */
export function isPossible({ from, to }: Span): boolean {
	const length = to - from;
	return from >= 0 && from < DAY_MIN && length > 0 && (length < DAY_MIN || (from === 0 && to === DAY_MIN));
}

/** Spans of one day that touch or overlap are one, where a plan can hold that. */
function joined(spans: readonly Span[]): Span[] {
	const result: Span[] = [];
	for (const span of [...spans].sort((a, b) => a.from - b.from || a.to - b.to)) {
		const at = result.findIndex(({ day, to }) => day === span.day && to >= span.from);
		const before = result[at];
		const both = before && { ...before, to: Math.max(before.to, span.to) };
		if (both !== undefined && isPossible(both)) result[at] = both;
		else result.push(span);
	}
	return result;
}

/** With one more; what is not possible changes nothing. */
export function withSpan(spans: readonly Span[], span: Span): Span[] {
	return isPossible(span) ? joined([...spans, span]) : [...spans];
}

export function withoutSpan(spans: readonly Span[], at: number): Span[] {
	return spans.filter((_, i) => i !== at);
}

/** With another in the place of one. */
export function withOther(spans: readonly Span[], at: number, span: Span): Span[] {
	return isPossible(span) ? withSpan(withoutSpan(spans, at), span) : [...spans];
}

/** These days get what `from` has, in place of what they have. */
export function withCopies(spans: readonly Span[], from: DayKey, to: readonly DayKey[]): Span[] {
	const own = spans.filter(({ day }) => day === from);
	const others = to.filter((day) => day !== from);
	return [
		...spans.filter(({ day }) => !others.includes(day)),
		...others.flatMap((day) => own.map((span) => ({ ...span, day }))),
	];
}

/** Where the pointer is on a day, as minutes of a round number. */
export function snapped(minute: number, step = 15): number {
	return Math.min(2 * DAY_MIN, Math.max(0, Math.round(minute / step) * step));
}

/** What a drag from one minute to another makes, either way round; at least one step long. */
export function dragged(day: DayKey, start: number, end: number, step = 15): Span {
	const [from, to] = [snapped(Math.min(start, end), step), snapped(Math.max(start, end), step)] as const;
	const begin = Math.min(from, DAY_MIN - step);
	return {
		day,
		from: begin,
		to: Math.max(begin + step, Math.min(to, begin === 0 ? DAY_MIN : begin + DAY_MIN - step)),
	};
}

/** A piece of a span on one local day. */
export interface Block {
	readonly from: number;
	readonly to: number;
	/** Of the spans that the week was laid from. */
	readonly span: number;
	/** The rest of one that began on the day before. */
	readonly isRest: boolean;
}

/** Minutes of a local day in which its clock is changed: they do not exist, or come twice. */
export interface ClockChange {
	readonly kind: "skipped" | "twice";
	readonly from: number;
	readonly to: number;
}

export interface WeekDay {
	/** Days since 1970. */
	readonly number: number;
	/** Kinds of holidays that it is; then the weekday's spans do not hold. */
	readonly holidays: readonly string[];
	readonly changes: readonly ClockChange[];
	readonly blocks: readonly Block[];
	/** How long it is open, with the clock's change. */
	readonly minutes: number;
}

/** The seven days from `monday` (days since 1970) on, as a door in `zone` goes by them. */
export function weekOf(
	spans: readonly Span[],
	holidays: Holidays,
	zone: TimeZone,
	monday: number,
): WeekDay[] {
	const changes = changesFrom(zone, monday);
	return Array.from({ length: 7 }, (_, i) => {
		const number = monday + i;
		const own = changes.flatMap((change) => onDay(change, number));
		const blocks = blocksOf(spans, holidays, number).flatMap((block) => without(block, own));
		return {
			...{ number, holidays: kindsOf(number, holidays), changes: own, blocks },
			minutes: minutesOf(blocks, own),
		};
	});
}

/** The Monday of the week that a day is in, days since 1970. */
export function mondayOf(day: number): number {
	return day - ((weekday(day) + 6) % 7);
}

/** The kinds of holidays that a local day is. */
export function kindsOf(day: number, holidays: Holidays): string[] {
	return Object.entries(holidays).flatMap(([kind, entries]) =>
		entries.some((entry) => isIn(day, entry)) ? kind : [],
	);
}

function isIn(day: number, entry: HolidayEntry): boolean {
	const { date, days = 1 } = typeof entry === "string" ? { date: entry } : entry;
	const [year, month, first] =
		date.split("-").length === 3 ? date.split("-").map(Number) : [0, ...date.split("-").map(Number)];
	let start = dayNumber(year! || yearOf(day), month!, first!);
	// One of every year may have begun in the year before.
	if (!year && start > day) start = dayNumber(yearOf(day) - 1, month!, first!);
	return day >= start && day < start + days;
}

/** By what a day goes: its kinds of holidays, or its weekday. */
function keysOf(day: number, holidays: Holidays): readonly DayKey[] {
	const kinds = kindsOf(day, holidays);
	return kinds.length > 0 ? kinds : [(weekday(day) + 6) % 7];
}

function blocksOf(spans: readonly Span[], holidays: Holidays, day: number): Block[] {
	const [today, yesterday] = [keysOf(day, holidays), keysOf(day - 1, holidays)];
	return spans.flatMap(({ day: key, from, to }, span): Block[] => [
		...(yesterday.includes(key) && to > DAY_MIN ? [{ from: 0, to: to - DAY_MIN, span, isRest: true }] : []),
		...(today.includes(key) ? [{ from, to: Math.min(to, DAY_MIN), span, isRest: false }] : []),
	]);
}

/** What of a block is left where minutes of its day do not exist. */
function without(block: Block, changes: readonly ClockChange[]): Block[] {
	return changes
		.filter(({ kind }) => kind === "skipped")
		.reduce(
			(pieces, gap) =>
				pieces.flatMap((piece) =>
					[
						{ ...piece, to: Math.min(piece.to, gap.from) },
						{ ...piece, from: Math.max(piece.from, gap.to) },
					].filter(({ from, to }) => from < to),
				),
			[block],
		);
}

/** Minutes of the day in which any block is; those that come twice count twice. */
function minutesOf(blocks: readonly Block[], changes: readonly ClockChange[]): number {
	let total = 0;
	for (let minute = 0; minute < DAY_MIN; minute++) {
		if (!blocks.some(({ from, to }) => minute >= from && minute < to)) continue;
		total += changes.some(({ from, kind, to }) => kind === "twice" && minute >= from && minute < to) ? 2 : 1;
	}
	return total;
}

/** Minutes between two looks at the clock; no zone changes twice within. */
const LOOK_MIN = 360;

/** Changes of the clock in the week and at its edges, in minutes of local time since 1970. */
function changesFrom(zone: TimeZone, monday: number): ClockChange[] {
	const offset = (minute: number): number => zone.offsetAt(minute * 60) / 60;
	const changes: ClockChange[] = [];
	for (let at = (monday - 1) * DAY_MIN; at < (monday + 8) * DAY_MIN; at += LOOK_MIN) {
		const [before, after] = [offset(at), offset(at + LOOK_MIN)];
		if (before === after) continue;
		let [low, high] = [at, at + LOOK_MIN];
		while (high - low > 1) {
			const middle = Math.floor((low + high) / 2);
			if (offset(middle) === before) low = middle;
			else high = middle;
		}
		changes.push(
			after > before
				? { kind: "skipped", from: high + before, to: high + after }
				: { kind: "twice", from: high + after, to: high + before },
		);
	}
	return changes;
}

function onDay({ kind, from, to }: ClockChange, day: number): ClockChange[] {
	const start = day * DAY_MIN;
	const own = { kind, from: Math.max(from - start, 0), to: Math.min(to - start, DAY_MIN) };
	return own.from < own.to ? [own] : [];
}

/** Local time of a moment: days since 1970, and the minute of that day. */
export function localOf(seconds: number, zone: TimeZone): { readonly day: number; readonly minute: number } {
	const local = seconds + zone.offsetAt(seconds);
	const day = Math.floor(local / DAY);
	return { day, minute: Math.floor((local - day * DAY) / 60) };
}
