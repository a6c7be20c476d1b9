// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { VirtualTime } from "../../../sim/time.js";
import { ConnectionThrottle } from "../../../src/links/connection-throttle.js";

describe("patience", () => {
	it("is short after three phones in vain within 10 s, and full again 10 s after the last", () => {
		const time = new VirtualTime();
		const patience = new ConnectionThrottle(time);
		time.run(60_000);
		for (const short of [false, false, true]) {
			patience.gone(false);
			assert.equal(patience.short, short);
			time.run(3000);
		}
		time.run(6999);
		assert.isTrue(patience.short);
		time.run(1);
		assert.isFalse(patience.short);
		patience.gone(false);
		assert.isFalse(patience.short, "the old ones are forgotten");
	});

	it("comes back with phones that are served: as many as came in vain, six at most", () => {
		const time = new VirtualTime();
		const patience = new ConnectionThrottle(time);
		for (let i = 0; i < 100; i++) patience.gone(false);
		for (const short of [true, true, true, false]) {
			patience.gone(true);
			assert.equal(patience.short, short);
		}
	});

	it("is never short where fewer than three of ten seconds came in vain", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.nat(9000), fc.boolean()), { maxLength: 60 }), (visits) => {
				const time = new VirtualTime();
				const patience = new ConnectionThrottle(time);
				const inVain: number[] = [];
				for (const [wait, served] of visits) {
					time.run(wait);
					patience.gone(served);
					if (!served) inVain.push(time.now());
					const chained = inVain.filter((at, i) => i === 0 || at - inVain[i - 1]! < 10_000);
					if (patience.short) assert.isAtLeast(chained.length, 3);
					if (inVain.length < 3) assert.isFalse(patience.short);
				}
			}),
		);
	});
});
