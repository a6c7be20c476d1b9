// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { KnownCredentials } from "../../../protocol/credential/known.js";
import type { TrustList } from "../../../protocol/trust/list.js";
import { SeededRandom } from "../../../sim/random.js";
import { SimSite } from "../../../sim/site.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;

describe("credentials that are known", () => {
	const listOf = (seed: number): TrustList => new SimSite(crypto, new SeededRandom(seed)).trust;
	const [one, other] = [listOf(1), listOf(2)];

	it("are the 64 newest, whole, as a list of them has it", () => {
		const random = new SeededRandom(3);
		const known = new KnownCredentials();
		// Few first bytes, and some that differ in one byte alone.
		const some = Array.from({ length: 90 }, () => {
			const hash = random.bytes(32);
			hash[0]! &= 3;
			return hash;
		});
		for (const hash of some.slice(0, 40)) {
			const near = hash.slice();
			near[random.uint32() % 32]! ^= 1;
			some.push(near);
		}
		const model: Uint8Array[] = [];
		for (let step = 0; step < 400; step++) {
			const hash = some[random.uint32() % some.length]!;
			assert.equal(known.has(hash, one, crypto), model.includes(hash), `step ${step}`);
			if (model.includes(hash)) continue;
			known.add(hash, one);
			model.push(hash);
			if (model.length > 64) model.shift();
		}
		assert.lengthOf(model, 64);
	});

	it("are none under another list", () => {
		const known = new KnownCredentials();
		const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
		known.add(first, one);
		assert.isFalse(known.has(first, other, crypto));
		known.add(second, other);
		assert.isTrue(known.has(second, other, crypto));
		assert.isFalse(known.has(first, other, crypto));
		assert.isFalse(known.has(second, one, crypto));
	});
});
