// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { SeededRandom } from "../../../../sim/random.js";
import { MAX_HOLDERS, Steps } from "../../../../src/schemes/qr/steps.js";

const id = (n: number): Uint8Array => new SeededRandom(n + 1).bytes(8);

describe("steps of codes", () => {
	it("only rise for a credential, and are its own", () => {
		const steps = new Steps();
		assert.equal(steps.take(id(1), 100, 100), "taken");
		for (const step of [100, 99, 98]) assert.equal(steps.take(id(1), step, 100), "used");
		assert.equal(steps.take(id(1), 101, 100), "taken");
		assert.equal(steps.take(id(2), 99, 100), "taken");
		const near = id(1).slice();
		near[7]! ^= 1;
		assert.equal(steps.take(near, 100, 100), "taken", "an id that differs in its last bit");
	});

	it("full, it takes nobody new while all codes live, and forgets none of them", () => {
		const steps = new Steps();
		for (let n = 0; n < MAX_HOLDERS; n++) assert.equal(steps.take(id(n), 101, 100), "taken");
		assert.equal(steps.take(id(1000), 100, 100), "full");
		for (let n = 0; n < MAX_HOLDERS; n++) assert.equal(steps.take(id(n), 101, 100), "used");
		assert.equal(steps.take(id(3), 102, 101), "taken");
		// A code of step 101 can be shown until step 102 has passed.
		assert.equal(steps.take(id(1000), 102, 102), "full");
		assert.equal(steps.take(id(1000), 103, 103), "taken");
	});

	it("those that gave way do not come back where the clock is set back", () => {
		const steps = new Steps();
		for (let n = 0; n < MAX_HOLDERS; n++) steps.take(id(n), 100, 100);
		for (let n = 0; n < MAX_HOLDERS; n++) assert.equal(steps.take(id(n + 100), 200, 200), "taken");
		for (const n of [0, 20, MAX_HOLDERS - 1]) assert.equal(steps.take(id(n), 100, 100), "used");
		assert.equal(steps.take(id(0), 101, 100), "full");
	});

	it("takes what a list of everything would take, in any order", () => {
		const random = new SeededRandom(7);
		const steps = new Steps();
		const taken = new Map<number, number>();
		for (let i = 0; i < 3000; i++) {
			const present = 100 + Math.floor(i / 20);
			const who = random.below(30);
			const step = present - 1 + random.below(3);
			const expected = step > (taken.get(who) ?? -1) ? "taken" : "used";
			assert.equal(steps.take(id(who), step, present), expected);
			if (expected === "taken") taken.set(who, step);
		}
	});
});
