// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import { digestInPage, usePage, withScene } from "../support/page.js";

const SEEDS = 20;
const MS = 1500;
const DO = "do=0.tap~700.pull~1000.tap.revoked";

describe("the page's world", function () {
	this.timeout(120_000);
	usePage();

	it(`gives what Node gives, byte by byte, for ${SEEDS} seeds`, async () => {
		const crypto = new NodeCrypto();
		await withScene("seed=1", async (page) => {
			const digests = new Set<string>();
			for (let seed = 1; seed <= SEEDS; seed++) {
				const script = `seed=${seed}&${DO}`;
				const there = digestInPage(page, script, MS);
				const scene = new Scene({ crypto, script: parseScript(script) });
				scene.run(MS);
				const here = toHex(scene.digest());
				assert.equal(await there, here, script);
				digests.add(here);
			}
			assert.equal(digests.size, SEEDS, "each seed is a run of its own");
		});
	});
});
