import { InvalidArgumentError } from "commander";

/** For commander: a whole number within bounds, or an error that names them. */
export function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
		if (!(value >= least && value <= most)) throw new InvalidArgumentError(`It is ${least} to ${most}.`);
		return value;
	};
}

/** Seconds since 1970 of a date as people write it; RangeError names the option. */
export function dateSeconds(option: string, text: string): number {
	const value = Date.parse(text);
	if (Number.isNaN(value)) throw new RangeError(`${option}: "${text}" is no date; write 2026-05-01T06:00Z`);
	return Math.floor(value / 1000);
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
