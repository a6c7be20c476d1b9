// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { runTap } from "../../sim/scenario.js";

const crypto = new NodeCrypto();

describe("what a reader computes ahead of a tap", () => {
	for (const suite of [2, 5])
		for (const link of ["nfc", "ble"] as const)
			it(`suite ${suite}, ${link}: from the second phone on no key of P-256 is made while one waits`, () => {
				// Of P-256: the ephemeral key, the agreement and the signature.
				for (const [repeat, work] of [
					[false, 3],
					[true, 2],
				] as const) {
					const tap = runTap({ crypto, link, phone: "valid", suite, seed: 5, repeat });
					assert.equal(tap.decision, "granted");
					const open = tap.timeline.findIndex(({ text }) => text.startsWith("relay on"));
					const before = tap.timeline.slice(0, open);
					assert.lengthOf(
						before.filter(({ text }) => /^(makes|agrees|signs).* \(P-256\)$/.test(text)),
						work,
					);
				}
			});
});
