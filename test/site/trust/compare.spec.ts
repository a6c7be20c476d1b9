// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { rootOf } from "../../../sim/practice-keys.js";
import { hashOf } from "../../../site/lib/provisioning/bring-lists.js";
import { trustProblems } from "../../../site/lib/trust/compare.js";
import { fingerprintOf } from "../../../site/lib/trust/fingerprint.js";
import { providers } from "../../support/providers.js";
import { TrustedSite } from "../../support/trusted-site.js";

const crypto = providers[0]!;
const NOW = 1_800_000_000;

describe("what a reader trusts, beside what its site says", () => {
	let site: TrustedSite;
	let anchor: Uint8Array;

	beforeEach(() => {
		site = new TrustedSite("ACME", "11".repeat(32), crypto);
		anchor = hashOf(site.lists[0]!, crypto);
	});

	const found = (trusted: { trust: TrustedSite["trust"]; anchor: Uint8Array }, held?: number): string[] =>
		trustProblems(trusted, held, site, NOW, crypto).map(({ fingerprint, reason }) =>
			fingerprint === undefined ? reason : `${reason} ${fingerprint}`,
		);

	it("is as expected with the site's newest list alone", () => {
		site.next(() => ({}));
		assert.deepEqual(found({ trust: site.trust, anchor }), []);
	});

	it("is an older list, by so many, with what that still trusts, and what it does not know yet", () => {
		const old = site.trust;
		const ann = site.pair("a1".repeat(32));
		site.revoke(site.office, "stolen");
		site.next(({ keys }) => ({ keys: [...keys, site.installer(ann)] }));
		const [first, ...others] = trustProblems({ trust: old, anchor }, undefined, site, NOW, crypto);
		assert.match(first!.message, /list 1 is 2 lists older/);
		assert.deepEqual(
			others.map(({ fingerprint, reason }) => [reason, fingerprint]),
			[
				["other-key", fingerprintOf(site.office.publicKey)],
				["missing-key", fingerprintOf(ann.publicKey)],
			],
		);
		assert.match(others[0]!.message, /commission; good; .*has: .*; stolen/);
		assert.include(found({ trust: old, anchor }, 3), "held-list");
	});

	it("is a newer list, with what that trusts besides", () => {
		const known = site.lists.length;
		const [thief, second] = [site.pair("dd".repeat(32)), rootOf(crypto, new Uint8Array(32).fill(3))];
		const before = site.trust;
		site.next(({ keys, roots }) => ({
			keys: [...keys, site.installer(thief)],
			roots: [...roots, second.publicKey],
		}));
		const { trust } = site;
		site.lists.length = known;
		site.trust = before;
		assert.deepEqual(found({ trust, anchor }), [
			"newer-list",
			`unexpected-root ${fingerprintOf(second.publicKey)}`,
			`unexpected-key ${fingerprintOf(thief.publicKey)}`,
		]);
	});

	it("is another list of the same number, or began with another: nothing else may differ", () => {
		const { trust: first } = site;
		site.next(() => ({ issued: first.issued + 1 }));
		const fork = site.trust;
		site.lists.length = 1;
		site.trust = first;
		site.next(() => ({ issued: first.issued + 2 }));
		assert.deepEqual(found({ trust: fork, anchor }), ["other-list"]);
		assert.deepEqual(found({ trust: site.trust, anchor: new Uint8Array(8) }), ["other-anchor"]);
	});
});
