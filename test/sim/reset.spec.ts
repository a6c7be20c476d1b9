// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../protocol/events.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { RESET_HOLD_MS } from "../../src/app/reset-button.js";
import { ConfigStore } from "../../src/config/store.js";

const crypto = new NodeCrypto();

/** What the flash of `world` keeps, as the reader would read it. */
function stored(world: World): ConfigStore {
	const store = new ConfigStore(world.flash.config, crypto, new SeededRandom(1));
	store.open();
	return store;
}

/** Starts it with the button held for `hold` ms; how often it started again by itself. */
function start(world: World, hold: number): number {
	let restarts = 0;
	const restart = world.restart.bind(world);
	world.restart = (cause) => {
		restarts++;
		restart(cause);
	};
	world.panel.resetButton.drive(0);
	world.powerOn();
	world.time.run(hold);
	world.panel.resetButton.drive(undefined);
	world.time.run(RESET_HOLD_MS + 1000);
	world.powerOff();
	world.restart = restart;
	return restarts;
}

describe("reset button of a reader", () => {
	it("makes a reader new, a damaged one too, and only when it is held long enough", () => {
		const world = new World({ crypto });
		assert.equal(start(world, RESET_HOLD_MS - 500), 0);
		assert.equal(stored(world).membership?.door, "FRONT");
		for (const half of [0, world.flash.config.size / 2]) world.flash.config.bytes[half + 40]! ^= 1;
		assert.isTrue(stored(world).damaged);
		assert.equal(start(world, 0), 0);
		assert.isTrue(stored(world).damaged, "a start alone mends nothing");
		assert.equal(start(world, RESET_HOLD_MS + 500), 1);
		assert.isFalse(stored(world).damaged);
		assert.isUndefined(stored(world).membership);
		assert.isUndefined(stored(world).keys);
	});

	it("leaves the same record in the log as a reset by cable", () => {
		const byButton = new World({ crypto });
		start(byButton, RESET_HOLD_MS + 500);
		const byCable = new World({ crypto });
		byCable.powerOn();
		byCable.settle();
		const installer = new Installer(byCable, crypto);
		installer.prove(byCable.site.keys);
		installer.ask("reset");
		byCable.time.run(1000);
		for (const world of [byButton, byCable]) {
			const changes = world.auditor.entries().filter(({ kind }) => kind === EVENTS.configuration);
			const { revision } = stored(world);
			assert.isAbove(revision, 0);
			assert.deepEqual(
				changes.map(({ detail, value }) => [detail, value]),
				[[CONFIGURATION_CHANGES.reset, revision]],
			);
		}
	});
});
