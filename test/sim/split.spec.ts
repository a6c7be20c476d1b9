// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { WIRINGS } from "../../sim/pn532/board.js";
import { runTap, type TapOptions, type TapResult } from "../../sim/scenario.js";
import { PARTS, Spans } from "../../sim/split.js";

const crypto = new NodeCrypto();

/** In tenths of a millisecond, which is how they are shown. */
function tenths(ms: number): number {
	return Math.round(10 * ms);
}

function wholeSplit(tap: TapResult): NonNullable<TapResult["split"]> {
	assert.equal(tap.decision, "granted");
	const { split, relayOnMs } = tap;
	assert.sameMembers(Object.keys(split!), [...PARTS]);
	for (const part of PARTS) assert.isAtLeast(split![part], 0, part);
	const sum = PARTS.reduce((total, part) => total + tenths(split![part]), 0);
	assert.equal(sum, tenths(relayOnMs!), `seed ${tap.seed}`);
	return split!;
}

const TAPS: readonly Omit<TapOptions, "crypto" | "phone" | "suite" | "seed">[] = [
	...WIRINGS.map((bus) => ({ link: "nfc" as const, bus })),
	...(["ios", "android"] as const).flatMap((profile) =>
		[false, true].map((first) => ({ link: "ble" as const, profile, first })),
	),
	{ link: "qr" },
];

describe("where the time of a tap goes", () => {
	for (const way of TAPS)
		for (const repeat of way.first ? [false] : [false, true])
			it(`${Object.values(way).join(", ")}${repeat ? ", again" : ""}: the parts add up to the whole, exactly`, () => {
				for (let seed = 1; seed <= 8; seed++) {
					const tap = runTap({ ...way, crypto, phone: "valid", suite: 4, seed, repeat });
					const { air, bus, phone, poll, reader } = wholeSplit(tap);
					assert.equal(tap.repeat, repeat);
					const used = { nfc: [air, phone, bus, reader], ble: [air, phone, reader], qr: [poll, bus, reader] };
					for (const part of used[way.link]) assert.isAbove(part, 0);
					if (way.link === "ble") assert.deepEqual([poll, bus], [0, 0]);
					if (way.link === "qr") assert.deepEqual([air, phone], [0, 0]);
				}
			});

	it("is not told of a tap that opens nothing", () => {
		for (const link of ["nfc", "ble", "qr"] as const) {
			const tap = runTap({ crypto, link, phone: "revoked", suite: 4, seed: 1 });
			assert.isNull(tap.relayOnMs);
			assert.isUndefined(tap.split);
		}
	});

	it("the second tap of a phone costs the reader one verification less", () => {
		const options = { crypto, link: "nfc", phone: "valid", suite: 4, seed: 2 } as const;
		const [first, again] = [runTap(options), runTap({ ...options, repeat: true })];
		assert.closeTo(first.split!.reader - again.split!.reader, 16.7, 2);
	});

	it("a faster processor shortens the reader's part, and no other", () => {
		const options = { crypto, link: "nfc", phone: "valid", suite: 4, seed: 2 } as const;
		const [slow, fast] = [runTap(options), runTap({ ...options, cpu: "240" })];
		assert.closeTo(fast.split!.reader, (slow.split!.reader * 160) / 240, 0.5);
		assert.closeTo(fast.split!.phone, slow.split!.phone, 0.2);
		assert.closeTo(fast.split!.air, slow.split!.air, 0.2);
	});

	it("what goes on at once is charged once: to the phone before the air, the reader and the bus", () => {
		const spans = new Spans();
		spans.add("poll", 0, 1000);
		spans.add("reader", 500, 5000);
		spans.add("phone", 2000, 4000);
		spans.add("air", 3000, 4500);
		spans.add("reader", 7000, 9000);
		assert.deepEqual(spans.split(0, 8040, "bus"), { poll: 1, air: 0.5, phone: 2, bus: 2, reader: 2.5 });
		assert.deepEqual(spans.split(4000, 4600, "bus"), { poll: 0, air: 0.5, phone: 0, bus: 0, reader: 0.1 });
	});
});
