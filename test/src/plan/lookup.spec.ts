// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { compare } from "../../../protocol/bytes.js";
import { credentialCapacity } from "../../../protocol/plan/capacity.js";
import { NO_END, RECORD } from "../../../protocol/plan/format.js";
import { SeededRandom } from "../../../sim/random.js";
import {
	packRecord,
	packRecords,
	type RecordModel,
	signDelta,
	signSnapshot,
} from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { engine } from "../../support/host.js";
import { device, image, install, start, testSite } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const { signing, trust } = testSite(crypto);

/** Host XS is some 50 times slower: it gets the cost from smaller plans, Node from the largest. */
const SIZES = engine === "node" ? [1000, 10_000, 100_000, 240_000] : [1000, 4000];
const MODULE_16MB = 8_192_000;

/** `count` records whose first four id bytes come from `spread`, the rest from their number. */
function records(count: number, spread: (n: number) => number): Uint8Array {
	const bytes = new Uint8Array(count * RECORD);
	const id = new Uint8Array(8);
	const view = new DataView(id.buffer);
	const firsts = Uint32Array.from({ length: count }, (_, n) => spread(n)).sort();
	for (let n = 0; n < count; n++) {
		view.setUint32(0, firsts[n]!);
		view.setUint32(4, n * 16);
		packRecord({ id, access: 0, flags: 0, from: 0, until: NO_END }, bytes, n * RECORD);
	}
	return bytes;
}

const random = new SeededRandom(77);
const SPREADS: readonly (readonly [string, (n: number) => number])[] = [
	["random ids", () => random.uint32()],
	["ids that count up", (n) => n],
	["all in the lowest page's range but one", (n) => (n === 0 ? 0xffffffff : n & 0xff)],
	["growing by powers", (n) => Math.floor(2 ** ((n % 320) / 10))],
];

describe("access plan: what a lookup costs", () => {
	for (const [name, spread] of SPREADS) {
		it(`at most 20 flash reads with ${name}, more as log N`, () => {
			for (const count of SIZES) {
				const on = device(crypto, trust, MODULE_16MB);
				const store = start(on);
				const rows = records(count, spread);
				const plan = { ...image(1, []), records: rows };
				assert.equal(install(store, signSnapshot(plan, signing), 4096), "done");
				const into = emptyEntry();
				let most = 0;
				let sum = 0;
				let bytes = 0;
				const turns = 2000;
				for (let i = 0; i < turns; i++) {
					// Every other one is not there: between two that are, or at an end.
					const at = random.below(count) * RECORD;
					const id = rows.slice(at, at + 8);
					if (i % 2 === 1) id[7]! |= 1 + random.below(15);
					on.flash.resetCounts();
					assert.equal(store.lookup(id, into), i % 2 === 0);
					most = Math.max(most, on.flash.reads);
					sum += on.flash.reads;
					bytes = Math.max(bytes, on.flash.readBytes);
				}
				assert.isAtMost(most, 20, `${count}`);
				assert.isAtMost(bytes, 1024 + 20 * 16);
				if (name === "random ids") assert.isAtMost(sum / turns, 9);
			}
		});
	}

	it("240,000 credentials take less than 4 MB, and fit a slot of the 16 MB module", () => {
		const count = engine === "node" ? 240_000 : 240;
		const { body, envelope } = signSnapshot(
			{ ...image(1, []), records: records(count, () => random.uint32()) },
			signing,
		);
		assert.isAtMost(
			(body.length + envelope.length) / count,
			4_000_000 / 240_000 + (engine === "node" ? 0 : 10),
		);
		assert.isAtLeast(credentialCapacity(MODULE_16MB, 4096), 240_000);
	});

	it("finds the same as a list, with deltas on top, in plans of any size", () => {
		for (let size = 0; size < 200; size += 7) {
			const on = device(crypto, trust);
			const store = start(on);
			const list: RecordModel[] = Array.from({ length: size }, (_, n) => ({
				id: random.bytes(8),
				access: n % 3,
				flags: n % 32,
				from: n,
				until: NO_END - n,
			}));
			const first = { ...image(1, []), records: packRecords(list) };
			install(store, signSnapshot(first, signing));
			const changed = list
				.map((r, n) => (n % 10 === 3 ? { ...r, flags: 31 } : r))
				.filter((_, n) => n % 11 !== 5);
			changed.push({ id: random.bytes(8), access: 1, flags: 0, from: 0, until: 5 });
			store.applyDelta(signDelta(first, { ...image(2, []), records: packRecords(changed) }, signing));
			const into = emptyEntry();
			for (const { id } of [...list, ...changed]) {
				const record = changed.find((r) => compare(r.id, id) === 0);
				assert.equal(store.lookup(id, into), record !== undefined);
				if (record === undefined) continue;
				const { access, flags, from, until } = into;
				assert.deepEqual(
					{ access, flags, from, until },
					{ access: record.access, flags: record.flags, from: record.from, until: record.until },
				);
			}
		}
	});
});
