// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { DEFAULT_PROXIMITY } from "../../../protocol/config/proximity.js";
import { Proximity } from "../../../src/links/proximity.js";

const { near, hysteresis } = DEFAULT_PROXIMITY;
const dBm = fc.integer({ min: -127, max: 20 });
const walk = fc.array(dBm, { minLength: 2, maxLength: 60 });

function verdicts(samples: readonly number[]): boolean[] {
	const gate = new Proximity(DEFAULT_PROXIMITY);
	return samples.map((rssi) => {
		gate.sample(rssi);
		return gate.near;
	});
}

describe("proximity", () => {
	it("one sample is no verdict, two strong ones are", () => {
		assert.deepEqual(verdicts([-30, -30]), [false, true]);
	});

	it("follows a hand that comes from the room in at most 10 samples, and one that leaves", () => {
		const approach = verdicts([...Array(20).fill(-80), ...Array(10).fill(-45)]);
		assert.isFalse(approach[19]!);
		assert.isTrue(approach[29]!);
		assert.isFalse(verdicts([...Array(20).fill(-45), ...Array(10).fill(-90)]).at(-1)!);
	});

	it("smooths: each new sample weighs a quarter, and a single strong one in the room is no verdict", () => {
		fc.assert(
			fc.property(walk, (samples) => {
				const gate = new Proximity(DEFAULT_PROXIMITY);
				let mean = samples[0]!;
				for (const rssi of samples) {
					gate.sample(rssi);
					mean += (rssi - mean) / 4;
					assert.closeTo(gate.level!, mean, 1);
				}
			}),
		);
		assert.notInclude(verdicts([-80, -80, -80, -30, -80, -80]), true);
		assert.notInclude(verdicts([-45, -45, -45, -80, -45, -45]).slice(1), false);
	});

	it("is monotone: a signal nowhere weaker is never judged farther", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(dBm, fc.nat(40)), { minLength: 2, maxLength: 60 }), (pairs) => {
				const weak = verdicts(pairs.map(([rssi]) => rssi));
				const strong = verdicts(pairs.map(([rssi, more]) => Math.min(20, rssi + more)));
				for (const [i, verdict] of weak.entries()) if (verdict) assert.isTrue(strong[i]!);
			}),
		);
	});

	it("does not flap: within the hysteresis the verdict never falls again", () => {
		const band = fc.array(fc.integer({ min: near - hysteresis, max: near + 10 }), { maxLength: 80 });
		fc.assert(
			fc.property(band, (samples) => {
				assert.isFalse(verdicts([near, near, ...samples]).includes(false, 1));
			}),
		);
	});

	it("keeps its level between the weakest and the strongest sample, within half a dB", () => {
		fc.assert(
			fc.property(walk, (samples) => {
				const gate = new Proximity(DEFAULT_PROXIMITY);
				for (const rssi of samples) gate.sample(rssi);
				assert.isAtLeast(gate.level!, Math.min(...samples) - 0.5);
				assert.isAtMost(gate.level!, Math.max(...samples) + 0.5);
			}),
		);
	});

	it("ignores what no controller reports, and forgets all on reset", () => {
		const gate = new Proximity(DEFAULT_PROXIMITY);
		for (const rssi of [127, 21, -128, Number.NaN, Number.POSITIVE_INFINITY]) gate.sample(rssi);
		assert.isUndefined(gate.level);
		gate.sample(-30);
		gate.sample(-30);
		gate.reset();
		assert.isFalse(gate.near);
		gate.sample(-30);
		assert.isFalse(gate.near);
	});
});
