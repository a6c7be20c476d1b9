// SPDX-License-Identifier: Apache-2.0

/** Which of a scene's spans are shown, and on what scale of time. Pure. */

import { LANES, type Lane, type Span } from "./span.js";

/** What is looked at: the last time that a phone or card came, or the time up to now. */
export const VIEWS = Object.freeze({ visit: "Last visit", seconds: "10 s", minute: "1 min" } as const);
export type View = keyof typeof VIEWS;

export interface Window {
	/** µs of the scene. */
	readonly from: number;
	readonly to: number;
	/** The moment from which its times are counted. */
	readonly zero: number;
}

const LENGTHS = Object.freeze({ seconds: 10_000_000, minute: 60_000_000 });
/** Shown where nobody has come yet, and the least that is shown, µs. */
const SHORT = 2_000_000;
const LEAST = 50_000;
/** What a visit lasts for: the transaction, and what came of it. */
const OF_VISIT: readonly Lane[] = ["transaction", "edhoc", "decision"];

/** The part of time to show at `now`. */
export function windowOf(spans: readonly Span[], view: View, now: number): Window {
	if (view !== "visit") return { from: now - LENGTHS[view], to: now, zero: now };
	const came = spans.filter(({ lane }) => lane === "field").at(-1)?.from;
	if (came === undefined) return { from: now - SHORT, to: now, zero: now };
	const last = spans.reduce(
		(end, { from, lane, to }) => (from >= came && OF_VISIT.includes(lane) ? Math.max(end, to) : end),
		came,
	);
	const end = Math.max(last > came ? last : Math.min(now, came + SHORT), came + LEAST);
	const margin = (end - came) * 0.04;
	return { from: came - margin, to: end + margin, zero: came };
}

/** What is in a window, in its order. */
export function shownIn(spans: readonly Span[], { from, to }: Window): readonly Span[] {
	return spans
		.filter((span) => span.from <= to && endOf(span) >= from)
		.sort((a, b) => a.from - b.from || LANES.indexOf(a.lane) - LANES.indexOf(b.lane) || a.id - b.id);
}

/** Where a span is in a window, both 0 to 1. */
export function placeOf(span: Span, { from, to }: Window): { readonly left: number; readonly width: number } {
	const left = Math.max(0, (span.from - from) / (to - from));
	return { left, width: Math.max(0, Math.min(1, (endOf(span) - from) / (to - from)) - left) };
}

function endOf({ going, to }: Span): number {
	return going ? Number.POSITIVE_INFINITY : to;
}

/** Round moments of a window, three to six of them, µs from its zero. */
export function ticksOf({ from, to, zero }: Window): readonly number[] {
	const rough = (to - from) / 5;
	const ten = 10 ** Math.floor(Math.log10(rough));
	const step = ten * ([1, 2, 5].find((round) => round * ten >= rough) ?? 10);
	const ticks: number[] = [];
	for (let n = Math.ceil((from - zero) / step); n * step <= to - zero; n++) ticks.push(n * step + 0);
	return ticks;
}

/** The spans that are kept, `news` in their places: one with the same id is the same, grown. At most `limit`, the newest. */
export function mergeSpans(kept: readonly Span[], news: readonly Span[], limit: number): readonly Span[] {
	const merged = new Map(kept.map((span) => [span.id, span]));
	for (const span of news) merged.set(span.id, span);
	return [...merged.values()].slice(-limit);
}

/** A time in words: a thousandth of a tap's time is of no use to people. */
export function timeText(micros: number): string {
	const ms = micros / 1000;
	if (Math.abs(ms) >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
	return `${ms.toFixed(Math.abs(ms) >= 1000 ? 0 : 1)} ms`;
}
