// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { wearOf } from "../../../tools/wear/wear.js";

/** The figures of docs/plan.md are those of 365 days (LINTEL_DAYS=365, half a minute). */
const DAYS = Number(process.env.LINTEL_DAYS ?? 30);

describe("access plan: wear of flash", () => {
	it(`${DAYS} days of a busy site erase no sector more often than 300 times a year`, () => {
		// 40 additions and 40 revocations a day in 20 deltas, a snapshot every month.
		const site = { credentials: 400, days: DAYS, deltasPerDay: 20, changesPerDelta: 2, snapshotDays: 30 };
		const wear = wearOf(site, new NodeCrypto());
		assert.equal(wear.deltas + wear.snapshots, 20 * DAYS + 1);
		assert.isAtMost(wear.most, Math.ceil((300 * DAYS) / 365));
		assert.isAbove(wear.merges, DAYS);
		if (process.env.LINTEL_FIGURES) process.stdout.write(`${JSON.stringify({ site, wear })}\n`);
	});
});
