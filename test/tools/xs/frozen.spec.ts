// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { assert } from "chai";
import { build, MissingTool } from "../../../tools/xs/build.js";
import { moduleGraph, writeMap } from "../../../tools/xs/modules.js";
import { root, skip } from "../../support/host.js";

const preloaded = join(root, "build/test/xs/preloaded.js");
const main = join(root, "build/test/xs/frozen-main.js");

/** Writes to what stays writable on a device, each as an alias in memory; all others are refused there. */
const ALLOWED = [
	"an object",
	"an object, a new property",
	"an object in a frozen one",
	"an object with an accessor, a new property",
	"an array",
	"an array, push",
	"an instance, its field",
	"an instance, its private field",
	"a binding to a number",
	"a binding to an object",
	"a binding to nothing yet",
	"a closure's count",
	"an instance made now",
	"a typed array made now",
	"the global object",
];

interface Outcome {
	readonly tried: readonly string[];
	readonly refused: readonly string[];
}

describe("the XS host, what its modules have in flash", () => {
	let program: string;

	before(function () {
		try {
			program = build("host");
		} catch (error) {
			if (!(error instanceof MissingTool) || process.env.CI) throw error;
			skip(this, error.message);
		}
	});

	function tryAll(...options: string[]): Outcome {
		const map = writeMap("test/xs/frozen", moduleGraph([main]));
		return JSON.parse(execFileSync(program, ["--map", map, ...options, main], { encoding: "utf8" }));
	}

	it("refuses every write that the SDK's linker makes a device refuse, and no other", () => {
		const { tried, refused } = tryAll("--preload", preloaded);
		assert.deepEqual(
			refused,
			tried.filter((write) => !ALLOWED.includes(write)),
		);
	});

	it("does so in a device's memory", () => {
		const options = ["--preload", preloaded, "--device", "65536,8192,1024"];
		assert.deepEqual(tryAll(...options), tryAll("--preload", preloaded));
	});

	it("leaves all writable of a module that is not preloaded, but what freezes itself", () => {
		assert.isTrue(tryAll().refused.every((write) => write.startsWith("a frozen")));
	});
});
