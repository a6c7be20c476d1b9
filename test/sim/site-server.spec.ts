// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { decodeRecord } from "../../protocol/log/record.js";
import { DOOR } from "../../sim/commission.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { visit } from "../../sim/scenario.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { packRecords } from "../../site/lib/plan/encode.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();

/** A reader in a session with its site. */
function withSite(options: Partial<WorldOptions> = {}): World {
	const world = new World({ crypto, server: true, ...options });
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.time.runUntil(() => world.server!.hello !== undefined, 30_000));
	world.time.run(5000);
	return world;
}

function tap(world: World, phone: "valid" | "stranger" = "valid"): string {
	return visit(world, { crypto, link: "nfc", phone, suite: 4, seed: 1 }).reason;
}

/** What every engine has to show. */
function revokes(options: Partial<WorldOptions> = {}): void {
	const world = withSite(options);
	const { books } = world.server!;
	assert.equal(tap(world), "granted");
	books.revoke([world.people.valid.id]);
	world.time.run(1000);
	assert.equal(tap(world), "revoked");
	assert.equal(books.image(DOOR)!.version, world.server!.hello!.version);
}

describe("a reader beside its site's server", () => {
	let engine: XsEngine | undefined;

	afterEach(() => {
		engine?.close();
		engine = undefined;
	});

	it("denies, at the next tap, whom the site has revoked a second ago", () => revokes());

	it("on XS likewise, over the bus", function () {
		engine = engineFor(this);
		revokes({ start: engine.start });
	});

	it("lets in whom the site has added, and the site has its whole log", () => {
		const world = withSite();
		const { books } = world.server!;
		assert.equal(tap(world, "stranger"), "unknown-credential");
		books.edit(DOOR, {
			records: packRecords([world.plan.record("valid"), world.plan.record("stranger")]),
		});
		world.time.run(1000);
		assert.equal(tap(world, "stranger"), "granted");
		world.time.run(10_000);
		const received = books.log(DOOR, books.registered(DOOR)!).records.map(decodeRecord);
		assert.deepEqual(received, world.auditor.entries());
		assert.lengthOf(
			received.filter(({ kind }) => kind === EVENTS.decision),
			2,
		);
	});
});
