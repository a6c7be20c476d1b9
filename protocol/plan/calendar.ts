// SPDX-License-Identifier: Apache-2.0

/**
 * Day numbers of the proleptic Gregorian calendar; 1970-01-01 is 0. Integer arithmetic, after Howard Hinnant's
 * "chrono-compatible low-level date algorithms" (howardhinnant.github.io/date_algorithms.html, public domain).
 */

export const DAY = 86400;

/** `month` 1 to 12, `day` from 1; a day beyond its month runs into the next. */
export function dayNumber(year: number, month: number, day: number): number {
	const y = month <= 2 ? year - 1 : year;
	const era = Math.floor(y / 400);
	const yearOfEra = y - era * 400;
	const dayOfYear = (((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0) + day - 1;
	return (
		era * 146097 + yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear - 719468
	);
}

/** The year that `day` lies in. */
export function yearOf(day: number): number {
	const z = day + 719468;
	const era = Math.floor(z / 146097);
	const dayOfEra = z - era * 146097;
	const y =
		((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36524) | 0) - ((dayOfEra / 146096) | 0)) / 365) | 0;
	const dayOfYear = dayOfEra - (365 * y + ((y / 4) | 0) - ((y / 100) | 0));
	// The year of the algorithm begins in March: January and February are its days from 306 on.
	return y + era * 400 + (dayOfYear >= 306 ? 1 : 0);
}

/** 0 is Sunday. */
export function weekday(day: number): number {
	return (((day + 4) % 7) + 7) % 7;
}

export function isLeap(year: number): boolean {
	return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
