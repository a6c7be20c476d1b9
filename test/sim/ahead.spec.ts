// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { openDoor, visit } from "../../sim/scenario.js";
import { told } from "../../sim/told-crypto.js";
import type { World } from "../../sim/world.js";

describe("what a reader computes ahead of a tap", () => {
	for (const suite of [2, 5])
		for (const link of ["nfc", "ble"] as const)
			it(`suite ${suite}, ${link}: from the second phone on no key of P-256 is made while one waits`, () => {
				const made: number[] = [];
				const crypto = told(new NodeCrypto(), (call) => {
					if (call === "p256KeyPair" && world !== undefined) made.push(world.time.micros);
				});
				let world: World | undefined;
				const options = { crypto, link, phone: "valid", suite, seed: 5 } as const;
				world = openDoor(options);
				// The phone's own key, and the first time the reader's.
				for (const keys of [2, 1, 1]) {
					const came = world.time.micros;
					const { decision, relayOnMs } = visit(world, options);
					assert.equal(decision, "granted");
					const opened = came + 1000 * relayOnMs!;
					assert.lengthOf(
						made.filter((at) => at >= came && at <= opened),
						keys,
					);
				}
			});
});
