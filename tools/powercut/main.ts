// SPDX-License-Identifier: Apache-2.0

import { commandLine } from "../command-line.js";
import { explore, play } from "./harness.js";
import { parseCase } from "./scenario.js";
import { scenarios } from "./scenarios.js";
import { replayStranger, strangersWrite } from "./stranger.js";

const USAGE = `npm run powercut -- [--cuts N] [--seed S] [--scenario NAME] [--replay ID] [--strangers N]

Interrupts every write and erase of each scenario in every way, then seeded pairs until N cuts hit (100000). Where
there are more ways than N it takes N of them, spread over all; each line says how many of how many.
The last line is "cuts N lost M"; exit 1 where M is not 0. Each loss is printed with its ID for --replay.

With --strangers, N cases in place of the cuts: a stranger writes into the partitions of a whole reader while it is off. The
last line is then "strangers N opened or misled M".

Scenarios: ${scenarios.map((s) => s.name).join(", ")}`;

function main(): number {
	const values = commandLine(
		USAGE,
		{
			cuts: { type: "string", default: "100000" },
			seed: { type: "string", default: "1" },
			scenario: { type: "string" },
			replay: { type: "string" },
			strangers: { type: "string" },
		},
		64,
	);
	if (values.replay !== undefined) return replay(values.replay);
	const wanted = values.scenario;
	const chosen = wanted === undefined ? scenarios : scenarios.filter((s) => s.name.startsWith(wanted));
	const cuts = Number(values.cuts);
	const seed = Number(values.seed);
	const strangers = Number(values.strangers ?? 0);
	const counts = [cuts, seed, strangers].every((number) => Number.isInteger(number) && number >= 0);
	if (chosen.length === 0 || !counts) {
		console.error(USAGE);
		return 64;
	}
	if (strangers > 0) return write(strangers, seed);
	const began = process.hrtime.bigint();
	const tally = explore(chosen, cuts, seed, (line) => console.log(line));
	for (const { id, message } of tally.findings.slice(0, 20)) {
		console.log(
			`LOST ${id}\n${message.split("\n").slice(0, 4).join("\n")}\nreplay: npm run powercut -- --replay ${id}`,
		);
	}
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;
	console.log(`${tally.cases} cases in ${seconds.toFixed(1)} s`);
	console.log(`cuts ${tally.cuts} lost ${tally.findings.length}`);
	return tally.findings.length === 0 ? 0 : 1;
}

function write(count: number, seed: number): number {
	let found = 0;
	strangersWrite(count, seed, (id, message) => {
		if (found++ < 20)
			console.log(`OPENED OR MISLED ${id}\n${message}\nreplay: npm run powercut -- --replay ${id}`);
	});
	console.log(`strangers ${count} opened or misled ${found}`);
	return found === 0 ? 0 : 1;
}

function replay(id: string): number {
	const stranger = /^stranger\/(\d+)$/.exec(id);
	if (stranger !== null) {
		const message = replayStranger(Number(stranger[1]));
		console.log(message ?? "nothing opened, nothing misled");
		return message === undefined ? 0 : 1;
	}
	const one = parseCase(id);
	const scenario = scenarios.find((s) => s.name === one.scenario);
	if (scenario === undefined) throw new Error(`no scenario "${one.scenario}"`);
	const tally = { cuts: 0, cases: 1, findings: [] };
	const message = play(scenario, one, tally);
	console.log(message ?? "nothing lost");
	console.log(`cuts ${tally.cuts} lost ${message === undefined ? 0 : 1}`);
	return message === undefined ? 0 : 1;
}

process.exitCode = main();
