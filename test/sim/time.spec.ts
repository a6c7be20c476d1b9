// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { VirtualTime } from "../../sim/time.js";

describe("simulated time", () => {
	it("runs events in the order of a stable sort by their time", () => {
		fc.assert(
			fc.property(fc.array(fc.nat(50)), (delays) => {
				const time = new VirtualTime();
				const ran: number[] = [];
				delays.forEach((delay, i) => {
					time.after(delay, () => ran.push(i));
				});
				time.run(1);
				const expected = delays.map((_, i) => i).sort((a, b) => delays[a]! - delays[b]! || a - b);
				assert.deepEqual(ran, expected);
			}),
		);
	});

	it("an alarm rings once, is replaced by a new setting and silenced by clear", () => {
		const time = new VirtualTime();
		let rings = 0;
		const alarm = time.alarm(() => rings++);
		alarm.set(10);
		alarm.set(20);
		time.run(15);
		assert.equal(rings, 0);
		time.run(5);
		assert.equal(rings, 1);
		alarm.set(5);
		alarm.clear();
		time.run(100);
		assert.equal(rings, 1);
	});

	it("runUntil stops at the limit where nothing happens", () => {
		const time = new VirtualTime();
		assert.isFalse(time.runUntil(() => false, 7));
		assert.equal(time.now(), 7);
	});
});
