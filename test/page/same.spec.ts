// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import { digestsInPage, usePage, withScene } from "../support/page.js";

const SEEDS = 20;
const MS = 1500;
const DO = "do=0.tap~700.pull~1000.tap.revoked";

describe("the page's world", () => {
	usePage();

	it(`gives what Node gives, byte by byte, for ${SEEDS} seeds`, async () => {
		const scripts = Array.from({ length: SEEDS }, (_, i) => `seed=${i + 1}&${DO}`);
		await withScene("seed=1", async (page) => {
			const there = digestsInPage(page, scripts, MS);
			const crypto = new NodeCrypto();
			const here = scripts.map((script) => {
				const scene = new Scene({ crypto, script: parseScript(script) });
				scene.run(MS);
				return toHex(scene.digest());
			});
			assert.deepEqual(await there, here);
			assert.equal(new Set(here).size, SEEDS, "each seed is a run of its own");
		});
	});
});
