// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

const PROGRAMS = {
	start: "sim/start.js",
	tap: "sim/tap.js",
	fuzz: "tools/fuzz/main.js",
	powercut: "tools/powercut/main.js",
	model: "tools/model/main.js",
};

describe("what npm run runs", () => {
	const run = (file: string, ...args: string[]) =>
		spawnSync(process.execPath, [join(root, "build", file), ...args], { encoding: "utf8" });

	for (const [name, file] of Object.entries(PROGRAMS))
		it(`${name} says what it takes, on --help and where it is given anything else`, () => {
			const help = run(file, "--help");
			assert.equal(help.status, 0);
			assert.match(help.stdout, new RegExp(`^npm (run )?${name} --`));
			for (const wrong of [["--nonsense"], ["nonsense"], ["--seed", "many"]]) {
				const { status, stderr, stdout } = run(file, ...wrong);
				assert.notEqual(status, 0);
				assert.equal(stdout, "");
				assert.notMatch(stderr, /^ +at |node:internal/m);
				assert.include(stderr, wrong[0] === "--seed" ? "seed" : "nonsense");
			}
		});

	it("start takes all that the README says, and one of its simulators at a time", () => {
		const { stdout } = run(PROGRAMS.start, "--help");
		const readme = readFileSync(join(root, "README.md"), "utf8");
		for (const [, option] of readme.matchAll(/npm start -- (--\w+)/g)) assert.include(stdout, option!);
		assert.match(run(PROGRAMS.start, "--factory", "--ble").stderr, /give one/);
		assert.match(run(PROGRAMS.start, "--engine", "xs").stderr, /xs with --factory/);
		assert.match(run(PROGRAMS.start, "--engine", "xs", "--ble").stderr, /xs with --factory/);
	});
});
