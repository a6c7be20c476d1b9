// SPDX-License-Identifier: Apache-2.0

import { commandLine, fail } from "../command-line.js";
import { LiarRun } from "./run.js";

const USAGE = `npm run liar -- [--runs N] [--seed S]

Two doors, their site and a broker that lies: it loses, delays, repeats, reorders, swaps, cuts and alters what it carries, says again
what was said months ago, and is another broker for a while. Meanwhile an administrator lets people in, pauses and revokes them, locks
down and releases, and commands the doors; power and network go, for months at times. Each run is judged by what was signed and when; then the broker becomes
honest, and all has to arrive. Run K of N has the seed S + K; with --runs 1 it is that run alone.
The last line is "liar runs N violations M"; exit 1 where M is not 0.`;

function main(): number {
	const values = commandLine(USAGE, {
		runs: { type: "string", default: "1000" },
		seed: { type: "string", default: "1" },
	});
	const [runs, seed] = [Number(values.runs), Number(values.seed)];
	if (![runs, seed].every((number) => Number.isInteger(number) && number >= 0))
		fail(USAGE, "--runs and --seed take whole numbers");
	const began = process.hrtime.bigint();
	const sums = { granted: 0, denied: 0, unlocks: 0, frames: 0, sessions: 0 };
	let bad = 0;
	for (let n = 0; n < runs; n++) {
		const result = new LiarRun(seed + n).run();
		for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name];
		if (result.violations.length === 0) continue;
		if (bad++ < 20)
			console.log(
				`${result.violations.slice(0, 4).join("\n")}\nreplay: npm run liar -- --runs 1 --seed ${seed + n}`,
			);
	}
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;
	const each = ((1000 * seconds) / Math.max(runs, 1)).toFixed(0);
	const what = Object.entries(sums).map(([name, count]) => `${name} ${count}`);
	console.log(`${what.join(", ")} in ${seconds.toFixed(1)} s, ${each} ms a run`);
	console.log(`liar runs ${runs} violations ${bad}`);
	return bad === 0 ? 0 : 1;
}

process.exitCode = main();
