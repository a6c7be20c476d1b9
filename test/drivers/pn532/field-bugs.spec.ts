// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { FIELD_BUGS } from "./field-bugs.js";
import { BUSES } from "./world.js";

/** Simulated time from a fault to service, at most. */
const LIMIT_MS = 5000;

describe("PN532 driver against the field's bugs", () => {
	for (const { name, source, buses = BUSES, run } of FIELD_BUGS) {
		for (const bus of buses) {
			it(`${bus}: ${name} [${source}]`, () => {
				const took = run(bus);
				assert.isAtMost(took, LIMIT_MS);
				assert.isAbove(took, 0);
			});
		}
	}
});
