// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { type Radio, runTap } from "../../sim/scenario.js";

const crypto = new NodeCrypto();
const SEEDS = 16;

/** From the phone to the relay, ms, of taps that come at different moments; the fastest first. */
function latencies(link: Radio, traffic: boolean): number[] {
	const times = Array.from({ length: SEEDS }, (_, i) => {
		const tap = runTap({ crypto, link, phone: "valid", suite: 4, seed: i + 1, traffic });
		assert.equal(tap.decision, "granted");
		return tap.relayOnMs!;
	});
	return times.sort((a, b) => a - b);
}

describe("a tap while the site sends one plan behind the other", () => {
	for (const link of ["nfc", "ble"] as const)
		it(`takes as long over ${link} as one without, whenever it comes`, () => {
			const [busy, quiet] = [latencies(link, true), latencies(link, false)];
			const text = `with traffic ${busy[0]} to ${busy.at(-1)} ms, without ${quiet[0]} to ${quiet.at(-1)}`;
			// Over NFC the poll that finds the phone comes up to 55 ms later or earlier: no two runs agree in that, their range does. Over BLE
			// what the reader computes of a plan may cost a frame its connection event, and the next one comes 30 ms later.
			assert.isAtMost(busy.at(-1)!, quiet[0]! + (link === "nfc" ? 55 : 30), text);
			assert.closeTo(busy[0]!, quiet[0]!, link === "nfc" ? 20 : 0, text);
		});
});
