// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import {
	endsBy,
	MAX_BACK_S,
	MAX_FORWARD_S,
	stepBack,
	type TimeFacts,
	timeRefusal,
} from "../../../src/sync/time.js";

/** 2026-11-29T12:00:00Z. */
const NOW = Date.UTC(2026, 10, 29, 12) / 1000;
const DAY = 86_400;
const RUNS: TimeFacts = {
	least: NOW,
	ranOn: true,
	signed: NOW - 30 * DAY,
	until: NOW + 60 * DAY,
	setBack: 0,
};

describe("the site's time", () => {
	it("moves a clock that runs by a day forward and by an hour back", () => {
		assert.isUndefined(timeRefusal(NOW, RUNS));
		assert.isUndefined(timeRefusal(NOW + DAY, RUNS));
		assert.equal(timeRefusal(NOW + DAY + 1, RUNS), "too-far-forward");
		assert.isUndefined(timeRefusal(NOW - 3600, RUNS));
		assert.equal(timeRefusal(NOW - 3601, RUNS), "too-far-back");
	});

	it("moves it back by an hour in all, in however many steps", () => {
		let facts = RUNS;
		let gone = 0;
		for (let step = 0; step < 100; step++) {
			const wanted = facts.least - 100;
			if (timeRefusal(wanted, facts) !== undefined) break;
			gone += 100;
			// Forward again, as one who wants it back for ever would do.
			facts = { ...facts, setBack: facts.setBack + stepBack(wanted, facts.least), least: NOW };
		}
		assert.equal(gone, 3600);
		assert.equal(timeRefusal(facts.least - 2, facts), "too-far-back");
		assert.isUndefined(timeRefusal(facts.least - 1, facts), "each counts whole seconds in its own moments");
		assert.isUndefined(timeRefusal(facts.least, facts), "but the right time is taken");
		assert.isUndefined(timeRefusal(facts.least - 2, { ...facts, setBack: 0 }), "after an installer's visit");
	});

	it("is never before what roots or the plan's signer have signed, nor beyond the end of the server's key", () => {
		for (const ranOn of [true, false]) {
			const facts = { ...RUNS, ranOn, signed: NOW - 10, until: NOW + 10 };
			assert.equal(timeRefusal(NOW - 11, facts), "before-signed");
			assert.isUndefined(timeRefusal(NOW - 10, facts));
			assert.isUndefined(timeRefusal(NOW + 9, facts));
			assert.equal(timeRefusal(NOW + 10, facts), "key-ended");
		}
	});

	it("sets an unset clock, and one that was off without a chip, as far forward as the key goes; never back behind what is known", () => {
		const unset = { ...RUNS, least: 0, ranOn: false };
		assert.isUndefined(timeRefusal(NOW + 59 * DAY, unset));
		assert.equal(timeRefusal(NOW + 60 * DAY, unset), "key-ended");
		const wasOff = { ...RUNS, least: NOW - 20 * DAY, ranOn: false };
		assert.isUndefined(timeRefusal(NOW, wasOff));
		assert.equal(timeRefusal(wasOff.least - 3601, wasOff), "too-far-back");
	});

	it("is seconds since 1970 after 2020", () => {
		assert.equal(timeRefusal(1_577_836_799, { ...RUNS, least: 0, ranOn: false, signed: 0 }), "no-time");
	});

	it("keys end by the later of the clock and the newest signed time; without a clock that is not known", () => {
		assert.equal(endsBy(NOW, NOW - 1), NOW);
		assert.equal(endsBy(NOW - 1, NOW), NOW);
		assert.isUndefined(endsBy(undefined, NOW));
	});

	it("its bounds are those that the page names", () => {
		assert.deepEqual([MAX_FORWARD_S, MAX_BACK_S], [24 * 60 * 60, 60 * 60]);
	});
});
