// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { BLE_FAILED_MS } from "../../src/app/radios.js";

const crypto = new NodeCrypto();

/** Polls, and its Bluetooth fails in the way that `spoil` makes it. */
function start(spoil: (world: World) => void = () => undefined): World {
	const world = new World({ crypto });
	spoil(world);
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	return world;
}

function health(world: World): string[] {
	return world.auditor
		.entries()
		.filter(({ kind }) => kind === EVENTS.health)
		.map(inWords);
}

function signal(world: World): string | undefined {
	return world.device!.door!.indicator.signal;
}

function refuses(world: World): void {
	world.radio.refuses = true;
}

describe("a Bluetooth radio that fails", () => {
	it("from the start: once in the log, on the light, and gone from both when it advertises", () => {
		const world = start(refuses);
		world.time.run(BLE_FAILED_MS - 1000);
		assert.isEmpty(health(world), "it may take a moment");
		assert.equal(signal(world), "ready");
		world.time.run(60_000);
		assert.deepEqual(health(world), ["health ble failed"]);
		assert.equal(signal(world), "fault");
		world.radio.refuses = false;
		world.time.run(5000);
		assert.deepEqual(health(world), ["health ble failed", "health ble works again"]);
		assert.equal(signal(world), "ready");
	});

	it("never comes up: the same, and the door opens by NFC", () => {
		const world = start(({ radio }) => {
			radio.dead = true;
		});
		world.time.run(60_000);
		assert.deepEqual(health(world), ["health ble failed"]);
		world.board.field.present(world.phones.nfc("valid"));
		assert.isTrue(world.time.runUntil(() => world.door.relay.on, 3000));
	});

	it("for a moment, after a phone: nothing that anyone has to know", () => {
		const world = start();
		world.time.run(1000);
		world.phones.ble("valid").start();
		assert.isTrue(world.time.runUntil(() => world.door.relay.on, 5000));
		refuses(world);
		world.time.run(BLE_FAILED_MS - 1000);
		world.radio.refuses = false;
		world.time.run(20_000);
		assert.isTrue(world.radio.isAdvertising);
		assert.isEmpty(health(world));
	});

	it("whose stack stops advertising and says nothing: told as well, and once it can advertise it does", () => {
		const world = start();
		world.time.run(10_000);
		world.radio.refuses = "silently";
		world.radio.failConnection();
		world.time.run(BLE_FAILED_MS + 2000);
		assert.deepEqual(health(world), ["health ble failed"]);
		assert.equal(signal(world), "fault");
		world.radio.refuses = false;
		world.time.run(2000);
		assert.deepEqual(health(world), ["health ble failed", "health ble works again"]);
		assert.isTrue(world.radio.isAdvertising);
	});

	it("and NFC too: the light says so until both work", () => {
		const world = start(refuses);
		world.time.run(10_000);
		world.board.chip.setPower(false);
		world.time.run(10_000);
		world.radio.refuses = false;
		world.time.run(5000);
		assert.equal(signal(world), "fault");
		world.board.chip.setPower(true);
		world.time.run(10_000);
		assert.equal(signal(world), "ready");
		assert.deepEqual(health(world), [
			"health ble failed",
			"health nfc failed",
			"health ble works again",
			"health nfc works again",
		]);
	});

	it("off in the configuration is no failure", () => {
		const world = new World({ crypto, configuration: { bluetooth: "off" } });
		world.powerOn();
		world.time.run(60_000);
		assert.isEmpty(health(world));
		assert.equal(signal(world), "ready");
	});
});
