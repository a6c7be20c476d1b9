// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { PhoneKind } from "../../sim/people.js";
import { runTap } from "../../sim/scenario.js";
import type { World } from "../../sim/world.js";
import { RawCentral } from "../drivers/ble/raw.js";
import { ready } from "./ready.js";

const crypto = new NodeCrypto();

/** The phone is heard over BLE at `bleAt` and lies in the field from `nfcAt`, ms. */
function both(kind: PhoneKind, bleAt: number, nfcAt: number, nfcKind = kind): World {
	const world = ready();
	const ble = world.phones.ble(kind, { distance: () => 0.1 });
	const nfc = world.phones.nfc(nfcKind);
	world.time.after(bleAt * 1000, () => ble.connect());
	world.time.after(nfcAt * 1000, () => world.board.field.present(nfc));
	world.time.run(4000);
	return world;
}

describe("both radios at once", () => {
	for (const lead of [-400, -200, -100, -60, -30, -10, 0, 10, 30, 60, 100, 200, 400])
		it(`one phone, NFC ${lead} ms after BLE: one release, one record`, () => {
			const world = both("valid", Math.max(0, -lead), Math.max(0, lead));
			assert.equal(world.door.relay.operations, 1);
			assert.lengthOf(world.auditor.decisions(), 1);
		});

	it("one phone that is denied: no release, on either radio", () => {
		for (const lead of [-200, 0, 200]) {
			const world = both("revoked", Math.max(0, -lead), Math.max(0, lead));
			assert.equal(world.door.relay.operations, 0);
			assert.isTrue(world.auditor.decisions().every(({ granted }) => !granted));
			assert.isAtLeast(world.auditor.decisions().length, 1);
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
				world.auditor.decisions().map(({ reason }) => reason),
				["granted", "revoked"],
			);
		}
	});

	it("NFC opens while somebody takes the one BLE link again and again", () => {
		const world = ready();
		let taken = 0;
		const attacker = new RawCentral(world.radio, { interval: 15, distance: 3 });
		const take = (): void => {
			world.radio.initiate(attacker, 1, (link) => {
				taken++;
				attacker.connected(link);
			});
		};
		attacker.onGone = take;
		take();
		world.time.run(10_000);
		assert.isAbove(taken, 10);
		world.board.field.present(world.phones.nfc("valid"));
		world.time.run(1000);
		assert.equal(world.door.relay.operations, 1);
	});
});

describe("time of a tap over BLE", () => {
	it("a first visit costs the discovery's requests, two connection events each, and nothing else", () => {
		for (const profile of ["ios", "android"] as const) {
			const options = { crypto, link: "ble", phone: "valid", suite: 4, seed: 3, profile } as const;
			const known = runTap(options);
			const first = runTap({ ...options, first: true });
			// The service (and that there is no other), its characteristics, the descriptor of the one that notifies; over
			// these MTUs each fits one response. Then, in both, MTU and subscription: 2 requests.
			const discovery = (first.setupMs! - known.setupMs!) / (2 * 30);
			assert.closeTo(discovery, 4, 0.01);
			assert.closeTo(known.setupMs!, 2 * 2 * 30, 0.2);
			assert.equal(first.split!.phone, known.split!.phone);
			assert.closeTo(first.split!.reader, known.split!.reader, 2);
		}
	});
});
