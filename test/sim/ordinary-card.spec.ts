// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { AndroidPhone, MifareClassic } from "../../sim/nfc/cards.js";
import type { Card } from "../../sim/nfc/field.js";
import type { Applet } from "../../sim/nfc/isodep.js";
import { SeededRandom } from "../../sim/random.js";
import type { World } from "../../sim/world.js";
import { DENIED_MS, SIGNALS } from "../../src/door/feedback.js";
import { ready } from "./ready.js";

/** ISO/IEC 7816-4: file or application not found. */
const nothing: Applet = {
	process: () => ({ response: Uint8Array.of(0x6a, 0x82), micros: 20_000 }),
	deselected: () => {},
};

const VISITORS: Readonly<Record<string, () => Card>> = {
	"a transport card (MIFARE Classic)": () => new MifareClassic(Uint8Array.of(1, 2, 3, 4)),
	"a bank card, or a phone without the app": () => new AndroidPhone(nothing, new SeededRandom(3)),
};

const decisions = (world: World): string[] => world.auditor.decisions().map(({ reason }) => reason);

describe("an ordinary card at the reader", () => {
	for (const [name, make] of Object.entries(VISITORS)) {
		it(`${name}: is denied by light and sound within half a second, and in the log once while it lies there`, () => {
			const world = ready();
			const card = make();
			world.board.field.present(card);
			const { door } = world.device!.door!.access;
			assert.isTrue(world.time.runUntil(() => door.signal === "denied", 500));
			assert.equal(world.panel.colour, "red");
			assert.equal(world.panel.tone, SIGNALS.denied.tone);
			assert.deepEqual(decisions(world), ["no-application"]);
			world.time.run(DENIED_MS + 100);
			assert.equal(door.signal, "ready");
			world.time.run(30_000);
			assert.deepEqual(decisions(world), ["no-application"]);
			assert.equal(world.door.relay.operations, 0);
			world.board.field.remove(card);
			world.time.run(1000);
			world.board.field.present(make());
			world.time.run(1000);
			assert.deepEqual(decisions(world), ["no-application", "no-application"]);
		});

		it(`${name}: in the case of a phone that was let in, it denies nothing`, () => {
			const world = ready();
			const phone = world.phones.nfc("valid");
			world.board.field.present(phone);
			assert.isTrue(world.time.runUntil(() => decisions(world).length > 0, 3000));
			world.time.run(200);
			world.board.field.remove(phone);
			const { door } = world.device!.door!.access;
			const card = make();
			world.board.field.present(card);
			for (let i = 0; i < 40; i++) {
				world.time.run(50);
				assert.notEqual(door.signal, "denied");
			}
			assert.deepEqual(decisions(world), ["granted"]);
		});
	}
});
