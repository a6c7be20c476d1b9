// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Office } from "../../sim/office.js";
import type { PhoneKind } from "../../sim/people.js";
import { visit } from "../../sim/scenario.js";
import { World } from "../../sim/world.js";

const crypto = new NodeCrypto();

describe("the office of a simulated site", () => {
	let world: World;
	let office: Office;

	beforeEach(() => {
		world = new World({ crypto, server: true });
		world.plan.install();
		office = new Office(world);
		world.powerOn();
		world.time.run(20_000);
		assert.include(office.news(), "the site has a session with the door");
	});

	const tap = (phone: PhoneKind): string =>
		visit(world, { crypto, link: "nfc", phone, suite: 4, seed: 1 }).reason;

	it("adds, and revokes: the door does so within a second, and the site hears that it has it", () => {
		assert.equal(tap("stranger"), "unknown-credential");
		office.news();
		assert.match(office.invite(), /plan 3, 0 rev/);
		world.time.run(1000);
		assert.match(
			office.news().join("\n"),
			/^the door has plan 3 and 0 notices, \d{2,3} ms after the change$/,
		);
		assert.equal(tap("stranger"), "granted");
		assert.match(office.revoke(), /the stranger: plan 4, 1 rev/);
		world.time.run(1000);
		assert.match(office.news().join("\n"), /^the door has plan 4 and 1 notices/m);
		assert.equal(tap("stranger"), "revoked");
		assert.match(office.revoke(), /the valid phone/);
		world.time.run(1000);
		assert.equal(tap("valid"), "revoked");
		assert.match(office.revoke(), /nobody left/);
	});

	it("opens for five seconds, locks down, and ends that", () => {
		assert.match(office.open(), /opens the door for 5 s/);
		world.time.run(1000);
		assert.isFalse(world.door.locked);
		assert.deepEqual(office.news(), ["the command to open: done"]);
		world.time.run(6000);
		assert.isTrue(world.door.locked);
		office.lockDown();
		world.time.run(3000);
		assert.equal(tap("valid"), "lockdown");
		office.lockDown();
		world.time.run(3000);
		assert.equal(tap("valid"), "granted");
	});

	it("without a network reaches nothing, and all when it is back", () => {
		office.switchNetwork();
		world.time.run(200_000);
		office.revoke();
		world.time.run(5000);
		assert.equal(tap("valid"), "granted", "the door does not know it yet");
		office.switchNetwork();
		world.time.run(200_000);
		assert.equal(tap("valid"), "revoked");
	});
});
