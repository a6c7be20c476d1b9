// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Power, SimFlash } from "../../../sim/flash.js";
import { everyCut, explore, operations, play } from "../../../tools/powercut/harness.js";
import { caseId, type PowercutWorld, parseCase, type Scenario } from "../../../tools/powercut/scenario.js";
import { scenarios } from "../../../tools/powercut/scenarios.js";
import { strangersWrite } from "../../../tools/powercut/stranger.js";

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

describe("power cuts: the harness", () => {
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

	it("makes about as many cuts as it is told, over all scenarios and kinds, and says how many of how many", () => {
		const two = [naive, { ...naive, name: "again" }] as readonly Scenario[];
		const every = 2 * [...everyCut(operations(naive as Scenario))].length;
		for (const [cuts, seed] of [
			[0, 1],
			[1, 1],
			[10, 1],
			[10, 2],
			[every - 1, 3],
			[every, 3],
			[every + 1, 3],
			[300, 3],
		] as const) {
			const lines: string[] = [];
			const tally = explore(two, cuts, seed, (line) => lines.push(line));
			assert.approximately(tally.cuts, cuts, 1);
			const made = lines.flatMap((line) => /(\d+) of (\d+) single/.exec(line)?.slice(1).map(Number) ?? []);
			assert.equal(made[1]! + made[3]!, every);
			assert.approximately(made[0]! + made[2]!, Math.min(cuts, every), 1);
			if (cuts === 10) assert.approximately(made[0]!, 5, 1);
		}
	});

	it("a stranger who writes opens nothing and misleads no check of the log (ten thousand: .ci/run)", () => {
		const findings: string[] = [];
		strangersWrite(120, 9, (id, message) => findings.push(`${id}: ${message}`));
		assert.deepEqual(findings, []);
	});

	it("loses nothing in the quick scenarios (all of them, with more cuts: npm run powercut)", () => {
		const quick = scenarios.filter((s) =>
			["plan-delta", "plan-revoke", "config-commission", "trust-stolen", "notices-move"].includes(s.name),
		);
		assert.lengthOf(quick, 5);
		const tally = explore(quick, 7000, 3, () => undefined);
		assert.deepEqual(tally.findings, []);
		assert.isAtLeast(tally.cuts, 7000);
	});
});
