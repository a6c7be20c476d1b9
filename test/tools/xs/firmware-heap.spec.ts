// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { assert } from "chai";
import { build, MissingTool } from "../../../tools/xs/build.js";
import { moduleGraph, writeMap } from "../../../tools/xs/modules.js";
import { root, skip } from "../../support/host.js";

const preloaded = join(root, "build/test/xs/keeper.js");
const main = join(root, "build/test/xs/firmware-heap-main.js");
/** Bytes of chunks, slots. */
const HEAP = "16384,1000";
const OUT_OF_MEMORY = 65;

describe("the XS host, the firmware's part of a heap that specs share", () => {
	let program: string;

	before(function () {
		try {
			program = build("host");
		} catch (error) {
			if (!(error instanceof MissingTool) || process.env.CI) throw error;
			skip(this, error.message);
		}
	});

	function keep(what: string): { status: number | null; stdout: string; stderr: string } {
		const map = writeMap("test/xs/firmware-heap", moduleGraph([main]));
		const options = ["--map", map, "--preload", preloaded, "--firmware", HEAP];
		return spawnSync(program, [...options, main, what], { encoding: "utf8" });
	}

	for (const [what, lacks] of [
		["more objects", "1 slots"],
		["more objects, by built-ins", "1 slots"],
		["more objects, by a closure", "1 slots"],
		["more buffers", "1 slots"],
		["larger buffers", "2048 bytes"],
		["one buffer that is too large", "20000 bytes"],
	] as const)
		it(`is full when the firmware keeps ${what}`, () => {
			const { status, stderr } = keep(what);
			assert.equal(status, OUT_OF_MEMORY, stderr);
			assert.match(stderr, /^the firmware has \d+ of 1000 slots and \d+ of 16384 bytes of chunks/);
			assert.include(stderr, `and needs ${lacks} more\n`);
		});

	for (const what of [
		"a few objects",
		"more objects, and drops them",
		"a buffer, and drops it",
		"code of closures",
		"what a callback of the specs makes",
		"nothing, but the specs do",
	])
		it(`is enough when the firmware keeps ${what}`, () => {
			const { status, stdout, stderr } = keep(what);
			assert.equal(status, 0, stderr);
			assert.equal(stdout, "done\n");
		});
});
