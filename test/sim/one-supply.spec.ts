// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { DS3231 } from "../../drivers/clock/ds3231.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { i2cClass } from "../../sim/bus/i2c.js";
import type { CutKind } from "../../sim/flash.js";
import { World, type WorldOptions } from "../../sim/world.js";

const crypto = new NodeCrypto();
const DAY = 86_400;

function door(options: Partial<WorldOptions> = {}): World {
	const world = new World({ crypto, ...options });
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	world.time.run(1000);
	return world;
}

/** Writes of a tap of the valid phone, by NFC or Bluetooth, from its coming to its end. */
function tap(world: World, ble: boolean): number {
	const before = world.power.operations;
	if (ble) world.phones.ble("valid").start();
	else {
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		world.time.after(1_200_000, () => world.board.field.remove(phone));
	}
	world.time.run(12_000);
	return world.power.operations - before;
}

describe("the supply of a whole board", () => {
	for (const ble of [false, true])
		it(`is cut at any write of a tap by ${ble ? "Bluetooth" : "NFC"}: the firmware does nothing more, and starts again from what is there`, () => {
			const writes = tap(door(), ble);
			assert.isAbove(writes, 0);
			for (let at = 0; at < writes; at++)
				for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as const satisfies CutKind[]) {
					const world = door();
					const { power } = world;
					power.plan({ at: power.operations + at, kind, byte: 5, seed: at });
					tap(world, ble);
					assert.isFalse(power.on, `${kind} at ${at}`);
					assert.isUndefined(world.device);
					assert.isFalse(world.door.relay.on);
					assert.isFalse(world.board.field.on);
					const kept = world.flash.log.writes;
					world.time.run(5000);
					assert.equal(world.flash.log.writes, kept, "nothing writes without power");
					world.powerOn();
					assert.isTrue(world.settle());
					world.time.run(15_000);
					tap(world, ble);
					assert.isTrue(world.auditor.decisions().at(-1)?.granted, `${kind} at ${at}`);
					assert.isEmpty(verifyLog(world.flash.log, crypto, {}).problems);
					assert.equal(world.flash.log.mismatches, 0);
				}
		});
});

describe("a calendar that leaps", () => {
	it("leaps in the reader, its clock chip and at its site alike", () => {
		const world = door({ server: true });
		const before = world.wall.now();
		world.leap(3 * DAY + 5);
		assert.approximately(world.wall.now(), before + 3 * DAY + 5, 1);
		assert.approximately(world.seconds, world.wall.now(), 2);
		const chip = new DS3231({ io: i2cClass(world.clockChip) }).read()!;
		assert.approximately(chip.seconds, world.wall.now(), 2);
		// The reader compares its clock with the chip every ten minutes.
		world.time.run(1_300_000);
		assert.isFalse(world.device!.timekeeper.failing);
	});
});

describe("a board that is wired wrongly", () => {
	it("has a lock at the relay's other contact: open at rest, and locked by a grant", () => {
		const world = door();
		assert.isTrue(world.door.locked);
		world.door.otherContact = true;
		assert.isFalse(world.door.locked);
		tapAndLook(world, () => assert.isTrue(world.door.locked));
	});

	it("has a door's contact whose wire is cut: the reader takes the door for forced", () => {
		const world = door();
		world.panel.position.wires = "cut";
		world.time.run(2000);
		const kinds = world.auditor.entries().map(({ kind }) => kind);
		assert.include(kinds, EVENTS.forced);
	});
});

function tapAndLook(world: World, look: () => void): void {
	world.board.field.present(world.phones.nfc("valid"));
	assert.isTrue(world.time.runUntil(() => world.door.relay.on, 2000));
	look();
}
