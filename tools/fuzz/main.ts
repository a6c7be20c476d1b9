// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { commandLine } from "../command-line.js";
import { MAX_INPUT } from "./mutate.js";
import { attempt, type Finding } from "./run.js";
import type { FuzzTarget } from "./target.js";
import { targets } from "./targets.js";
import type { Work } from "./worker.js";

const USAGE = `npm run fuzz -- [--runs N] [--target NAME,…] [--seed S] [--out FOLDER] | --replay FILE

Runs mutated inputs through the parsers: N in all, at least as many a target as its corpus has. The last line is
"fuzz runs N findings M"; exit 1 where M is not 0, with a file for each finding that --replay runs again.

NAME is a target, or the first words of several, as "provisioning".

Targets: ${targets.map((target) => target.name).join(", ")}`;

/** No input for this long, ms: the one under way hangs. */
const HANG = 10_000;

interface Result {
	readonly findings: readonly Finding[];
	readonly done: number;
	readonly seconds: number;
}

function work(target: FuzzTarget, runs: number, seed: number): Promise<Result> {
	const shared = new SharedArrayBuffer(8 + MAX_INPUT);
	const head = new Int32Array(shared, 0, 2);
	const workerData: Work = { name: target.name, runs, seed, shared };
	// A heap bound of its own: what allocates without end kills the worker and is a finding.
	const worker = new Worker(new URL("./worker.js", import.meta.url), {
		workerData,
		resourceLimits: { maxOldGenerationSizeMb: 256 },
	});
	return new Promise((resolve) => {
		let last = -1;
		const stopped = (problem: string): void => {
			clearInterval(watch);
			const input = new Uint8Array(shared, 8).slice(0, Atomics.load(head, 1));
			resolve({
				findings: [{ target: target.name, input, problem }],
				done: Atomics.load(head, 0),
				seconds: 0,
			});
		};
		const watch = setInterval(() => {
			const now = Atomics.load(head, 0);
			// Starting up counts too: it imports every parser and signs the corpus.
			if (now === last) {
				void worker.terminate();
				stopped(`hangs: nothing for ${HANG} ms`);
			}
			last = now;
		}, HANG);
		worker.once("message", (result: Result) => {
			clearInterval(watch);
			resolve(result);
		});
		worker.once("error", (error) => stopped(`the worker died: ${error.message}`));
	});
}

function keep(folder: string, finding: Finding): string {
	mkdirSync(folder, { recursive: true });
	const input = toHex(finding.input);
	const file = join(
		folder,
		`${finding.target}-${finding.input.length}-${input.slice(0, 16) || "empty"}.json`,
	);
	const { target, problem } = finding;
	writeFileSync(file, `${JSON.stringify({ target, problem, input }, undefined, "\t")}\n`);
	return file;
}

function replay(file: string): number {
	const { target: name, input } = JSON.parse(readFileSync(file, "utf8")) as { target: string; input: string };
	const target = targets.find((one) => one.name === name);
	if (target === undefined) throw new Error(`no target "${name}"`);
	const problem = attempt(target, fromHex(input));
	console.log(problem ?? "nothing found");
	console.log(`fuzz runs 1 findings ${problem === undefined ? 0 : 1}`);
	return problem === undefined ? 0 : 1;
}

async function main(): Promise<number> {
	const values = commandLine(
		USAGE,
		{
			runs: { type: "string", default: "100000" },
			target: { type: "string" },
			seed: { type: "string", default: "1" },
			out: { type: "string", default: "build/fuzz" },
			replay: { type: "string" },
		},
		64,
	);
	if (values.replay !== undefined) return replay(values.replay);
	const wanted = values.target?.split(",");
	const chosen = targets.filter(
		({ name }) => wanted?.some((one) => name === one || name.startsWith(`${one}-`)) ?? true,
	);
	const [runs, seed] = [Number(values.runs), Number(values.seed)];
	if (chosen.length === 0 || !Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
		console.error(USAGE);
		return 64;
	}
	// Workers see `gc` too, and can tell what is kept from what is garbage.
	setFlagsFromString("--expose-gc");
	const shares = chosen.reduce((sum, target) => sum + target.share, 0);
	let total = 0;
	let findings = 0;
	for (const target of chosen) {
		const count = Math.max(target.corpus.length, Math.ceil((runs * target.share) / shares));
		const result = await work(target, count, seed);
		total += result.done;
		findings += result.findings.length;
		const rate = result.seconds > 0 ? Math.round(result.done / result.seconds) : 0;
		console.log(
			`${target.name.padEnd(18)} ${String(result.done).padStart(9)} runs ${String(rate).padStart(8)}/s`,
		);
		for (const finding of result.findings) {
			console.log(
				`FINDING ${finding.problem}\nreplay: npm run fuzz -- --replay ${keep(values.out, finding)}`,
			);
		}
	}
	console.log(`fuzz runs ${total} findings ${findings}`);
	return findings === 0 ? 0 : 1;
}

process.exitCode = await main();
