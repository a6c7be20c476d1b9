// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { VirtualTime } from "../../../sim/time.js";
import { FORGET_MS, MAX_BACKOFF_MS, MIN_BACKOFF_MS, PeerBackoff } from "../../../src/links/peer-backoff.js";

function table(): { time: VirtualTime; callers: PeerBackoff } {
	const time = new VirtualTime();
	time.run(1000);
	return { time, callers: new PeerBackoff(time) };
}

/** Ms until a caller is let in again. */
function turnedAway(time: VirtualTime, callers: PeerBackoff, peer: number): number {
	const from = time.now();
	while (callers.isBlocked(peer)) time.run(100);
	return time.now() - from;
}

describe("callers that came in vain", () => {
	it("two visits in vain cost nothing, then 1 s, doubled each time up to 8 s", () => {
		const { time, callers } = table();
		const waits: number[] = [];
		for (let i = 0; i < 8; i++) {
			callers.gone(-7, "failed");
			waits.push(turnedAway(time, callers, -7));
		}
		assert.deepEqual(waits, [0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
	});

	it("where many come in vain, one costs nothing", () => {
		const { time, callers } = table();
		callers.gone(7, "failed", true);
		assert.isFalse(callers.isBlocked(7));
		callers.gone(7, "failed", true);
		assert.equal(turnedAway(time, callers, 7), MIN_BACKOFF_MS);
	});

	it("one that only stays away never waits longer than the shortest time", () => {
		const { time, callers } = table();
		for (let i = 0; i < 20; i++) {
			callers.gone(7, "away", i > 5);
			assert.isAtMost(turnedAway(time, callers, 7), MIN_BACKOFF_MS);
		}
	});

	it("a visit that is served clears it, and so does a minute", () => {
		const { time, callers } = table();
		for (let i = 0; i < 5; i++) callers.gone(7, "failed");
		callers.gone(7, "served");
		assert.isFalse(callers.isBlocked(7));
		callers.gone(7, "failed");
		callers.gone(7, "failed");
		assert.isFalse(callers.isBlocked(7), "counted from the start");
		time.run(FORGET_MS);
		callers.gone(7, "failed");
		assert.isFalse(callers.isBlocked(7));
	});

	it("strangers without end do not drive out one that came more often", () => {
		const { callers } = table();
		for (let i = 0; i < 3; i++) callers.gone(7, "failed");
		for (let stranger = 100; stranger < 200; stranger++) callers.gone(stranger, "failed");
		assert.isTrue(callers.isBlocked(7));
	});

	it("holds when the clock passes 2^31 and 2^32 ms", () => {
		for (const edge of [2 ** 31, 2 ** 32]) {
			const { time, callers } = table();
			time.run(edge - 1500);
			for (let i = 0; i < 3; i++) callers.gone(7, "failed");
			assert.equal(turnedAway(time, callers, 7), MIN_BACKOFF_MS);
		}
	});

	it("a new caller is never turned away, whatever the others do, and nobody for longer than 8 s", () => {
		const visits = fc.array(
			fc.tuple(fc.nat(12), fc.constantFrom("served", "failed", "away"), fc.boolean(), fc.nat(5000)),
			{ maxLength: 200 },
		);
		fc.assert(
			fc.property(visits, (all) => {
				const { time, callers } = table();
				for (const [peer, visit, flood, wait] of all) {
					callers.gone(peer, visit as "served" | "failed" | "away", flood);
					assert.isFalse(callers.isBlocked(99));
					if (visit === "served") assert.isFalse(callers.isBlocked(peer));
					time.run(wait);
				}
				for (let peer = 0; peer <= 12; peer++)
					assert.isAtMost(turnedAway(time, callers, peer), MAX_BACKOFF_MS);
			}),
		);
	});
});
