// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { Limiter } from "../../../src/log/limiter.js";

describe("audit: floods", () => {
	it("nothing is lost count of: taken singly plus told later is all there was, and a minute takes at most 20", () => {
		fc.assert(
			fc.property(fc.array(fc.nat(3000), { maxLength: 400 }), (gaps) => {
				const limiter = new Limiter();
				let now = 0;
				let single = 0;
				let told = 0;
				const times: number[] = [];
				for (const gap of gaps) {
					now += gap;
					told += limiter.settle(now);
					if (limiter.take(now)) {
						single++;
						times.push(now);
					}
				}
				told += limiter.settle(now + 60_000);
				assert.equal(single + told, gaps.length);
				for (const [i, time] of times.entries())
					assert.isAtMost(times.filter((t) => t >= time && t < time + 60_000).length, 40, `from event ${i}`);
			}),
		);
	});
});
