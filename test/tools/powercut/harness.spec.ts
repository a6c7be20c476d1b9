// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Power, SimFlash } from "../../../sim/flash.js";
import { everyCut, explore, operations, play } from "../../../tools/powercut/harness.js";
import { caseId, type PowercutWorld, parseCase, type Scenario } from "../../../tools/powercut/scenario.js";
import { scenarios } from "../../../tools/powercut/scenarios.js";

interface Cell extends PowercutWorld {
	readonly flash: SimFlash;
}

/** A number kept in one sector, erased and written in place: what nobody should do. */
const naive: Scenario<Cell> = {
	name: "naive",
	begin: () => {
		const power = new Power();
		const flash = new SimFlash({ size: 4096, power });
		flash.write(0, Uint8Array.of(1, 1, 1, 1));
		return { power, flash };
	},
	run: ({ flash }) => {
		flash.erase(0);
		flash.write(0, Uint8Array.of(2, 2, 2, 2));
	},
	check: ({ flash }) => {
		const [a, ...rest] = flash.snapshot().subarray(0, 4);
		if ((a !== 1 && a !== 2) || rest.some((b) => b !== a)) throw new Error("neither old nor new");
	},
};

describe("power cuts: the harness", function () {
	this.timeout(60_000);

	it("finds the store that writes in place, and replays what it found", () => {
		const tally = explore([naive as Scenario], 200, 1, () => undefined);
		assert.isAbove(tally.findings.length, 10);
		assert.include(
			tally.findings.map((f) => f.id),
			"naive/0:done:0",
		);
		for (const { id } of tally.findings.slice(0, 20)) {
			const again = play(naive as Scenario, parseCase(id), { cuts: 0, cases: 0, findings: [] });
			assert.match(again ?? "", /neither old nor new/);
			assert.equal(caseId(parseCase(id)), id);
		}
	});

	it("interrupts every operation, a write at each of its bytes", () => {
		const sizes = operations(naive as Scenario);
		assert.deepEqual(sizes, [4096, 4]);
		const cuts = [...everyCut(sizes)];
		assert.deepEqual(
			cuts.filter((c) => c.at === 1 && c.kind === "torn").map((c) => c.byte),
			[1, 2, 3],
		);
		for (const kind of ["dropped", "partial", "garbage", "done"]) {
			for (const at of [0, 1]) assert.isTrue(cuts.some((c) => c.at === at && c.kind === kind));
		}
	});

	it("loses nothing in the quick scenarios (all of them, with more cuts: npm run powercut)", () => {
		const quick = scenarios.filter((s) =>
			["plan-delta", "plan-revoke", "config-commission"].includes(s.name),
		);
		assert.lengthOf(quick, 3);
		const tally = explore(quick, 1500, 3, () => undefined);
		assert.deepEqual(tally.findings, []);
		assert.isAtLeast(tally.cuts, 1500);
	});
});
