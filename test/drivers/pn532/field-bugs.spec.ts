import { assert } from "chai";
import { FIELD_BUGS } from "./field-bugs.js";

/** Simulated time from a fault to service, at most. */
const LIMIT_MS = 5000;

describe("PN532 driver against the field's bugs", () => {
	for (const { name, source, run } of FIELD_BUGS) {
		it(`${name} [${source}]`, () => {
			const took = run();
			assert.isAtMost(took, LIMIT_MS);
			assert.isAbove(took, 0);
		});
	}
});
