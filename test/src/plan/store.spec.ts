// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { orderOf, PAGE, PAGE_CHECK } from "../../../protocol/plan/format.js";
import { signDelta, signSnapshot, tombstone } from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import type { PlanStore } from "../../../src/plan/store.js";
import { device, id, image, install, open, start, testSite } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const { signing, trust } = testSite(crypto);

function kinds(store: PlanStore, ...numbers: number[]): string[] {
	return numbers.map((n) => {
		const into = emptyEntry();
		store.lookup(id(n), into);
		return into.kind;
	});
}

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from }, (_, i) => from + i);
}

describe("access plan: the store", () => {
	it("has no plan on blank flash", () => {
		const store = start(device(crypto, trust));
		assert.equal(store.absence, "no-plan");
		assert.equal(store.version, 0);
		assert.deepEqual(kinds(store, 1), ["absent"]);
	});

	for (const count of [0, 1, 62, 63, 64, 500]) {
		it(`installs a snapshot of ${count} credentials and finds each, also after a restart`, () => {
			const on = device(crypto, trust);
			const numbers = range(0, count);
			const snapshot = signSnapshot(
				image(
					7,
					numbers.map((n) => open(n)),
				),
				signing,
			);
			let store = start(on);
			assert.equal(install(store, snapshot), "done");
			for (let turn = 0; turn < 2; turn++) {
				assert.equal(store.version, 7);
				assert.equal(store.count, count);
				assert.isTrue(kinds(store, ...numbers).every((k) => k === "listed"));
				assert.isTrue(kinds(store, ...range(1000, 1050)).every((k) => k === "absent"));
				store = start(on);
			}
			assert.equal(on.flash.mismatches, 0);
		});
	}

	it("takes a second snapshot into the other slot, the third into the first", () => {
		const on = device(crypto, trust);
		const store = start(on);
		for (let version = 1; version <= 3; version++) {
			assert.equal(install(store, signSnapshot(image(version, [open(version)]), signing)), "done");
			assert.deepEqual(
				kinds(store, 1, 2, 3),
				range(1, 4).map((n) => (n === version ? "listed" : "absent")),
			);
			assert.equal(start(on).version, version);
		}
		assert.equal(on.flash.mismatches, 0);
	});

	it("applies deltas: additions, revocations, removals and new tables, also after a restart", () => {
		const on = device(crypto, trust);
		let store = start(on);
		const one = image(1, [open(1), open(2), open(3)]);
		const two = image(2, [open(1), { ...open(2), ...tombstone(id(2)) }, open(4), open(5)]);
		const three = image(3, [open(1), open(2), open(5), tombstone(id(9))]);
		install(store, signSnapshot(one, signing));
		assert.equal(store.applyDelta(signDelta(one, two, signing)), "applied");
		assert.deepEqual(kinds(store, 1, 2, 3, 4, 5), ["listed", "revoked", "absent", "listed", "listed"]);
		assert.equal(store.applyDelta(signDelta(two, three, signing)), "applied");
		for (let turn = 0; turn < 2; turn++) {
			assert.deepEqual(kinds(store, 1, 2, 3, 4, 5, 9), [
				"listed",
				"listed",
				"absent",
				"absent",
				"listed",
				"revoked",
			]);
			assert.equal(store.version, 3);
			store = start(on);
		}
	});

	it("merges deltas into the other slot, to the very bytes that the site signs as a snapshot", () => {
		const on = device(crypto, trust);
		const store = start(on);
		let now = image(
			1,
			range(0, 200).map((n) => open(n)),
		);
		install(store, signSnapshot(now, signing));
		for (let version = 2; version < 12; version++) {
			// Of the first 200 each version revokes one and removes one, and three come in.
			const next = image(version, [
				...range(version + 20, 200).map((n) => (n > 200 - version ? tombstone(id(n)) : open(n))),
				...range(300, 300 + version * 3).map((n) => open(n)),
			]);
			assert.equal(store.applyDelta(signDelta(now, next, signing)), "applied");
			now = next;
		}
		assert.isTrue(store.compact());
		while (store.work());
		const after = start(on);
		assert.equal(after.version, 11);
		assert.isFalse(after.damaged);
		assert.deepEqual([...after.bodyHash!], [...crypto.sha256(signSnapshot(now, signing).body)]);
		const body = signSnapshot(now, signing).body;
		// But for the check of each page, in whose place its seal is.
		const cells = on.flash.snapshot();
		for (let end = PAGE; end <= cells.length; end += PAGE) cells.fill(0, end - PAGE_CHECK, end);
		for (let end = PAGE; end <= body.length; end += PAGE) body.fill(0, end - PAGE_CHECK, end);
		assert.isAbove(indexOf(cells, body), -1, "the body in flash is the site's");
		assert.deepEqual(kinds(after, 30, 31, 189, 190, 199, 332, 333), [
			"absent",
			"listed",
			"listed",
			"revoked",
			"revoked",
			"listed",
			"absent",
		]);
	});

	it("starts to merge by itself when there are many deltas, and goes on taking deltas meanwhile", () => {
		const on = device(crypto, trust);
		const store = start(on);
		let now = image(
			1,
			range(0, 300).map((n) => open(n)),
		);
		install(store, signSnapshot(now, signing));
		let merges = 0;
		let sequence = indexOfSlots(on.flash.bytes);
		for (let version = 2; version < 160; version++) {
			const next = image(version, [
				...range(0, 300)
					.filter((n) => n !== version % 300)
					.map((n) => open(n)),
				open(1000 + version),
			]);
			const delta = signDelta(now, next, signing);
			let result = store.applyDelta(delta);
			for (let i = 0; result === "journal-full" && i < 1000; i++) {
				store.work();
				result = store.applyDelta(delta);
			}
			assert.equal(result, "applied", `version ${version}`);
			now = next;
			store.work();
			store.work();
			const slots = indexOfSlots(on.flash.bytes);
			if (slots !== sequence) merges++;
			sequence = slots;
			assert.deepEqual(kinds(store, 1000 + version, 999 + version), ["listed", "absent"]);
		}
		assert.isAbove(merges, 1);
		assert.equal(start(on).version, 159);
		assert.deepEqual([...start(on).bodyHash!], [...crypto.sha256(signSnapshot(now, signing).body)]);
		assert.equal(on.flash.mismatches, 0);
	});

	it("holds a revocation although the delta before it is missing, until that is made good", () => {
		const on = device(crypto, trust);
		let store = start(on);
		const one = image(1, [open(1), open(2)]);
		const two = image(2, [open(1), open(2), open(3)]);
		const three = image(3, [open(1), tombstone(id(2)), open(3)]);
		install(store, signSnapshot(one, signing));
		const late = signDelta(one, two, signing);
		const revocation = signDelta(two, three, signing);
		assert.equal(store.applyDelta(revocation), "revoked-ahead");
		assert.equal(store.applyDelta(revocation), "revoked-ahead");
		assert.equal(store.version, 1);
		assert.deepEqual(kinds(store, 1, 2, 3), ["listed", "revoked", "absent"]);
		store = start(on);
		assert.deepEqual(store.earlyRevocations, [orderOf({ epoch: 1, version: 3 })]);
		assert.deepEqual(kinds(store, 1, 2, 3), ["listed", "revoked", "absent"]);
		assert.equal(store.applyDelta(late), "applied");
		assert.equal(store.version, 3, "and the one that waited follows");
		assert.deepEqual(kinds(store, 1, 2, 3), ["listed", "revoked", "listed"]);
		assert.equal(start(on).version, 3);
	});

	it("revokes at once during a snapshot's install, and a revocation newer than the snapshot outlives it", () => {
		const on = device(crypto, trust);
		const store = start(on);
		const one = image(
			1,
			range(0, 100).map((n) => open(n)),
		);
		install(store, signSnapshot(one, signing));
		const two = signSnapshot(
			image(
				2,
				range(0, 100).map((n) => open(n)),
			),
			signing,
		);
		const three = image(3, [...range(1, 100).map((n) => open(n)), tombstone(id(0))]);
		assert.isUndefined(store.begin(two.envelope));
		assert.isUndefined(store.write(two.body.subarray(0, 1500)));
		assert.equal(store.applyDelta(signDelta(two.image, three, signing)), "revoked-ahead");
		assert.deepEqual(kinds(store, 0, 1), ["revoked", "listed"]);
		assert.isUndefined(store.write(two.body.subarray(1500)));
		let result = store.commit();
		while (result === "more") result = store.commit();
		assert.equal(result, "done");
		assert.equal(store.version, 3);
		assert.deepEqual(kinds(store, 0, 1), ["revoked", "listed"]);
		assert.deepEqual(kinds(start(on), 0, 1), ["revoked", "listed"]);
	});

	it("a revoke-only delta for one credential has at most 200 bytes", () => {
		const one = image(1, [open(1), open(2)]);
		const delta = signDelta(one, image(2, [open(1), tombstone(id(2))]), signing);
		assert.isAtMost(delta.length, 200);
	});
});

function indexOf(cells: Uint8Array, part: Uint8Array): number {
	for (let at = 0; at + part.length <= cells.length; at += 1024) {
		if (crypto.equal(cells.subarray(at, at + part.length), part)) return at;
	}
	return -1;
}

/** Which slot was committed last: a number that changes with every commit. */
function indexOfSlots(cells: Uint8Array): number {
	const half = cells.length / 2;
	return Math.max(
		...[0, half].map((base) => new DataView(cells.buffer).getUint32(base + 4080 + 4) % 0xffffffff),
	);
}
