import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { RawCentral } from "../drivers/ble/raw.js";

const crypto = new NodeCrypto();

/** A phone is tapped over NFC while somebody in the room connects over BLE without end and speaks in the first packet. */
function tapAmongHasty(seed: number, heeded: boolean): World {
	const world = new World({ seed, crypto });
	world.installPlan();
	world.powerOn();
	assert.isTrue(world.settle());
	if (!heeded) world.firmware!.reader.useBle({ quiet: () => undefined });
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
	world.board.field.present(world.nfcPhone("valid"));
	world.time.run(900);
	return world;
}

describe("hazard 1 of the SDK's GATT server, in the whole world: whoever connects while an NFC tap computes", function () {
	this.timeout(60_000);

	it("bites: of 40 taps without a pause of the advertising, some restart the chip", () => {
		let crashed = 0;
		for (let seed = 1; seed <= 40; seed++) crashed += tapAmongHasty(seed, false).radio.crashes.length;
		assert.isAbove(crashed, 3);
	});

	it("with the pause none does, and each opens the door", () => {
		for (let seed = 1; seed <= 40; seed++) {
			const world = tapAmongHasty(seed, true);
			assert.isEmpty(world.radio.crashes, `seed ${seed}`);
			assert.equal(world.door.relay.operations, 1, `seed ${seed}`);
		}
	});

	it("a phone over BLE that finds another right behind it is no danger either", () => {
		for (let seed = 1; seed <= 20; seed++) {
			const world = new World({ seed, crypto });
			world.installPlan();
			world.powerOn();
			world.settle();
			world.time.run(50);
			const hasty = new RawCentral(world.radio, { interval: 7.5, distance: 3 });
			const phone = world.blePhone("valid", { distance: () => 0.1 });
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
