// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { DOOR } from "../../sim/commission.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World } from "../../sim/world.js";
import { signSnapshot } from "../../site/lib/plan/encode.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";
import { planPieces } from "../../site/lib/provisioning/install-plan.js";
import { image, open, testSite } from "../support/plans.js";

const crypto = new NodeCrypto();
const HIGHEST = 0xffff_ffff;
const SITE = 7;
const STRANGER = 9;

/** The key of `testSite` with that seed. */
function keyOf(seed: number): KeyPair {
	return crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
}

/** Makes the reader, which was reset, a door of the site with that key. */
function takeOver({ installer }: { installer: Installer }, seed: number): void {
	installer.client.session = undefined;
	installer.commission(keyOf(seed), { id: DOOR }, true);
	installer.prove(keyOf(seed));
}

function reset({ installer, world }: { installer: Installer; world: World }): void {
	installer.ask("reset");
	world.time.run(3000);
}

/** "done", or why the reader does not take version `version` of that site. */
function install({ installer }: { installer: Installer }, seed: number, version: number): string {
	const plan = image(version, [open(1)], { door: DOOR });
	const { envelope, body } = signSnapshot(plan, testSite(crypto, "ACME", seed).signing);
	try {
		installer.ask("plan-begin", { envelope });
		for (const chunk of planPieces(body)) installer.ask("plan-write", { chunk });
		while (installer.ask("plan-commit").more);
		return "done";
	} catch (error) {
		if (error instanceof RequestRefused) return `${error.refusal.refusal} ${error.refusal.least}`;
		throw error;
	}
}

/** A reader that has just been reset. */
function blank(): { installer: Installer; world: World } {
	const world = new World({ crypto });
	world.powerOn();
	world.settle();
	const installer = new Installer(world, crypto);
	installer.prove(world.site.keys.signing);
	reset({ installer, world });
	return { installer, world };
}

describe("a reader's count of plans", () => {
	it("is not spoiled for its site by a stranger who had it before and installed the highest version", () => {
		const reader = blank();
		takeOver(reader, STRANGER);
		assert.equal(install(reader, STRANGER, HIGHEST), "done");
		reset(reader);
		takeOver(reader, SITE);
		assert.equal(install(reader, SITE, 1), "done");
		assert.include(reader.installer.ask("state"), { plan: 1, planEpoch: 1, credentials: 1 });
	});

	it("outlives a reset where the same site takes the reader again", () => {
		const reader = blank();
		takeOver(reader, SITE);
		assert.equal(install(reader, SITE, 5), "done");
		reset(reader);
		takeOver(reader, SITE);
		assert.equal(install(reader, SITE, 4), "not-newer 5");
		assert.equal(install(reader, SITE, 6), "done");
	});
});
