// SPDX-License-Identifier: Apache-2.0

import { DAY, dayNumber } from "../../../protocol/plan/calendar.js";
import { EPOCH, NO_END, PERIOD } from "../../../protocol/plan/format.js";
import type { TimeZone } from "../../../protocol/plan/tz.js";
import { type Path, PlanDocumentError } from "./document.js";

/** Dates and times of day as the plan file has them. Each throws `PlanDocumentError`. */

/** Periods of 5 minutes since 2020; `from` 0: no beginning; `until` NO_END: no end. */
export interface Validity {
	readonly from: number;
	readonly until: number;
}

export function validity(
	path: Path,
	entry: { readonly from?: string; readonly until?: string },
	zone: TimeZone,
): Validity {
	const from = entry.from === undefined ? 0 : moment([...path, "from"], entry.from, false, zone);
	const until = entry.until === undefined ? NO_END : moment([...path, "until"], entry.until, true, zone);
	if (until <= from) fail([...path, "until"], `"${entry.until}" is not after its beginning`);
	return { from, until };
}

/** "2026-05-01" (its local beginning, or for an end the end of that day), or "2026-05-01T08:00" local, or with Z. */
function moment(path: Path, text: string, end: boolean, zone: TimeZone): number {
	const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(Z?))?$/.exec(text);
	if (match === null)
		fail(path, `"${text}" is no date: "2026-05-01", "2026-05-01T08:00" or "2026-05-01T06:00Z"`);
	const day = date(path, Number(match[1]), Number(match[2]), Number(match[3]));
	const minute = match[4] === undefined ? (end ? 1440 : 0) : minutes(path, match[4]);
	const local = day * DAY + minute * 60;
	// Local time to UTC: with the offset at a first guess, then with the offset at the result.
	let utc = local;
	if (match[5] !== "Z") for (let i = 0; i < 2; i++) utc = local - zone.offsetAt(utc);
	const period = (utc - EPOCH) / PERIOD;
	if (period < 1) fail(path, `"${text}" is before 2020; leave it out`);
	if (period >= NO_END) fail(path, `"${text}" is too far ahead; leave it out`);
	if (!Number.isInteger(period)) fail(path, `"${text}" is not at 5 minutes; round it`);
	return period;
}

/** Days since 1970. */
export function date(path: Path, year: number, month: number, day: number): number {
	const number = month >= 1 && month <= 12 && day >= 1 ? dayNumber(year, month, day) : Number.NaN;
	const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
	if (!(number < next)) fail(path, "is a day that does not exist");
	return number;
}

/** Since midnight. */
export function minutes(path: Path, text: string): number {
	const match = /^(\d\d):(\d\d)$/.exec(text);
	const value = match === null ? -1 : Number(match[1]) * 60 + Number(match[2]);
	if (value < 0 || value > 1440 || Number(match![2]) > 59)
		fail(path, `"${text}" is no time: "00:00" to "24:00"`);
	return value;
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** "mon", "mon-fri" or "daily", a bit for each day from Sunday on. */
export function weekdays(path: Path, text: string): number {
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

export function fail(path: Path, message: string): never {
	throw new PlanDocumentError(path, message);
}
