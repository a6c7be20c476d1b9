// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { EngineEnded } from "../../sim/engine/bus.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import type { Bus } from "../../sim/pn532/board.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
const HOUR_MS = 3_600_000;

describe("a PN532 that never answers, the reader on XS", () => {
	let engine: XsEngine;

	before(function () {
		engine = engineFor(this);
	});

	after(() => engine?.close());

	for (const bus of ["spi", "i2c", "hsu"] as const satisfies readonly Bus[])
		it(`${bus}: an hour without a restart; the installer's port answers and the button opens`, () => {
			const ended: EngineEnded[] = [];
			const world: World = new World({
				crypto,
				bus,
				start: engine.start,
				onException: (error) => {
					if (!(error instanceof EngineEnded)) throw error;
					ended.push(error);
					world.restart(error.restartCause);
				},
			});
			world.board.chip.faults.silentAfter = 0;
			world.board.chip.faults.cure = "power";
			world.plan.install();
			world.powerOn();
			const installer = new Installer(world, crypto);
			for (let minutes = 0; minutes < 60; minutes += 20) {
				world.time.run(HOUR_MS / 3);
				assert.equal(installer.ask("info").firmware, "0.1.0");
				world.door.press(true);
				assert.isTrue(
					world.time.runUntil(() => world.door.relay.on, 1000),
					"the button opens",
				);
				world.door.press(false);
			}
			assert.isEmpty(ended);
			const entries = world.auditor.entries();
			assert.lengthOf(
				entries.filter(({ kind }) => kind === EVENTS.restart),
				1,
				"power on",
			);
			assert.include(entries.filter(({ kind }) => kind === EVENTS.health).map(inWords), "health nfc failed");
		});
});
