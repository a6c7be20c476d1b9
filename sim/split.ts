// SPDX-License-Identifier: Apache-2.0

/** Where the time of a tap went: what was at work when, and who is charged for it. */

/**
 * `poll`: nothing has found the phone yet. `air`: frames under way, and over BLE the wait for the next connection event. `phone`: it
 * computes. `bus`: the PN532 and the wires between it and the reader, or a scanner's. `reader`: its processor computes.
 */
export const PARTS = Object.freeze(["poll", "air", "phone", "bus", "reader"] as const);
export type Part = (typeof PARTS)[number];

/** Milliseconds, in tenths; the parts add up to the whole exactly. */
export type Split = Readonly<Record<Part, number>>;

/** What two parts do at once is charged to the first of these: the reader's work while the phone computes costs no time. */
const ORDER: readonly Part[] = Object.freeze(["poll", "phone", "air", "reader", "bus"] as const);

interface Span {
	readonly part: Part;
	readonly from: number;
	readonly to: number;
}

export class Spans {
	readonly #spans: Span[] = [];

	/** Microseconds. */
	add(part: Part, from: number, to: number): void {
		if (to > from) this.#spans.push({ part, from, to });
	}

	/** Between two moments; what no span covers is `rest`'s. */
	split(from: number, to: number, rest: Part): Split {
		const sums: Record<Part, number> = { poll: 0, air: 0, phone: 0, bus: 0, reader: 0 };
		const within = this.#spans.filter((span) => span.from < to && span.to > from);
		const edges = new Set([from, to]);
		for (const span of within) {
			edges.add(Math.max(from, span.from));
			edges.add(Math.min(to, span.to));
		}
		const moments = [...edges].sort((a, b) => a - b);
		for (const [i, start] of moments.slice(0, -1).entries()) {
			const end = moments[i + 1]!;
			const at = within.filter((span) => span.from <= start && span.to >= end);
			const part = ORDER.find((each) => at.some((span) => span.part === each)) ?? rest;
			sums[part] += end - start;
		}
		let left = tenths(to - from);
		for (const part of PARTS) {
			if (part === rest) continue;
			sums[part] = tenths(sums[part]);
			left -= sums[part];
		}
		sums[rest] = left;
		for (const part of PARTS) sums[part] /= 10;
		return sums;
	}
}

function tenths(micros: number): number {
	return Math.round(micros / 100);
}
