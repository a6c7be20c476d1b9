// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { orderOf, planContext } from "../../../protocol/plan/format.js";
import { signDelta, signSnapshot, tombstone } from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { Journal } from "../../../src/plan/journal.js";
import type { PlanStore } from "../../../src/plan/store.js";
import { type Device, device, id, image, install, open, start, testSite } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const HIGHEST = 0xffff_ffff;
const first = testSite(crypto, "ACME", 1, 1);
const second = testSite(crypto, "ACME", 1, 2);
const third = testSite(crypto, "ACME", 1, 3);
const SECTOR = 4096;

/** A reader whose list is of the second epoch, with `version` of the first in force. */
function rotated(version = HIGHEST): Device {
	const on = device(crypto, first.trust);
	const before = signSnapshot(image(version, [open(1), open(2)]), first.signing);
	assert.equal(install(start(on), before), "done");
	return { ...on, trust: second.trust };
}

function kinds(store: PlanStore, ...numbers: number[]): string[] {
	return numbers.map((n) => {
		const into = emptyEntry();
		store.lookup(id(n), into);
		return into.kind;
	});
}

function standing({ epoch, version }: PlanStore): number[] {
	return [epoch, version];
}

/** A delta behind the others of the slot that was installed first, as a programmer writes it. */
function slipIn(on: Device, envelope: Uint8Array): void {
	const journal = new Journal(on.flash, SECTOR, crypto);
	journal.scan();
	assert.isDefined(journal.append(envelope));
}

describe("access plan: epochs", () => {
	it("version 1 of the next epoch follows the highest version of the one before, over starts too", () => {
		const on = rotated();
		const store = start(on);
		assert.equal(store.minVersion, 1);
		assert.equal(install(store, signSnapshot(image(1, [open(3)]), second.signing)), "done");
		const now = image(2, [open(3), open(4)]);
		assert.equal(store.applyDelta(signDelta(image(1, [open(3)]), now, second.signing)), "applied");
		for (const s of [store, start(on)]) {
			assert.deepEqual(standing(s), [2, 2]);
			assert.deepEqual(kinds(s, 1, 3, 4), ["absent", "listed", "listed"]);
			assert.equal(s.minVersion, 3);
		}
	});

	it("a plan that was in force before the list's epoch stays so, over starts, merges and rot of another slot", () => {
		const on = device(crypto, first.trust);
		const store = start(on);
		const one = image(5, [open(1), open(2)]);
		const two = image(6, [open(1), tombstone(id(2))]);
		assert.equal(install(store, signSnapshot(one, first.signing)), "done");
		assert.equal(store.applyDelta(signDelta(one, two, first.signing)), "applied");
		const later = { ...on, trust: second.trust };
		const again = start(later);
		assert.isTrue(again.compact());
		while (again.work());
		for (const s of [again, start(later)]) {
			assert.deepEqual(standing(s), [1, 6]);
			assert.isFalse(s.damaged);
			assert.deepEqual(kinds(s, 1, 2), ["listed", "revoked"]);
		}
	});

	it("takes no plan and no change of another epoch than the list's, and says so", () => {
		const on = rotated(5);
		const old = image(5, [open(1), open(2)]);
		for (const { signing } of [first, third])
			for (const version of [1, 6, HIGHEST]) {
				const store = start(on);
				const next = image(version, [open(9)]);
				assert.equal(store.begin(signSnapshot(next, signing).envelope), "wrong-epoch");
				const base = { ...old, version: version - 1 };
				assert.equal(store.applyDelta(signDelta(base, next, signing)), "wrong-epoch");
				assert.deepEqual(standing(store), [1, 5]);
			}
		assert.deepEqual(kinds(start(on), 1, 9), ["listed", "absent"]);
	});

	it("takes no change across epochs, though version and hash of its base are those in force", () => {
		const on = rotated(5);
		const next = image(6, [open(1), open(2), open(3)]);
		const delta = signDelta(image(5, [open(1), open(2)]), next, second.signing);
		assert.equal(start(on).applyDelta(delta), "wrong-base");
	});

	it("drops a snapshot whose epoch is over before it is committed", () => {
		const on = device(crypto, first.trust);
		const store = start(on);
		const { body, envelope } = signSnapshot(image(1, [open(1)]), first.signing);
		assert.isUndefined(store.begin(envelope));
		assert.isUndefined(store.write(body));
		Object.assign(on, { trust: second.trust });
		assert.equal(store.commit(), "wrong-epoch");
		assert.equal(store.commit(), "no-install");
		assert.equal(start(on).problem, "empty");
	});

	it("a revocation of the next epoch holds over the plan of this one, and its loss leaves no plan", () => {
		const on = rotated();
		const one = image(1, [open(1), open(2)]);
		const two = image(2, [open(1), tombstone(id(2))]);
		const blank = on.flash.snapshot();
		assert.equal(start(on).applyDelta(signDelta(one, two, second.signing)), "revoked-ahead");
		const store = start(on);
		assert.deepEqual(standing(store), [1, HIGHEST]);
		assert.deepEqual(store.earlyRevocations, [orderOf({ epoch: 2, version: 2 })]);
		assert.deepEqual(kinds(store, 1, 2), ["listed", "revoked"]);
		assert.equal(install(store, signSnapshot(one, second.signing)), "done");
		assert.deepEqual(standing(start(on)), [2, 2]);
		on.flash.restore(blank);
		assert.equal(start(on).absence, "plan-damaged");
		assert.equal(install(start(on), signSnapshot(one, second.signing)), "not-newer");
		assert.equal(install(start(on), signSnapshot(two, second.signing)), "done");
	});

	it("is not of the reader's list: a plan of a later epoch in flash is not in force", () => {
		const on = device(crypto, second.trust);
		assert.equal(install(start(on), signSnapshot(image(1, [open(1)]), second.signing)), "done");
		const store = start({ ...on, trust: first.trust });
		assert.equal(store.problem, "untrusted");
		assert.isUndefined(store.minVersion, "and none of the list's epoch follows it");
		assert.equal(store.begin(signSnapshot(image(HIGHEST, []), first.signing).envelope), "not-newer");
	});

	describe("written into flash by who stole the key of the epoch before", () => {
		it("no plan of it comes into force but the one that was", () => {
			const on = rotated(5);
			for (const version of [6, HIGHEST]) {
				const thief = device(crypto, first.trust);
				assert.equal(install(start(thief), signSnapshot(image(version, [open(9)]), first.signing)), "done");
				// Their own reader's, so that its pages are sealed as these: the device key is the same.
				const { rollbackCounter } = on;
				const store = start({ ...on, flash: thief.flash, rollbackCounter });
				assert.equal(store.problem, "untrusted");
				assert.equal(rollbackCounter.plan, orderOf({ epoch: 1, version: 5 }));
			}
		});

		it("no change to it does, and the plan stays", () => {
			const on = rotated(5);
			const now = image(5, [open(1), open(2)]);
			slipIn(on, signDelta(now, image(6, [open(1), open(2), open(9)]), first.signing));
			slipIn(on, signDelta(image(7, [open(1)]), image(8, [tombstone(id(1))]), first.signing));
			const store = start(on);
			assert.deepEqual(standing(store), [1, 5]);
			assert.deepEqual(kinds(store, 1, 2, 9), ["listed", "listed", "absent"]);
			// In its own epoch both would count.
			on.flash.power.restore();
			assert.deepEqual(kinds(start({ ...on, trust: first.trust }), 1, 9), ["revoked", "listed"]);
		});
	});

	it("a plan of a format before, without an epoch or a notice, is told from what makes no sense", () => {
		const store = start(device(crypto, first.trust));
		for (const [letter, format, length] of [
			["S", 1, 72],
			["D", 1, 100],
			["S", 2, 76],
			["D", 2, 104],
		] as const) {
			const payload = new Uint8Array(length);
			payload.set([0x4c, 0x50, letter.charCodeAt(0), format]);
			const { kid, signer } = first.signing;
			const options = { tagged: true, externalAad: planContext(), kid: kid! };
			const envelope = encodeSign1(payload, signer, options);
			const refusal = letter === "S" ? store.begin(envelope) : store.applyDelta(envelope);
			assert.equal(refusal, "old-format");
			for (const none of [0, 3, 4]) {
				payload[3] = none;
				assert.equal(store.begin(encodeSign1(payload, signer, options)), "malformed");
			}
		}
	});
});
