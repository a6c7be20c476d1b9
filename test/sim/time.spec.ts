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

	it("while the processor is busy hardware goes on at its own moments, all else comes late, and nothing goes back", () => {
		const time = new VirtualTime();
		const seen: [string, number][] = [];
		const see = (what: string) => () => seen.push([what, time.micros]);
		time.after(100, () => {
			time.spend(1000);
			see("computed")();
			time.hardware.after(50, see("answer"));
		});
		time.after(300, see("alarm"));
		time.hardware.after(200, () => {
			see("chip")();
			time.hardware.after(150, see("chip again"));
			time.after(0, see("interrupt"));
		});
		time.run(0.5);
		assert.equal(time.micros, 1100);
		time.run(1);
		assert.deepEqual(seen, [
			["chip", 200],
			["chip again", 350],
			["computed", 1100],
			["interrupt", 1100],
			["alarm", 1100],
			["answer", 1150],
		]);
	});

	it("runUntil stops at the limit where nothing happens", () => {
		const time = new VirtualTime();
		assert.isFalse(time.runUntil(() => false, 7));
		assert.equal(time.now(), 7);
	});
});
