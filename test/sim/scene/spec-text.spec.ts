// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { Scene } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";
import { specOf } from "../../../sim/scene/spec-text.js";
import { root } from "../../support/host.js";

/** What mocha says of a spec's text, beside the specs that it would stand beside. */
function mocha(text: string): { status: number | null; stdout: string } {
	const file = join(root, `build/test/sim/scene/copied-${process.pid}.js`);
	writeFileSync(file, text);
	try {
		const args = [join(root, "node_modules/mocha/bin/mocha.js"), "--no-config", "--timeout", "60000", file];
		return spawnSync(process.execPath, args, { encoding: "utf8" });
	} finally {
		rmSync(file);
	}
}

describe("a scene copied as a spec", () => {
	const scene = new Scene({
		crypto: new NodeCrypto(),
		script: parseScript("seed=5&do=0.tap~9000.tap.revoked"),
	});
	// A person who drops in while the reader computes.
	scene.runTo(171_234);
	scene.perform("tap", { who: "stranger", by: "ble" });
	scene.runTo(3_000_000);
	const text = specOf(scene);

	it("runs, and finds the log and the door as they were", () => {
		const { status, stdout } = mocha(text);
		assert.equal(status, 0, stdout);
		assert.include(text, "decision granted by nfc");
		assert.include(text, "decision denied unknown-credential by ble");
		assert.notInclude(text, "tap.revoked", "which was still to come");
	});

	it("turns red where the door or the log is another", () => {
		for (const [is, was] of [
			["denied unknown-credential by ble", "granted by ble"],
			['"locked":false', '"locked":true'],
			["seed=5", "seed=6"],
		] as const) {
			assert.include(text, is);
			const { status, stdout } = mocha(text.replace(is, was));
			assert.equal(status, 1, stdout);
			assert.include(stdout, "AssertionError");
		}
	});
});
