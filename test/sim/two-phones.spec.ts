// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { HostCardEmulation } from "../../phone/hce.js";
import { Holder } from "../../phone/holder.js";
import { AndroidPhone } from "../../sim/nfc/cards.js";
import type { PhoneKind } from "../../sim/people.js";
import { SeededRandom } from "../../sim/random.js";
import type { World } from "../../sim/world.js";
import { ready } from "./ready.js";

const crypto = new NodeCrypto();

/** The decision that each of the two phones comes to. */
const REASON = { valid: "granted", revoked: "revoked" } as const;
type Kind = keyof typeof REASON;
const ORDERS: readonly (readonly [Kind, Kind])[] = [
	["valid", "revoked"],
	["revoked", "valid"],
];
/** From the end of the first phone's stay to the begin of the second's, ms; below 0 they overlap. */
const GAPS = [
	-30_000, -3000, -500, -100, -1, 0, 1, 10, 30, 50, 70, 100, 130, 150, 180, 200, 250, 300, 500, 1000,
];

function decisions(world: World): string[] {
	return world.auditor.decisions().map(({ reason }) => reason);
}

/** Shows a phone and waits for its decision. */
function served(world: World, kind: PhoneKind): AndroidPhone {
	const phone = world.phones.nfc(kind);
	const before = decisions(world).length;
	world.board.field.present(phone);
	assert.isTrue(world.time.runUntil(() => decisions(world).length > before, 3000));
	return phone;
}

describe("two phones at the NFC reader, one after the other", () => {
	// At once after the decision, in the last exchange, between polls, and after lying there.
	for (const [first, second] of ORDERS)
		for (const stay of [0, 5, 40, 120, 2000])
			it(`${second} after ${first}, which stays ${stay} ms after its decision: each is served once, whatever the gap`, () => {
				for (const gap of GAPS) {
					const world = ready();
					const { field } = world.board;
					const a = served(world, first);
					const b = world.phones.nfc(second);
					world.time.run(stay);
					if (gap < 0) {
						field.present(b);
						world.time.run(-gap);
						field.remove(a);
					} else {
						field.remove(a);
						world.time.run(gap);
						field.present(b);
					}
					world.time.run(6000);
					assert.deepEqual(decisions(world), [REASON[first], REASON[second]], `gap ${gap} ms`);
					world.time.run(30_000);
					assert.lengthOf(decisions(world), 2, `gap ${gap} ms: it stays`);
					assert.equal(world.door.relay.operations, 2, "on and off");
					field.remove(b);
					world.time.run(1000);
					served(world, second);
				}
			});

	it("both at the same time, or the second while the first is served: each once", () => {
		for (const [first, second] of ORDERS)
			for (const later of [0, 1, 20, 50, 100, 200]) {
				const world = ready();
				const { field } = world.board;
				field.present(world.phones.nfc(first));
				world.time.run(later);
				field.present(world.phones.nfc(second));
				world.time.run(40_000);
				assert.sameMembers(decisions(world), ["granted", "revoked"], `${later} ms later`);
				assert.equal(world.door.relay.operations, 2, "on and off");
			}
	});
});

describe("a phone that loses the field for a moment, and has another UID then", () => {
	for (const kind of ["valid", "revoked"] as const)
		it(`${kind}: is told the same, and nothing is done twice; away for long enough, it is a new visit`, () => {
			for (const gap of [0, 1, 5, 20, 50, 80, 100, 110, 500, 1000])
				for (const stay of [0, 5, 40, 2000]) {
					const world = ready();
					const { field } = world.board;
					const phone = served(world, kind);
					world.time.run(stay);
					for (let i = 0; i < 4; i++) {
						field.remove(phone);
						world.time.run(gap);
						field.present(phone);
						world.time.run(1500);
					}
					assert.lengthOf(decisions(world), gap < 300 ? 1 : 5, `${gap} ms, ${stay} ms after the decision`);
				}
		});

	it("while a card or another phone lies there, too: later its visit is a new one", () => {
		const world = ready();
		const { field } = world.board;
		served(world, "revoked");
		for (let i = 1; i <= 3; i++) {
			const phone = served(world, "valid");
			world.time.run(1000);
			field.remove(phone);
			world.time.run(60_000);
			assert.equal(world.door.relay.operations, 2 * i);
		}
	});

	it("a phone whose UID changes whenever it is let go: acted on once while it stays, and the next one is served", () => {
		class Restless extends AndroidPhone {
			protected override left(): void {
				super.left();
				super.energised();
			}
		}
		const world = ready();
		const { field } = world.board;
		const random = new SeededRandom(7);
		const holder = new Holder({
			crypto,
			random,
			credential: world.people.valid.own,
			suite: 4,
			trust: world.site.trust,
			onResult: () => undefined,
		});
		const phone = new Restless(new HostCardEmulation(() => holder.session()), random);
		field.present(phone);
		world.time.run(60_000);
		assert.deepEqual(decisions(world), ["granted"]);
		field.remove(phone);
		world.time.run(50);
		field.present(world.phones.nfc("revoked"));
		world.time.run(8000);
		assert.deepEqual(decisions(world), ["granted", "revoked"]);
	});
});
