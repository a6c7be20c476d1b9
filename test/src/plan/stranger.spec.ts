// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { PAGE, planContext } from "../../../protocol/plan/format.js";
import { geometry, JOURNAL_SIZE, SECTOR } from "../../../protocol/plan/layout.js";
import { encodeBody, signDelta, signSnapshot, tombstone } from "../../../site/lib/plan/encode.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { frameSize, writeFrame } from "../../../src/plan/frame.js";
import { MAGIC_ENTRY } from "../../../src/plan/journal.js";
import {
	ALWAYS,
	type Device,
	device,
	id,
	image,
	install,
	open,
	start,
	testSite,
} from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const { signing, trust } = testSite(crypto);
const stranger = testSite(crypto, "ACME", 66).signing;

const JOURNAL_AT = SECTOR;
const BODY_AT = SECTOR + JOURNAL_SIZE;

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const one = image(
	1,
	range(200).map((n) => open(n)),
);
const two = image(2, [tombstone(id(7)), ...range(200).flatMap((n) => (n === 7 ? [] : [open(n)]))]);

function kindOf(on: Device, n: number): string {
	const into = emptyEntry();
	start(on).lookup(id(n), into);
	return into.kind;
}

/** Version 1 in the first slot, and 2 behind it in the journal, which revokes credential 7. */
function revoked(): Device {
	const on = device(crypto, trust);
	const store = start(on);
	assert.equal(install(store, signSnapshot(one, signing)), "done");
	assert.equal(store.applyDelta(signDelta(one, two, signing)), "applied");
	assert.equal(kindOf(on, 7), "revoked");
	return on;
}

/** Puts a delta where the next one would go, with all that a frame needs. */
function slipIn(on: Device, envelope: Uint8Array, at: number): void {
	writeFrame(on.flash, JOURNAL_AT + at, MAGIC_ENTRY, envelope, crypto);
}

describe("access plan: flash that a stranger wrote", () => {
	it("a page with a credential of their own opens at no lookup, and is damage at the first", () => {
		const on = revoked();
		for (const records of [range(200).map((n) => open(n + 500)), range(200).map((n) => open(n))]) {
			// Whole and well-formed, with every check that needs no key.
			on.flash.bytes.set(encodeBody(image(1, records), crypto), BODY_AT);
			const store = start(on);
			const into = emptyEntry();
			for (const n of [500, 501, 1]) {
				assert.isFalse(store.lookup(id(n), into));
				assert.include(["damaged", "absent"], into.kind);
			}
			assert.equal(store.absence, "plan-damaged", "its tables are theirs too");
		}
	});

	it("a page's seal is what docs/plan.md says, and no page has the nonce of another", () => {
		const on = revoked();
		const body = encodeBody(one, crypto);
		const key = crypto.hmacSha256(on.deviceKey, concat(utf8Encode("LPPG"), crypto.sha256(body)));
		const nonces = new Set<string>();
		for (let number = 0; number < body.length / PAGE; number++) {
			const at = BODY_AT + number * PAGE;
			const page = on.flash.bytes.slice(at, at + 1012);
			const tag = crypto.chacha20Poly1305Seal(key, page.slice(1000), page, new Uint8Array(0));
			assert.equal(
				toHex(on.flash.bytes.slice(at + 1012, at + PAGE)),
				toHex(tag.slice(0, 12)),
				`page ${number}`,
			);
			nonces.add(toHex(page.slice(1000)));
		}
		assert.equal(nonces.size, body.length / PAGE);
	});

	it("one page alone, between its neighbours: damaged, and the others hold", () => {
		const on = revoked();
		const forged = encodeBody(one, crypto);
		on.flash.bytes.set(forged.subarray(2 * PAGE, 3 * PAGE), BODY_AT + 2 * PAGE);
		const kinds = range(200).map((n) => kindOf(on, n));
		assert.isAbove(kinds.filter((kind) => kind === "damaged").length, 40);
		assert.isAbove(kinds.filter((kind) => kind === "listed").length, 100);
	});

	it("a page that this reader sealed for another body is damage", () => {
		const on = revoked();
		const store = start(on);
		const later = image(
			9,
			range(200).map((n) => open(n + 1000)),
		);
		assert.equal(install(store, signSnapshot(later, signing)), "done");
		const { slotSize } = geometry(on.flash);
		for (const page of [1, 2, 3]) {
			const from = BODY_AT + page * PAGE;
			on.flash.bytes.copyWithin(slotSize + from, from, from + PAGE);
		}
		for (const n of range(200)) assert.notEqual(kindOf(on, n), "listed");
	});

	it("tables that unlock the door: no plan is in force", () => {
		const on = revoked();
		const unlocked = image(1, [], { model: { ...ALWAYS, defaultMode: "unlocked" } });
		on.flash.bytes.set(encodeBody(unlocked, crypto).subarray(0, PAGE), BODY_AT);
		const store = start(on);
		assert.equal(store.absence, "plan-damaged");
		assert.isUndefined(store.mode(1_700_000_000));
	});

	it("a delta that the site did not sign un-revokes and admits nobody", () => {
		for (const by of ["a stranger", "nobody"]) {
			const on = revoked();
			const admitted = image(3, [...range(200).map((n) => open(n)), open(500)]);
			const delta = signDelta(two, admitted, by === "nobody" ? signing : stranger);
			// Without the hint, so that the signature is what refuses it.
			const unsigned = delta.slice();
			if (by === "nobody") unsigned[unsigned.length - 1]! ^= 1;
			slipIn(on, unsigned, frameSize(signDelta(one, two, signing).length));
			assert.equal(start(on).version, 2);
			assert.equal(kindOf(on, 7), "revoked");
			assert.equal(kindOf(on, 500), "absent");
		}
	});

	it("a delta that the site signed for another door changes nothing", () => {
		const on = revoked();
		const back = image(3, [...range(200).map((n) => open(n)), open(500)], { door: "back" });
		slipIn(
			on,
			signDelta({ ...two, door: "back" }, back, signing),
			frameSize(signDelta(one, two, signing).length),
		);
		assert.equal(start(on).version, 2);
		assert.equal(kindOf(on, 500), "absent");
	});

	it("a delta taken away leaves no plan, and so does one that revoked ahead of its base", () => {
		for (const ahead of [false, true]) {
			const on = device(crypto, trust);
			const store = start(on);
			install(store, signSnapshot(one, signing));
			const before = on.flash.snapshot();
			const three = image(
				3,
				two.records.length === 0
					? []
					: [
							tombstone(id(8)),
							tombstone(id(7)),
							...range(200).flatMap((n) => (n === 7 || n === 8 ? [] : [open(n)])),
						],
			);
			const result = store.applyDelta(ahead ? signDelta(two, three, signing) : signDelta(one, two, signing));
			assert.equal(result, ahead ? "revoked-ahead" : "applied");
			assert.equal(kindOf(on, ahead ? 8 : 7), "revoked");
			on.flash.restore(before);
			const after = start(on);
			assert.equal(after.problem, "older-than-floor");
			assert.isFalse(after.lookup(id(8), emptyEntry()));
		}
	});

	it("a journal full of their deltas costs a start a bounded number of verifications", () => {
		const on = revoked();
		let verified = 0;
		// Defined and not assigned: on a device the method that it stands before is read-only.
		const counting = Object.create(crypto, {
			ed25519Verify: {
				value: (...all: Parameters<Crypto["ed25519Verify"]>) => {
					verified++;
					return crypto.ed25519Verify(...all);
				},
			},
		}) as Crypto;
		const notSigned = { ...signing.signer, sign: () => new Uint8Array(64) };
		const small = encodeSign1(new Uint8Array(1), notSigned, {
			...{ kid: signing.kid!, tagged: true, externalAad: planContext() },
		});
		let at = frameSize(signDelta(one, two, signing).length);
		for (; at + frameSize(small.length) <= JOURNAL_SIZE; at += frameSize(small.length)) slipIn(on, small, at);
		const store = start({ ...on, crypto: counting });
		assert.equal(store.version, 2);
		assert.isAbove(verified, 50);
		assert.isAtMost(verified, JOURNAL_SIZE / frameSize(small.length) + 2);
	});

	it("no page is sealed before the whole body was the signed one", () => {
		const on = device(crypto, trust);
		const store = start(on);
		const { envelope } = signSnapshot(one, signing);
		// A body that is not the signed one, each page with its own check.
		const other = encodeBody(
			image(
				1,
				range(200).map((n) => open(n + 500)),
			),
			crypto,
		);
		const result = install(store, { image: one, envelope, body: other });
		assert.equal(result, "body-mismatch");
		for (let page = 0; page < other.length / PAGE; page++) {
			const end = BODY_AT + (page + 1) * PAGE;
			assert.equal(toHex(on.flash.bytes.subarray(end - 12, end)), "ff".repeat(12));
		}
	});
});
