// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { concat, equal } from "../../protocol/bytes.js";
import { EVENTS, LINKS } from "../../protocol/events.js";
import { GattClient } from "../../sim/ble/client.js";
import type { CentralSide, SimLink } from "../../sim/ble/radio.js";
import { AndroidPhone } from "../../sim/nfc/cards.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { schemesOf } from "../../src/app/schemes.js";
import { TOY_AID, TOY_SERVICE, Toy, toyProof } from "../src/schemes/toy.js";

const crypto = new NodeCrypto();
const SECRET = Uint8Array.of(4, 8, 15, 16, 23, 42);

/** A whole reader with EDHOC and the toy. */
function ready(): World {
	const world: World = new World({
		seed: 1,
		crypto,
		schemes: (platform, store) => [...schemesOf(platform, store), new Toy(platform.crypto, SECRET)],
	});
	world.plan.install();
	world.powerOn();
	assert.isTrue(world.settle());
	return world;
}

function toyPhone(id: Uint8Array): AndroidPhone {
	return new AndroidPhone(
		{
			process: (command) => {
				const aid = command.subarray(5, 5 + TOY_AID.length);
				let response: Uint8Array = Uint8Array.of(0x90, 0);
				if (command[1] === 0xa4)
					response = equal(aid, TOY_AID) ? concat(id, response) : Uint8Array.of(0x6a, 0x82);
				else if (command[1] === 0x10)
					response = concat(toyProof(crypto, SECRET, command.subarray(5, 13)), response);
				return { response, micros: 5000 };
			},
			deselected: () => undefined,
		},
		new SeededRandom(8),
	);
}

/** Held at the phone's side of a connection: subscribes to the toy's service, says its id, answers the challenge. */
class ToyCentral implements CentralSide {
	readonly interval = 30;
	readonly perEvent = 4;
	readonly supervision = 4000;
	readonly heard: Uint8Array[] = [];
	#client: GattClient | undefined;

	distance(): number {
		return 0.1;
	}

	connect(world: World, id: Uint8Array): void {
		const { radio } = world;
		const client = new GattClient(radio.connect(this) as SimLink);
		this.#client = client;
		const write = (value: Uint8Array): void => client.write(radio.handle(TOY_SERVICE.fromPhone), value);
		client.onNotification = (value) => {
			this.heard.push(value);
			if (this.heard.length === 1) write(toyProof(crypto, SECRET, value));
		};
		client.exchangeMtu(185);
		client.subscribe(radio.handle(TOY_SERVICE.toPhone) + 1, () => write(id));
	}

	onPdu(pdu: Uint8Array): void {
		this.#client?.received(pdu);
	}

	onDisconnect(): void {
		this.#client = undefined;
	}
}

describe("a whole reader with a second scheme", function () {
	this.timeout(30_000);

	it("opens over NFC for a phone that has the other application alone, and for EDHOC as before", () => {
		const world = ready();
		const { id } = world.people.valid;
		const toy = toyPhone(id);
		world.board.field.present(toy);
		world.time.run(1000);
		assert.isTrue(world.door.relay.on);
		world.board.field.remove(toy);
		world.time.run(10_000);
		assert.isFalse(world.door.relay.on);
		const edhoc = world.phones.nfc("valid");
		world.board.field.present(edhoc);
		world.time.run(1000);
		assert.isTrue(world.door.relay.on);
		const decisions = world.auditor.decisions();
		assert.lengthOf(decisions, 2);
		assert.isTrue(decisions.every(({ granted }) => granted));
	});

	it("refuses an id that the plan revoked, whichever scheme proves it", () => {
		const world = ready();
		world.board.field.present(toyPhone(world.people.revoked.id));
		world.time.run(1000);
		assert.isFalse(world.door.relay.on);
		assert.deepInclude(world.auditor.decisions()[0], { granted: false, reason: "revoked" });
	});

	it("opens over Bluetooth by the other service, and the log says how", () => {
		const world = ready();
		const central = new ToyCentral();
		central.connect(world, world.people.valid.id);
		world.time.run(1500);
		assert.isTrue(world.door.relay.on);
		assert.deepEqual(central.heard[1], Uint8Array.of(1));
		const [decision] = world.auditor.entries().filter(({ kind }) => kind === EVENTS.decision);
		assert.equal((decision!.detail >> 8) & 15, LINKS.ble);
		assert.isTrue(equal(decision!.subject, world.people.valid.id));
	});
});
