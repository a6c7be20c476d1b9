// SPDX-License-Identifier: Apache-2.0

import { InvalidArgumentError } from "commander";
import { isDoorId } from "../protocol/credential/names.js";

/** For commander: a whole number within bounds, or an error that names them. */
export function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
		if (!(value >= least && value <= most)) throw new InvalidArgumentError(`It is ${least} to ${most}.`);
		return value;
	};
}

/** A door's name, as it was given. RangeError where it can be none. */
export function doorOption(name: string): string {
	if (isDoorId(name)) return name;
	throw new RangeError(
		`--door: "${name}" is no door's name: 1 to 8 letters, digits, dots, hyphens and underscores, the first a letter or digit`,
	);
}

/**
 * Seconds since 1970 of a day, or a day and a time; RangeError names the option. `Date.parse` alone makes 2001 of `1`, and of
 * 30 February the second of March.
 */
export function dateSeconds(option: string, text: string): number {
	const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)(?=$|T)/.exec(text) ?? [];
	const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
	const value = Number(day) <= days ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(value)) throw new RangeError(`${option}: "${text}" is no date; write 2026-05-01T06:00Z`);
	return Math.floor(value / 1000);
}

/** Seconds since 1970, whole. */
export function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}

/** An end that is to come, where it is given. RangeError names the option. */
export function endOf(option: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const end = dateSeconds(option, text);
	if (end <= nowSeconds()) throw new RangeError(`${option}: ${text} is past`);
	if (end > 0xffff_ffff) throw new RangeError(`${option}: ${text} is after 2106-02-07`);
	return end;
}

/** The begin and end of a validity, where they are given. RangeError names the option, also of one that has ended already. */
export function validity(
	from: string | undefined,
	until: string | undefined,
): { from?: number; until?: number } {
	const begins = from === undefined ? undefined : dateSeconds("--from", from);
	const ends = endOf("--until", until);
	if (begins !== undefined && ends !== undefined && ends <= begins)
		throw new RangeError(`--until: ${until} is not after --from`);
	return { ...(begins !== undefined && { from: begins }), ...(ends !== undefined && { until: ends }) };
}

/** The known name that `text` was probably meant to be; `undefined` where none is near. */
export function nearest(text: string, known: readonly string[]): string | undefined {
	let best: string | undefined;
	let least = Math.max(1, Math.floor(text.length / 3)) + 1;
	for (const name of known) {
		const distance = edits(text.toLowerCase(), name.toLowerCase());
		if (distance < least) {
			best = name;
			least = distance;
		}
	}
	return best;
}

/** Letters to put in, take out or change (Levenshtein). */
function edits(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
		row = next;
	}
	return row[b.length]!;
}
