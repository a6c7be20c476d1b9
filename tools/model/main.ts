// SPDX-License-Identifier: Apache-2.0

/** `npm run model -- --runs N [--seed S]`: long exploration of door and log against their invariants. */
import { explore } from "../../test/src/door/model.js";
import { commandLine } from "../command-line.js";

const values = commandLine("npm run model -- [--runs N] [--seed S]", {
	runs: { type: "string", default: "10000" },
	seed: { type: "string", default: "1" },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
	console.error("--runs and --seed take whole numbers");
	process.exit(2);
}

const started = Date.now();
const BATCH = 10_000;
for (let done = 0; done < runs; done += BATCH) {
	const batch = Math.min(BATCH, runs - done);
	// Every fifth sequence runs over a clock that jumps.
	explore(Math.ceil(0.8 * batch), seed + done, false);
	explore(Math.floor(0.2 * batch), seed + done + 1, true);
	if (process.stderr.isTTY) process.stderr.write(`\r${done + batch} sequences`);
}
if (process.stderr.isTTY) process.stderr.write("\n");
console.log(
	`sequences ${runs} seed ${seed} violations 0 seconds ${Math.round((Date.now() - started) / 1000)}`,
);
