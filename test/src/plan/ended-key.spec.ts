// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { TrustList } from "../../../protocol/trust/list.js";
import { decodeList } from "../../../protocol/trust/list.js";
import { signDelta, signSnapshot } from "../../../site/lib/plan/encode.js";
import { encodeList, type KeyModel, modelOf } from "../../../site/lib/trust/model.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { type Device, device, id, image, install, open, start, testSite } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const site = testSite(crypto);
const NOW = 1_800_000_000;
const one = image(5, [open(1)]);
const two = image(6, [open(1), open(2)]);

/** The site's list, with its key as `change` has it. */
function listWith(change: Partial<KeyModel>): TrustList {
	const model = modelOf(site.trust);
	return decodeList(
		encodeList({ ...model, version: 2, keys: model.keys.map((key) => ({ ...key, ...change })) }),
	)!;
}

/** The flash of a reader of the same site that has taken what the key signed while it was good, `delta` too. */
function contents(delta: boolean): Uint8Array {
	const on = device(crypto, site.trust);
	const store = start(on);
	assert.equal(install(store, signSnapshot(one, site.signing)), "done");
	if (delta) assert.equal(store.applyDelta(signDelta(one, two, site.signing)), "applied");
	return on.flash.snapshot();
}

/** Version 5 was in force, and then the list changed; a programmer has put `flash` into the reader. */
function later(change: Partial<KeyModel>, flash: Uint8Array, now: number | undefined): Device {
	const on = device(crypto, site.trust);
	assert.equal(install(start(on), signSnapshot(one, site.signing)), "done");
	on.flash.restore(flash);
	return { ...on, trust: listWith(change), knownTime: () => now };
}

const ENDS: readonly (readonly [what: string, change: Partial<KeyModel>, now: number | undefined])[] = [
	["that has ended", { state: "ended" }, NOW],
	["past its end", { until: NOW }, NOW],
	["of which an unset clock cannot say whether it has ended", { until: NOW + 1 }, undefined],
	["that is for another door now", { doors: ["back"] }, NOW],
];

describe("access plan: what a key signed that may sign no more", () => {
	for (const [what, change, now] of ENDS)
		it(`was in force and stays so; later it is a stranger's, by a key ${what}`, () => {
			const kept = start(later(change, contents(false), now));
			assert.equal(kept.version, 5);
			assert.isUndefined(kept.absence);
			const slipped = start(later(change, contents(true), now));
			assert.equal(slipped.version, 5);
			assert.isTrue(slipped.lookup(id(1), emptyEntry()));
			assert.isFalse(slipped.lookup(id(2), emptyEntry()), "what was never in force lets nobody in");
			const whole = device(crypto, site.trust);
			assert.equal(install(start(whole), signSnapshot(image(9, [open(2)]), site.signing)), "done");
			const replaced = start(later(change, whole.flash.snapshot(), now));
			assert.equal(replaced.problem, "untrusted");
		});

	it("is refused where it says that it was signed when its key had ended: no clock goes back behind it", () => {
		const on = { ...device(crypto, site.trust), trust: listWith({ until: NOW + 100 }), knownTime: () => NOW };
		const store = start(on);
		const signed = (version: number, issued: number) => ({ ...image(version, [open(1)]), issued });
		assert.equal(install(store, signSnapshot(signed(5, NOW + 100), site.signing)), "key-ended");
		assert.equal(install(store, signSnapshot(signed(5, NOW + 99), site.signing)), "done");
		const delta = signDelta(signed(5, NOW + 99), { ...two, issued: NOW + 100 }, site.signing);
		assert.equal(store.applyDelta(delta), "key-ended");
		assert.equal(store.issued, NOW + 99);
	});

	it("is in force where the power went before it was counted, by a key that is good", () => {
		const good = start(later({}, contents(true), undefined));
		assert.equal(good.version, 6);
		assert.isTrue(good.lookup(id(2), emptyEntry()));
	});

	it("is void in any case by a key that was stolen, or has another role now", () => {
		for (const change of [{ state: "stolen" }, { roles: ["issue"] }] as const)
			assert.equal(start(later(change, contents(false), NOW)).problem, "untrusted");
	});
});
