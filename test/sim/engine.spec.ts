// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SUITE_IDS } from "../../protocol/edhoc/suites.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import type { PhoneKind } from "../../sim/people.js";
import { runTap } from "../../sim/scenario.js";
import { World } from "../../sim/world.js";
import { engineFor } from "./installed.js";
import { cutVisit, PHONES } from "./visits.js";

const crypto = new NodeCrypto();

describe("the firmware on XS in a process of its own, its world here", () => {
	let engine: XsEngine;

	before(function () {
		engine = engineFor(this);
	});

	after(() => engine?.close());

	for (const [index, suite] of SUITE_IDS.entries())
		for (const phone of PHONES)
			it(`suite ${suite}, ${phone}: the same runs as on Node, every byte and every moment of it`, () => {
				for (const seed of [11 + index, 40 + index]) {
					const options = { crypto, link: "nfc" as const, phone, suite, seed };
					const node = runTap(options);
					const xs = runTap({ ...options, start: engine.start });
					assert.deepEqual(xs, node);
				}
			});

	for (const suite of SUITE_IDS)
		it(`suite ${suite}, the power cut during a visit: the same bytes on bus, air and flash as on Node`, () => {
			for (const [seed, phone] of PHONES.entries()) {
				const options = { crypto, suite, phone, seed, cut: 100 + 120 * seed };
				assert.deepEqual(cutVisit({ ...options, start: engine.start }), cutVisit(options));
			}
		});

	for (const profile of ["ios", "android"] as const)
		for (const phone of ["valid", "revoked"] as const)
			it(`Bluetooth, ${profile}, ${phone}: the same run as on Node`, () => {
				const options = {
					crypto,
					link: "ble" as const,
					phone: phone as PhoneKind,
					profile,
					suite: 4,
					seed: 3,
				};
				assert.deepEqual(runTap({ ...options, start: engine.start }), runTap(options));
			});

	it("killed with the strike released: the relay falls within its lease, the next start says why, and the door opens", () => {
		const world = new World({
			seed: 4,
			crypto,
			start: engine.start,
			onException: () => world.restart("watchdog"),
		});
		world.plan.install();
		world.powerOn();
		world.settle();
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		assert.isTrue(world.time.runUntil(() => world.door.relay.on, 3000));
		engine.kill();
		const at = world.time.now();
		assert.isTrue(world.time.runUntil(() => !world.door.relay.on, 2001));
		assert.isAtMost(world.time.now() - at, 2000);
		world.board.field.remove(phone);
		world.time.run(3000);
		const again = world.phones.nfc("valid");
		world.board.field.present(again);
		assert.isTrue(
			world.time.runUntil(() => world.door.relay.on, 3000),
			"the new process opens the door",
		);
		world.board.field.remove(again);
		const restarts = world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
		assert.equal(restarts.at(-1)!.detail & 255, RESTARTS.watchdog);
	});
});
