// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { ProvisioningError } from "../../../protocol/provisioning/error.js";
import { SimFlash } from "../../../sim/flash.js";
import { COMMANDS } from "../../../src/service/commands.js";

const SIZE = 128 * 1024;

interface Reply {
	readonly size: number;
	readonly bytes: Uint8Array;
	readonly blank: number;
}

function ask(flash: SimFlash, at: number): Reply {
	return COMMANDS.log!(
		{ device: { log: flash }, store: {} } as never,
		{ at },
		undefined as never,
	) as unknown as Reply;
}

/** Bytes that are not blank, at these addresses. */
function written(...addresses: number[]): SimFlash {
	const flash = new SimFlash({ size: SIZE });
	for (const at of addresses) flash.write(at, Uint8Array.of(0x7f));
	return flash;
}

describe("the log by cable", () => {
	it("says how much after a blank chunk is blank as well, 32 KB at most", () => {
		assert.equal(ask(written(), 0).blank, 32 * 1024);
		assert.equal(ask(written(1023), 0).blank, 0, "a chunk that is not blank says nothing of others");
		assert.equal(ask(written(1024), 0).blank, 0);
		assert.equal(ask(written(2047), 0).blank, 0);
		assert.equal(ask(written(5000), 0).blank, 3 * 1024);
		assert.equal(ask(written(), SIZE - 3 * 1024).blank, 2 * 1024, "nor is there more than the log");
		assert.equal(ask(written(), SIZE - 1024).blank, 0);
		assert.equal(ask(written(), SIZE - 100).blank, 0);
		assert.lengthOf(ask(written(), SIZE).bytes, 0);
	});

	it("what it leaves out is blank, and all the rest is there, whatever was written", () => {
		fc.assert(
			fc.property(fc.array(fc.nat(SIZE - 1), { maxLength: 6 }), fc.nat(2), (addresses, shift) => {
				const flash = written(...addresses);
				const image = new Uint8Array(SIZE).fill(0xff);
				let requests = 0;
				for (let at = 0; at < SIZE; requests++) {
					const { bytes, blank } = ask(flash, at);
					image.set(bytes, at);
					at += bytes.length + blank;
					// Somebody who reads on from anywhere gets the same.
					if (requests === 0) at = Math.max(0, at - shift);
				}
				const real = new Uint8Array(SIZE);
				flash.read(0, real);
				assert.deepEqual(image, real);
				assert.isAtMost(requests, 8 + 34 * addresses.length);
			}),
			{ numRuns: 40 },
		);
	});

	it("refuses what is outside of it", () => {
		for (const at of [-1, SIZE + 1, Number.NaN, 2 ** 40])
			assert.throws(() => ask(written(), at), ProvisioningError, "outside the log", String(at));
	});
});
