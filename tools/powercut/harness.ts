// SPDX-License-Identifier: Apache-2.0

import { type Cut, PowerCut } from "../../sim/flash.js";
import { SeededRandom } from "../../sim/random.js";
import { traceOf } from "../../site/lib/files/failure.js";
import { type Case, caseId, type Scenario } from "./scenario.js";

export interface Finding {
	/** Replays it: `--replay ID`. */
	readonly id: string;
	readonly message: string;
}

export interface Tally {
	/** Cuts that hit. */
	cuts: number;
	cases: number;
	readonly findings: Finding[];
}

/** An erase is torn at this many places, a write at each of its bytes. */
const ERASE_TEARS = 16;
const SECTOR = 4096;

/** Runs a case: what was lost, or `undefined`. Counts the cuts that hit. */
export function play(scenario: Scenario, { cuts }: Case, tally: Tally): string | undefined {
	const world = scenario.begin();
	try {
		let finished = false;
		for (const cut of [...cuts, undefined]) {
			world.power.restore();
			world.power.plan(cut);
			finished = false;
			try {
				scenario.run(world);
				// Where the firmware goes on without its flash, the cut shows here.
				world.power.check();
				finished = true;
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				tally.cuts++;
			}
			world.power.restore();
			scenario.check(world, finished);
		}
		if (!finished) return "did not get to its end with the power on";
		return undefined;
	} catch (error) {
		return traceOf(error);
	}
}

/** Sizes in bytes of the operations of an undisturbed run. */
export function operations(scenario: Scenario): number[] {
	const world = scenario.begin();
	world.power.restore();
	world.power.trace = [];
	scenario.run(world);
	const sizes = world.power.trace;
	world.power.trace = undefined;
	scenario.check(world, true);
	return sizes;
}

/** Each operation of an undisturbed run, interrupted in each way. */
export function* everyCut(sizes: readonly number[]): Generator<Cut> {
	for (const [at, size] of sizes.entries()) {
		yield { at, kind: "dropped" };
		const step = size >= SECTOR ? size / ERASE_TEARS : 1;
		for (let byte = 1; byte < size; byte += step) yield { at, kind: "torn", byte: Math.floor(byte) };
		for (let seed = 0; seed < 4; seed++) {
			yield { at, kind: "partial", seed };
			yield { at, kind: "garbage", seed };
		}
		yield { at, kind: "done" };
	}
}

export function randomCut(random: SeededRandom, sizes: readonly number[]): Cut {
	// A run that mends what a cut left may do more than an undisturbed one.
	const at = random.below(sizes.length + 4);
	const kinds = ["dropped", "torn", "partial", "garbage", "done"] as const;
	const kind = kinds[random.below(kinds.length)]!;
	if (kind === "torn") return { at, kind, byte: random.below(sizes[at] ?? 64) };
	return { at, kind, seed: random.below(0x7fffffff) };
}

/** All single cuts, then seeded pairs in turn over the scenarios until `cuts` are reached; of more single ones so many of them. */
export function explore(
	scenarios: readonly Scenario[],
	cuts: number,
	seed: number,
	report: (line: string) => void,
): Tally {
	const tally: Tally = { cuts: 0, cases: 0, findings: [] };
	const attempt = (scenario: Scenario, cutList: readonly Cut[]): void => {
		const one: Case = { scenario: scenario.name, cuts: cutList };
		const message = play(scenario, one, tally);
		tally.cases++;
		if (message !== undefined) tally.findings.push({ id: caseId(one), message });
	};
	const sizes = new Map(scenarios.map((scenario) => [scenario, operations(scenario)]));
	const singles = new Map(scenarios.map((scenario) => [scenario, [...everyCut(sizes.get(scenario)!)]]));
	const random = new SeededRandom(seed);
	const all = [...singles.values()].reduce((sum, { length }) => sum + length, 0);
	// Every so many-th, from a seeded one on.
	const share = Math.min(1, cuts / all);
	let due = share < 1 ? random.below(1000) / 1000 : 0;
	for (const [scenario, list] of singles) {
		const before = tally.cuts;
		for (const cut of list) {
			due += share;
			if (due < 1) continue;
			due -= 1;
			attempt(scenario, [cut]);
		}
		const made = tally.cuts - before;
		report(
			`${scenario.name}: ${sizes.get(scenario)!.length} operations, ${made} of ${list.length} single cuts`,
		);
	}
	const single = tally.cuts;
	for (let n = 0; share === 1 && tally.cuts < cuts; n++) {
		const scenario = scenarios[n % scenarios.length]!;
		const list = sizes.get(scenario)!;
		attempt(scenario, [randomCut(random, list), randomCut(random, list)]);
		if (n > 4 * cuts) throw new Error("cuts do not hit any more");
	}
	report(`pairs: ${tally.cuts - single} cuts, seed ${seed}`);
	return tally;
}
