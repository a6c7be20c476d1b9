// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { MifareClassic } from "../../sim/nfc/cards.js";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";

const crypto = new NodeCrypto();

/** A reader whose supply sags a moment after the relay is on, as long as it is weak. */
class WeakSupply {
	readonly world: World;
	weak = true;
	pulses = 0;

	constructor(cause: "brown-out" | "power-on" = "brown-out") {
		const world = new World({ seed: 1, crypto, configuration: { bluetooth: "near" } });
		this.world = world;
		world.plan.install();
		world.powerOn();
		assert.isTrue(world.settle());
		let was = false;
		world.door.relay.watch(() => {
			const { on } = world.door.relay;
			if (on && !was) {
				this.pulses++;
				if (this.weak) world.time.after(3000, () => world.restart(cause));
			}
			was = on;
		});
	}

	get grants(): number {
		return this.world.auditor.decisions().filter(({ granted }) => granted).length;
	}

	get health(): string[] {
		return this.world.auditor
			.entries()
			.filter(({ kind }) => kind === EVENTS.health)
			.map(inWords);
	}

	get signal(): string | undefined {
		return this.world.device!.door!.indicator.signal;
	}
}

describe("a supply that sags when the strike is released", () => {
	for (const cause of ["brown-out", "power-on"] as const)
		it(`${cause}: one tap is one grant and one pulse, however long the phone lies there, and the event names the supply`, () => {
			const reader = new WeakSupply(cause);
			const { world } = reader;
			const phone = world.phones.nfc("valid");
			world.board.field.present(phone);
			world.time.run(120_000);
			assert.deepEqual([reader.grants, reader.pulses], [1, 1]);
			assert.deepEqual(reader.health, ["health supply failed"]);
			assert.equal(reader.signal, "fault");

			world.board.field.remove(phone);
			world.time.run(1500);
			world.board.field.present(world.phones.nfc("valid"));
			world.time.run(30_000);
			assert.deepEqual([reader.grants, reader.pulses], [2, 2], "taken away, and tapped again");
		});

	it("with a card beside the phone: the same", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		world.board.field.present(world.phones.nfc("valid"));
		world.time.run(100);
		world.board.field.present(new MifareClassic(Uint8Array.of(1, 2, 3, 4)));
		world.time.run(60_000);
		assert.deepEqual([reader.grants, reader.pulses], [1, 1]);
	});

	it("mended: the next tap opens, and the fault is over when the strike was carried to its end", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		world.time.run(5000);
		world.board.field.remove(phone);
		reader.weak = false;
		world.time.run(2000);
		world.board.field.present(world.phones.nfc("valid"));
		world.time.run(2000);
		assert.isFalse(world.door.locked);
		world.time.run(5000);
		assert.deepEqual(reader.health, ["health supply failed", "health supply works again"]);
		assert.equal(reader.signal, "ready");
	});

	it("over BLE: a phone that lies near and tries again is told once, and nothing moves", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		const phone = world.phones.ble("valid");
		phone.start();
		world.time.run(60_000);
		assert.deepEqual([reader.grants, reader.pulses], [1, 1]);
		assert.deepEqual(reader.health, ["health supply failed"]);
	});

	it("by request-to-exit: the event names the supply, and people get out", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		world.door.press(true);
		world.time.run(100);
		reader.weak = false;
		world.time.run(3000);
		assert.deepEqual([...new Set(reader.health)], ["health supply failed"]);
		assert.isFalse(world.door.locked);
	});

	it("with nothing released is a brown-out as before: the phone that lies there is served", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		reader.weak = false;
		world.board.field.present(world.phones.nfc("revoked"));
		world.time.run(2000);
		world.restart("brown-out");
		world.time.run(5000);
		assert.deepEqual(
			world.auditor.decisions().map(({ reason }) => reason),
			["revoked", "revoked"],
		);
		assert.isEmpty(reader.health);
	});

	it("is not one where the power was cut long after an exit or a lock that had locked again: the next tap opens at once", () => {
		const acts: readonly ((world: World) => void)[] = [
			(world) => {
				world.door.press(true);
				world.time.run(500);
				world.door.press(false);
			},
			(world) => {
				const { door } = world.device!.door!.access;
				door.command("unlock");
				world.time.run(500);
				door.command("normal");
			},
		];
		for (const act of acts) {
			const reader = new WeakSupply();
			const { world } = reader;
			reader.weak = false;
			act(world);
			world.time.run(60_000);
			world.restart("power-on");
			world.board.field.present(world.phones.nfc("valid"));
			world.time.run(3000);
			assert.equal(reader.grants, 1);
			assert.isFalse(world.door.locked);
			assert.isEmpty(reader.health);
		}
	});

	it("makes its holder wait ten seconds at most over BLE", () => {
		const reader = new WeakSupply();
		const { world } = reader;
		world.board.field.present(world.phones.nfc("valid"));
		world.time.run(1000);
		reader.weak = false;
		assert.equal(reader.grants, 1);
		const decide = (): void =>
			void world.device!.door!.access.decide("ble", {
				scheme: "test",
				id: world.people.valid.id,
				acted: true,
			});
		decide();
		assert.deepEqual([reader.grants, reader.pulses], [1, 1]);
		world.time.run(10_000);
		decide();
		assert.deepEqual([reader.grants, reader.pulses], [2, 2]);
		assert.isFalse(world.door.locked);
	});
});
