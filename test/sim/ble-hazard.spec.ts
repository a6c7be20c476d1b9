// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { RawCentral } from "../drivers/ble/raw.js";

const crypto = new NodeCrypto();

/** A phone is tapped over NFC while somebody in the room connects over BLE without end and speaks in the first packet. */
function tapAmongHasty(seed: number, paused: boolean, bareRadio: boolean): World {
	const world = new World({ seed, crypto, bareRadio });
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	if (!paused) world.device!.radios!.ble!.quiet = () => undefined;
	world.time.run(50 + seed);
	// 7.5 ms is the shortest interval that there is, and a request may be in the first packet.
	const hasty = new RawCentral(world.radio, { interval: 7.5, distance: 3 });
	const connect = (): void => {
		world.radio.initiate(hasty, 1, (link) => {
			hasty.connected(link);
			hasty.client.exchangeMtu(517, () => link.close());
			hasty.write(Uint8Array.of(0));
		});
	};
	// At any moment: one that is always there connects at once when it can, which is never while the reader computes.
	const dice = new SeededRandom(seed);
	hasty.onGone = () => world.time.after(dice.below(60_000), connect);
	connect();
	world.board.field.present(world.phones.nfc("valid"));
	world.time.run(900);
	return world;
}

describe("hazard 1 of the SDK's GATT server, in the whole world: whoever connects while an NFC tap computes", () => {
	it("bites: of 40 taps over the bare server and without a pause of the advertising, some restart the chip", () => {
		let crashed = 0;
		for (let seed = 1; seed <= 40; seed++) crashed += tapAmongHasty(seed, false, true).radio.crashes.length;
		assert.isAbove(crashed, 3);
	});

	it("where the Bluetooth task waits, or the advertising pauses, or both, none does, and each opens the door", () => {
		for (const [paused, bare] of [
			[false, false],
			[true, true],
			[true, false],
		] as const)
			for (let seed = 1; seed <= 40; seed++) {
				const world = tapAmongHasty(seed, paused, bare);
				assert.isEmpty(world.radio.crashes, `seed ${seed}`);
				assert.equal(world.door.relay.operations, 1, `seed ${seed}`);
			}
	});

	it("a phone over BLE that finds another right behind it is no danger either", () => {
		for (let seed = 1; seed <= 20; seed++) {
			const world = new World({ seed, crypto });
			world.plan.install();
			world.powerOn();
			world.settle();
			world.time.run(50);
			const hasty = new RawCentral(world.radio, { interval: 7.5, distance: 3 });
			const phone = world.phones.ble("valid", { distance: () => 0.1 });
			phone.connect();
			const connect = (): void => {
				world.radio.initiate(hasty, 1, (link) => {
					hasty.connected(link);
					hasty.client.exchangeMtu(517, () => link.close());
				});
			};
			hasty.onGone = connect;
			connect();
			world.time.run(3000);
			assert.isEmpty(world.radio.crashes, `seed ${seed}`);
			assert.equal(world.door.relay.operations, 1);
		}
	});
});

/** Whoever is in the room connects again and again from now on, and writes in the first packet. */
function hasty(world: World): void {
	const central = new RawCentral(world.radio, { interval: 7.5, distance: 3 });
	const connect = (): void => {
		world.radio.initiate(central, 1, (link) => {
			central.connected(link);
			central.write(Uint8Array.of(0));
			central.client.exchangeMtu(517);
		});
	};
	central.onGone = connect;
	connect();
}

/** What a reader computes for long, besides taps. */
const WORK: Record<string, (world: World, installer: Installer, n: number) => void> = {
	"an installer's proof": (world, installer) => installer.prove(world.site.keys.signing),
	"a plan's signature": (world, installer, n) => {
		installer.prove(world.site.keys.signing);
		installer.installPlan(9 + n);
	},
	"a start": (world) => world.restart("software"),
	"a start after a loss of power": (world) => world.restart("power-on"),
};

describe("hazard 1 of the SDK's GATT server: whoever connects and writes at once while the reader computes for an installer, or starts", () => {
	function work(what: string, seed: number, bareRadio: boolean): World {
		const world = new World({ seed, crypto, bareRadio });
		world.plan.install();
		world.powerOn();
		world.settle();
		world.time.run(50 + seed);
		const installer = new Installer(world, crypto);
		hasty(world);
		for (let i = 0; i < 3 && world.radio.crashes.length === 0; i++) {
			world.time.run(seed * 7);
			try {
				WORK[what]!(world, installer, i);
			} catch (error) {
				// A chip that has gone does not answer.
				if (world.radio.crashes.length === 0) throw error;
			}
		}
		world.time.run(2000);
		return world;
	}

	it("bites over the bare server", () => {
		let crashed = 0;
		for (let seed = 1; seed <= 10; seed++)
			crashed += work("a plan's signature", seed, true).radio.crashes.length;
		assert.isAbove(crashed, 0);
	});

	for (const what of Object.keys(WORK))
		it(`${what}: the chip lives, and a phone is served`, () => {
			for (let seed = 1; seed <= 10; seed++) {
				const world = work(what, seed, false);
				assert.isEmpty(world.radio.crashes, `seed ${seed}`);
				world.phones.ble("valid", { distance: () => 0.1 }).initiate();
				assert.isTrue(
					world.time.runUntil(() => world.door.relay.operations > 0, 10_000),
					`seed ${seed}`,
				);
				assert.isEmpty(world.radio.crashes, `seed ${seed}`);
			}
		});
});
