// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import type { Lane, Span } from "../../../sim/scene/spans.js";
import { mergeSpans, placeOf, shownIn, ticksOf, timeText, windowOf } from "../../../sim/scene/window.js";

let last = 0;
function span(lane: Lane, from: number, to: number, going?: true): Span {
	return { id: ++last, lane, from, to, going, title: lane };
}

describe("the part of time that lanes show", () => {
	const earlier = span("transaction", 500_000, 600_000);
	const came = span("field", 1_000_000, 2_200_000);
	const select = span("transaction", 1_030_000, 1_050_000);
	const decided = span("decision", 1_200_000, 1_200_000);
	const relay = span("relay", 1_200_000, 1_200_000, true);
	const after = span("network", 1_900_000, 1_900_000);
	const spans = [earlier, came, select, decided, relay, after];

	it("of the last visit: from the phone's coming to what came of it, and a little around", () => {
		const window = windowOf(spans, "visit", 9_000_000);
		assert.deepEqual(window, { from: 992_000, to: 1_208_000, zero: 1_000_000 });
		assert.sameMembers([...shownIn(spans, window)], [came, select, decided, relay]);
	});

	it("grows while a visit goes on", () => {
		assert.isAtLeast(windowOf([came], "visit", 1_010_000).to, 1_050_000);
		assert.isAtLeast(windowOf([came, select], "visit", 1_060_000).to, 1_050_000);
	});

	it("up to now, where that is asked for or nobody has come", () => {
		assert.deepEqual(windowOf(spans, "seconds", 9_000_000), { from: -1e6, to: 9e6, zero: 9e6 });
		assert.equal(windowOf([earlier], "visit", 700_000).to, 700_000);
	});

	it("places every span that is shown inside of it", () => {
		const time = fc.integer({ min: -5_000_000, max: 5_000_000 });
		fc.assert(
			fc.property(time, time, time, time, fc.boolean(), (a, b, c, d, going) => {
				const window = { from: Math.min(a, b), to: Math.max(a, b) + 1, zero: 0 };
				const one = span("bus", Math.min(c, d), Math.max(c, d), going || undefined);
				const [shown] = shownIn([one], window);
				if (shown === undefined) return;
				const { left, width } = placeOf(shown, window);
				assert.isTrue(left >= 0 && width >= 0 && left + width <= 1 + 1e-9, `${left} ${width}`);
			}),
		);
	});

	it("has some round moments", () => {
		const ticks = ticksOf({ from: 992_000, to: 1_208_000, zero: 1_000_000 });
		assert.deepEqual(ticks, [0, 50_000, 100_000, 150_000, 200_000]);
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1e9 }), (length) => {
				const { length: count } = ticksOf({ from: 0, to: length, zero: 0 });
				assert.isTrue(count >= 3 && count <= 6, String(count));
			}),
		);
	});

	it("keeps one of each id, as it was last told, and the newest where there are too many", () => {
		const grown = { ...select, to: 1_060_000 };
		assert.deepEqual(mergeSpans([came, select], [grown, decided], 10), [came, grown, decided]);
		assert.deepEqual(mergeSpans([came, select], [decided], 2), [select, decided]);
	});

	it("says times as people read them", () => {
		assert.deepEqual([0, 31_100, 1_500_000, 61_000_000].map(timeText), [
			"0.0 ms",
			"31.1 ms",
			"1500 ms",
			"61.0 s",
		]);
	});
});
