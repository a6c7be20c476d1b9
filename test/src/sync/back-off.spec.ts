// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { BACK_OFF_MS, MAX_BACK_OFF_MS, nextWait, share } from "../../../src/sync/back-off.js";

const dice = fc.nat(0xffff_ffff);

describe("the back-off of sync", () => {
	it("waits 2 s at least, 5 minutes at most, and at most three times as long as before", () => {
		fc.assert(
			fc.property(fc.nat(MAX_BACK_OFF_MS), dice, (before, one) => {
				const wait = nextWait(before, one);
				assert.isTrue(Number.isInteger(wait));
				assert.isAtLeast(wait, BACK_OFF_MS);
				assert.isAtMost(wait, Math.min(MAX_BACK_OFF_MS, 3 * Math.max(BACK_OFF_MS, before)));
			}),
		);
	});

	it("rises to 5 minutes at the worst, and there with all dice", () => {
		let wait = 0;
		for (let i = 0; i < 10; i++) wait = nextWait(wait, 0xffff_ffff);
		assert.equal(wait, MAX_BACK_OFF_MS);
		assert.equal(nextWait(wait, 0), BACK_OFF_MS);
	});

	it("spreads readers that lost their site at one moment: each tenth of the time has its share of a thousand", () => {
		const tenths = new Array<number>(10).fill(0);
		for (let i = 0; i < 1000; i++)
			tenths[Math.floor(share(59_999, Math.imul(i, 2_654_435_761) >>> 0) / 6000)]!++;
		for (const count of tenths) assert.approximately(count, 100, 10);
	});
});
