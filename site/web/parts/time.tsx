// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { locale } from "../words.js";

/** A moment in the browser's time zone and language. `at`: seconds since 1970. */
export function Time({ at }: { at: number }): JSX.Element {
	return <time dateTime={new Date(at * 1000).toISOString()}>{timeText(at)}</time>;
}

export function timeText(at: number): string {
	return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(at * 1000);
}

export function dateText(at: number): string {
	return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }).format(at * 1000);
}

const UNITS = [
	["day", 86_400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
] as const;

/** "3 minutes ago", "in 2 days". */
export function since(at: number, now: number = Date.now() / 1000): string {
	const seconds = at - now;
	const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (["second", 1] as const);
	const relative = new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" });
	return relative.format(Math.trunc(seconds / size), unit);
}
