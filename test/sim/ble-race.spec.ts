import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { PhoneKind } from "../../sim/phones.js";
import { runTap } from "../../sim/scenario.js";
import { World } from "../../sim/world.js";

const crypto = new NodeCrypto();

function ready(seed = 1): World {
	const world = new World({ seed, crypto });
	world.installPlan();
	world.powerOn();
	assert.isTrue(world.settle());
	// The Bluetooth stack is up 5 ms after power-on.
	world.time.run(50);
	return world;
}

/** The phone is heard over BLE at `bleAt` and lies in the field from `nfcAt`, ms. */
function both(kind: PhoneKind, bleAt: number, nfcAt: number, nfcKind = kind): World {
	const world = ready();
	const ble = world.blePhone(kind, { distance: () => 0.1 });
	const nfc = world.nfcPhone(nfcKind);
	world.time.after(bleAt * 1000, () => ble.connect());
	world.time.after(nfcAt * 1000, () => world.board.field.present(nfc));
	world.time.run(4000);
	return world;
}

describe("both radios at once", function () {
	this.timeout(60_000);

	for (const lead of [-400, -200, -100, -60, -30, -10, 0, 10, 30, 60, 100, 200, 400])
		it(`one phone, NFC ${lead} ms after BLE: one release, one record`, () => {
			const world = both("valid", Math.max(0, -lead), Math.max(0, lead));
			assert.equal(world.door.relay.operations, 1);
			assert.lengthOf(world.decisions(), 1);
		});

	it("one phone that is denied: no release, on either radio", () => {
		for (const lead of [-200, 0, 200]) {
			const world = both("revoked", Math.max(0, -lead), Math.max(0, lead));
			assert.equal(world.door.relay.operations, 0);
			assert.isTrue(world.decisions().every(({ granted }) => !granted));
			assert.isAtLeast(world.decisions().length, 1);
		}
	});

	it("two phones, one denied: both are in the log, the door opens for the other alone", () => {
		for (const [ble, nfc] of [
			["revoked", "valid"],
			["valid", "revoked"],
		] as const) {
			const world = both(ble, 0, 0, nfc);
			assert.equal(world.door.relay.operations, 1);
			assert.sameMembers(
				world.decisions().map(({ reason }) => reason),
				["granted", "revoked"],
			);
		}
	});

	it("NFC opens while somebody takes the one BLE link again and again", () => {
		const world = ready();
		let taken = 0;
		const take = (): void => {
			const link = world.radio.connect({
				mtu: 23,
				interval: 15,
				perEvent: 4,
				distance: () => 3,
				onNotify: () => undefined,
				onDisconnect: take,
			});
			if (link) taken++;
			else world.time.after(1000, take);
		};
		take();
		world.time.run(10_000);
		assert.isAbove(taken, 5);
		world.board.field.present(world.nfcPhone("valid"));
		world.time.run(1000);
		assert.equal(world.door.relay.operations, 1);
	});
});

describe("time of a tap over BLE", function () {
	this.timeout(60_000);

	for (const profile of ["ios", "android"] as const)
		it(`${profile}: the split adds up to the whole`, () => {
			for (let seed = 1; seed <= 12; seed++) {
				const { split, relayOnMs } = runTap({
					crypto,
					link: "ble",
					phone: "valid",
					suite: 4,
					seed,
					profile,
				});
				const { radio, reader, phone } = split!;
				assert.closeTo(radio + reader + phone, relayOnMs!, 0.01, `seed ${seed}`);
				for (const part of [radio, reader, phone]) assert.isAbove(part, 0);
			}
		});
});
