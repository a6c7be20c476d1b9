// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { dayNumber } from "../../protocol/plan/calendar.js";
import { PlanTables } from "../../protocol/plan/tables.js";
import { compileImage } from "../../site/lib/plan/compile.js";
import type { HolidayEntry, IntervalEntry } from "../../site/lib/plan/document.js";
import { zoneNamed } from "../../site/lib/plan/zones.js";
import {
	DAY_MIN,
	dragged,
	type Holidays,
	intervalsOf,
	localOf,
	mondayOf,
	type Span,
	spansOf,
	timeText,
	WEEKDAYS,
	weekOf,
	withCopies,
	withOther,
	withoutSpan,
	withSpan,
} from "../../site/web/week.js";

/** Europe's rule, the southern half, half an hour, at midnight, by law of each year, none, and a Saturday that ends twice. */
const ZONES = [
	...["Europe/Vienna", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca"],
	...["UTC0", "AST4ADT,M3.2.0/0,M11.1.0/0"],
];
const KINDS = ["school", "public"];
const NO_DAYS: Holidays = { school: [], public: [] };
const RUNS = { numRuns: 150 };

const time = fc.integer({ min: 0, max: 95 }).map((quarter) => timeText(quarter * 15));
const dayText = fc.oneof(
	fc.constantFrom(...WEEKDAYS),
	fc.constant("daily"),
	fc.tuple(fc.constantFrom(...WEEKDAYS), fc.constantFrom(...WEEKDAYS)).map(([a, b]) => `${a}-${b}`),
);
const interval: fc.Arbitrary<IntervalEntry> = fc
	.record({
		days: fc.array(dayText, { maxLength: 3 }),
		holidays: fc.uniqueArray(fc.constantFrom(...KINDS)),
		from: time,
		to: fc.oneof(time, fc.constant("24:00")),
	})
	.filter(({ days, from, holidays, to }) => days.length + holidays.length > 0 && from !== to);
const date = fc
	.record({
		year: fc.constantFrom("", "2027-", "2028-"),
		month: fc.integer({ min: 1, max: 12 }),
		day: fc.integer({ min: 1, max: 28 }),
	})
	.map(({ day, month, year }) => `${year}${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`);
const holiday: fc.Arbitrary<HolidayEntry> = fc.oneof(
	date,
	fc.record({ date, days: fc.integer({ min: 1, max: 60 }) }),
);
const schedule = fc.array(interval, { maxLength: 5 });
const holidays: fc.Arbitrary<Holidays> = fc
	.tuple(fc.array(holiday, { maxLength: 3 }), fc.array(holiday, { maxLength: 3 }))
	.map(([school, pub]) => ({ school, public: pub }));
/** Weeks of 2027 and 2028, those in which clocks are changed more often. */
const monday = fc
	.oneof(
		fc.integer({ min: dayNumber(2027, 1, 1), max: dayNumber(2028, 12, 31) }),
		fc.constantFrom(
			dayNumber(2027, 3, 28),
			dayNumber(2027, 10, 31),
			dayNumber(2028, 3, 12),
			dayNumber(2028, 11, 5),
		),
	)
	.map(mondayOf);
const zone = fc.constantFrom(...ZONES);

/** The plan as a reader has it. */
function tables(intervals: readonly IntervalEntry[], holidays: Holidays, timeZone: string): PlanTables {
	const { tables } = compileImage(
		{
			...{ site: "ACME", timeZone, holidays, accessPlans: {}, doors: { D: {} }, users: [] },
			schedules: { one: intervals },
		},
		{ door: "D", version: 1, issued: 1_800_000_000, zone: (name) => zoneNamed(name, 1_700_000_000) },
	);
	return PlanTables.parse(tables)!;
}

/** Each quarter of an hour of the week, and whether the reader's schedule holds then. */
function* moments(
	plan: PlanTables,
	first: number,
): Iterable<{ holds: boolean; day: number; minute: number }> {
	for (let at = (first - 1) * 86_400; at < (first + 8) * 86_400; at += 900) {
		const { day, minute } = localOf(at, plan.zone);
		if (day >= first && day < first + 7) yield { day, minute, holds: plan.holds(0, at) };
	}
}

describe("a schedule on a week", () => {
	it("is open on each day of any week, in any zone, as the reader's plan holds, and for as long", () => {
		fc.assert(
			fc.property(schedule, holidays, zone, monday, (intervals, days, timeZone, first) => {
				const plan = tables(intervals, days, timeZone);
				const week = weekOf(spansOf(intervals), days, plan.zone, first);
				const lasts = new Array<number>(7).fill(0);
				for (const { day, holds, minute } of moments(plan, first)) {
					const { blocks, changes } = week[day - first]!;
					const isOpen = blocks.some(({ from, to }) => minute >= from && minute < to);
					assert.equal(isOpen, holds, `${timeZone} day ${day} minute ${minute}`);
					assert.isFalse(
						changes.some(({ from, kind, to }) => kind === "skipped" && minute >= from && minute < to),
						"there is no such minute",
					);
					if (holds) lasts[day - first]! += 15;
				}
				assert.deepEqual(
					week.map(({ minutes }) => minutes),
					lasts,
				);
			}),
			RUNS,
		);
	});

	it("comes back as intervals that hold at the same times", () => {
		fc.assert(
			fc.property(schedule, holidays, zone, monday, (intervals, days, timeZone, first) => {
				const before = tables(intervals, days, timeZone);
				const after = tables(intervalsOf(spansOf(intervals)), days, timeZone);
				const [one, two] = [before, after].map((plan) => [...moments(plan, first)].map(({ holds }) => holds));
				assert.deepEqual(two, one);
			}),
			RUNS,
		);
	});

	it("is written as a person would: days of the same times together, ranges, an end at midnight", () => {
		const five = [0, 1, 2, 3, 4].map((day) => ({ day, from: 480, to: 1020 }));
		const spans: Span[] = [
			...five,
			{ day: 5, from: 480, to: 720 },
			{ day: "school", from: 480, to: 720 },
			{ day: 4, from: 1320, to: 1560 },
			{ day: 6, from: 0, to: DAY_MIN },
		];
		assert.deepEqual(intervalsOf(spans), [
			{ days: ["sun"], from: "00:00", to: "24:00" },
			{ days: ["sat"], holidays: ["school"], from: "08:00", to: "12:00" },
			{ days: ["mon-fri"], from: "08:00", to: "17:00" },
			{ days: ["fri"], from: "22:00", to: "02:00" },
		]);
		assert.deepEqual(intervalsOf([0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, from: 0, to: 60 }))), [
			{ days: ["daily"], from: "00:00", to: "01:00" },
		]);
	});

	it("is edited by what was dragged: the plan is open there, and elsewhere as before", () => {
		const pointer = fc.integer({ min: 0, max: 1500 });
		fc.assert(
			fc.property(
				schedule,
				zone,
				monday,
				fc.integer({ min: 0, max: 6 }),
				pointer,
				pointer,
				(intervals, timeZone, first, day, start, end) => {
					const span = dragged(day, start, end);
					const spans = withSpan(spansOf(intervals), span);
					const before = tables(intervals, NO_DAYS, timeZone);
					const after = tables(intervalsOf(spans), NO_DAYS, timeZone);
					const were = [...moments(before, first)];
					for (const [i, { day: number, holds, minute }] of [...moments(after, first)].entries()) {
						const key = number - first;
						const isIn =
							(key === day && minute >= span.from && minute < span.to) ||
							((key + 6) % 7 === day && minute + DAY_MIN < span.to);
						assert.equal(holds, were[i]!.holds || isIn);
					}
				},
			),
			RUNS,
		);
	});

	it("is edited by moving, taking away and copying days", () => {
		const spans = spansOf([{ days: ["mon-wed"], from: "08:00", to: "17:00" }]);
		assert.deepEqual(intervalsOf(withOther(spans, 0, { day: 5, from: 540, to: 600 })), [
			{ days: ["tue", "wed"], from: "08:00", to: "17:00" },
			{ days: ["sat"], from: "09:00", to: "10:00" },
		]);
		assert.deepEqual(intervalsOf(withoutSpan(spans, 1)), [
			{ days: ["mon", "wed"], from: "08:00", to: "17:00" },
		]);
		assert.deepEqual(intervalsOf(withCopies(spans, 0, [0, 4, "school"])), [
			{ days: ["mon-wed", "fri"], holidays: ["school"], from: "08:00", to: "17:00" },
		]);
		// Longer than a plan can hold: nothing is changed, and two that would make such a one stay two.
		assert.deepEqual(withOther(spans, 0, { day: 0, from: 480, to: 480 + DAY_MIN }), spans);
		const two = withSpan([{ day: 0, from: 600, to: 1800 }], { day: 0, from: 60, to: 900 });
		assert.lengthOf(two, 2);
	});

	it("shows the hour that is left out and the one that comes twice", () => {
		const vienna = tables([], {}, "Europe/Vienna").zone;
		const all = spansOf([{ days: ["daily"], from: "00:00", to: "24:00" }]);
		const spring = weekOf(all, {}, vienna, mondayOf(dayNumber(2027, 3, 28)))[6]!;
		assert.deepEqual(spring.changes, [{ kind: "skipped", from: 120, to: 180 }]);
		assert.equal(spring.minutes, 23 * 60);
		assert.deepEqual(
			spring.blocks.map(({ from, to }) => [from, to]),
			[
				[0, 120],
				[180, 1440],
			],
		);
		const autumn = weekOf(all, {}, vienna, mondayOf(dayNumber(2027, 10, 31)))[6]!;
		assert.deepEqual(autumn.changes, [{ kind: "twice", from: 120, to: 180 }]);
		assert.equal(autumn.minutes, 25 * 60);
		const holiday = weekOf(all, { public: ["12-25"] }, vienna, mondayOf(dayNumber(2027, 12, 25)))[5]!;
		assert.deepEqual([holiday.holidays, holiday.blocks], [["public"], []]);
	});
});
