// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { ATTACKERS, flood } from "../../../tools/log/flood.js";

describe("a flood of the log", () => {
	for (const attackers of [...ATTACKERS.map((one) => [one]), ATTACKERS])
		it(`by ${attackers.join(", ")}: 40 days at a log of four sectors push out no alarm, configuration or service record`, () => {
			const { entryGone, reservedThere, exact, intact, records, acts } = flood(attackers, {
				size: 16 * 1024,
				days: 40,
			});
			assert.isAbove(entryGone ?? 41, 2, "an entry's record, days");
			assert.isTrue(reservedThere);
			assert.isTrue(exact, "what is counted and what is recorded singly is what happened");
			assert.isTrue(intact);
			assert.isBelow(records, acts / 5);
		});
});
