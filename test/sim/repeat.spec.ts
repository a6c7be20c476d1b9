// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SUITE_IDS } from "../../protocol/edhoc/suites.js";
import { runTap } from "../../sim/scenario.js";
import { cutVisit, PHONES } from "./visits.js";

const crypto = new NodeCrypto();

describe("one seed is one run, every byte and every moment of it", () => {
	for (const suite of SUITE_IDS) {
		it(`suite ${suite}: a tap over NFC and over BLE`, () => {
			for (const link of ["nfc", "ble"] as const)
				for (const seed of [1, 8]) {
					const run = () => runTap({ crypto, link, phone: "valid", suite, seed });
					assert.deepEqual(run(), run());
					const other = runTap({ crypto, link, phone: "valid", suite, seed: seed + 1 });
					assert.notDeepEqual(other.timeline, run().timeline);
				}
		});

		it(`suite ${suite}: a visit that a power cut ends, and the one after it`, () => {
			for (const [seed, phone] of PHONES.entries())
				for (const cut of [100, 330 + 20 * seed]) {
					const run = () => cutVisit({ crypto, suite, phone, seed, cut });
					assert.deepEqual(run(), run());
				}
		});
	}
});
