// SPDX-License-Identifier: Apache-2.0

import type { LogEntry } from "../protocol/log/record.js";
import { Failure } from "../site/lib/files/failure.js";
import type { PlanNames } from "../site/lib/plan/names.js";
import { dateSeconds } from "./arguments.js";

/** A bound of an export: a serial number, or seconds since 1970. */
export type Bound = { readonly serial: number } | { readonly seconds: number };

/**
 * A serial number, or a date. One without a time zone is the site's where there is a plan file, else UTC. Throws `Failure`.
 */
export function boundOf(option: string, text: string, names: PlanNames | undefined): Bound {
	if (/^\d{1,10}$/.test(text)) return { serial: Number(text) };
	try {
		if (/(Z|[+-]\d\d:\d\d)$/.test(text)) return { seconds: dateSeconds(option, text) };
		const local = dateSeconds(option, text.includes("T") ? `${text}Z` : text);
		return { seconds: names === undefined ? local : names.utc(local) };
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new Failure(
			"usage",
			"not-a-date",
			`${error.message}, or a serial number`,
			"A day alone is its beginning.",
		);
	}
}

/**
 * The serials from the first entry that is not before `since` to the last that is before `until`, with all between them: a
 * clock that was set back, or not set for a while, leaves no gap. `undefined`: none.
 */
export function serialRange(
	entries: readonly LogEntry[],
	since: Bound | undefined,
	until: Bound | undefined,
): { readonly first: number; readonly last: number } | undefined {
	const dated = ({ trust }: LogEntry): boolean => trust !== "unset";
	const after = (entry: LogEntry, bound: Bound): boolean =>
		"serial" in bound ? entry.serial >= bound.serial : dated(entry) && entry.time >= bound.seconds;
	const before = (entry: LogEntry, bound: Bound): boolean =>
		"serial" in bound ? entry.serial < bound.serial : dated(entry) && entry.time < bound.seconds;
	const first = since === undefined ? entries[0] : entries.find((entry) => after(entry, since));
	const last =
		until === undefined ? entries.at(-1) : [...entries].reverse().find((entry) => before(entry, until));
	if (first === undefined || last === undefined || last.serial < first.serial) return undefined;
	return { first: first.serial, last: last.serial };
}
