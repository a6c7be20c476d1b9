// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat } from "../../../protocol/bytes.js";
import { DEFAULT_PROXIMITY } from "../../../protocol/config/proximity.js";
import { AID } from "../../../protocol/link/apdu.js";
import type { Reason } from "../../../protocol/reasons.js";
import { SeededRandom } from "../../../sim/random.js";
import { SimSite } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import { BleLink } from "../../../src/links/ble.js";
import type { LinkFailure } from "../../../src/links/failure.js";
import { NfcLink } from "../../../src/links/nfc.js";
import { Proximity } from "../../../src/links/proximity.js";
import { Edhoc } from "../../../src/schemes/edhoc/scheme.js";
import type { Identity, SchemeEvents } from "../../../src/schemes/scheme.js";
import { providers } from "../../support/providers.js";
import { TOY_AID, Toy, toyProof } from "./toy.js";

const crypto = providers[0]!;
const SECRET = Uint8Array.of(9, 9, 9);
const ID = Uint8Array.of(1, 1, 2, 3, 5, 8, 13, 21);
const NOT_FOUND = Uint8Array.of(0x6a, 0x82);
const OK = Uint8Array.of(0x90, 0x00);

class Outcome implements SchemeEvents {
	readonly identities: Identity[] = [];
	readonly refusals: Reason[] = [];
	readonly ends: (LinkFailure | undefined)[] = [];

	onIdentity(identity: Identity) {
		this.identities.push({ ...identity, id: identity.id.slice() });
		return { granted: true, reason: "granted" } as const;
	}

	onRefused(reason: Reason): void {
		this.refusals.push(reason);
	}
}

/** A reader with EDHOC and the toy, in this order, and a card that answers as `card` says. */
function tap(card: (command: Uint8Array) => Uint8Array | undefined): Outcome & { commands: Uint8Array[] } {
	const outcome = Object.assign(new Outcome(), { commands: [] as Uint8Array[] });
	const random = new SeededRandom(3);
	const site = new SimSite(crypto, random);
	const credentials = [site.reader("FRONT", 4).own];
	const edhoc = new Edhoc({ crypto, random, suites: [4], credentials, site, door: "FRONT" });
	const time = new VirtualTime();
	const link = new NfcLink({
		clock: time,
		sessions: [edhoc, new Toy(crypto, SECRET)].map((scheme) => scheme.nfc(outcome)),
		card: {
			exchange: (command, _timeout, reply) => {
				outcome.commands.push(command.slice());
				const answer = card(command.slice());
				time.after(1000, () => reply(answer, answer ? undefined : new Error("gone")));
			},
		},
		onEnd: (failure) => outcome.ends.push(failure),
	});
	link.start();
	time.run(5000);
	assert.isFalse(link.active);
	return outcome;
}

function aidOf(command: Uint8Array): Uint8Array | undefined {
	return command[1] === 0xa4 ? command.subarray(5, 5 + command[4]!) : undefined;
}

function toyCard(secret: Uint8Array): (command: Uint8Array) => Uint8Array {
	return (command) => {
		const aid = aidOf(command);
		if (aid !== undefined) return [...aid].join() === [...TOY_AID].join() ? concat(ID, OK) : NOT_FOUND;
		if (command[1] === 0x10) return concat(toyProof(crypto, secret, command.subarray(5, 13)), OK);
		return OK;
	};
}

describe("schemes: a second one beside EDHOC", () => {
	it("NFC asks for one application after the other and gives the phone to the one that it has", () => {
		const { commands, identities, ends } = tap(toyCard(SECRET));
		assert.deepEqual(commands.slice(0, 2).map(aidOf), [Uint8Array.from(AID), TOY_AID]);
		assert.deepEqual(identities, [{ scheme: "toy", id: ID, acted: false }]);
		assert.deepEqual(ends, [undefined]);
		assert.deepEqual(
			[...commands.at(-1)!],
			[0x80, 0x12, 0, 0, 1, 1],
			"the phone is told that it was granted",
		);
	});

	it("a wrong proof is refused, once", () => {
		const { identities, refusals, ends } = tap(toyCard(Uint8Array.of(1)));
		assert.deepEqual([identities.length, refusals, ends], [0, ["bad-signature"], [undefined]]);
	});

	it("a card without either application has not tried to come in; one that leaves is asked nothing more", () => {
		const none = tap(() => NOT_FOUND);
		assert.lengthOf(none.commands, 2);
		assert.deepInclude(none.ends[0], { reason: "no-application", started: false });
		const gone = tap(() => undefined);
		assert.lengthOf(gone.commands, 1);
		assert.deepInclude(gone.ends[0], { reason: "transaction-incomplete", started: false });
	});

	it("BLE gives the phone to the scheme of the service that it chose, behind the same gate", () => {
		const outcome = new Outcome();
		const random = new SeededRandom(3);
		const site = new SimSite(crypto, random);
		const edhoc = new Edhoc({ crypto, random, suites: [4], credentials: [], site, door: "FRONT" });
		const time = new VirtualTime();
		const intent = { near: true, tap: false };
		const link = new BleLink({
			clock: time,
			sessions: [edhoc.ble(outcome, intent), new Toy(crypto, SECRET).ble(outcome)],
			proximity: new Proximity(DEFAULT_PROXIMITY),
			intent,
			onEnd: (failure) => outcome.ends.push(failure),
		});
		const heard: Uint8Array[] = [];
		let level = -90;
		let hungUp = 0;
		link.start(
			{
				mtu: 23,
				send: (frame, done) => {
					heard.push(frame.slice());
					time.after(1000, () => done());
				},
				rssi: () => level,
				hangUp: () => hungUp++,
			},
			1,
		);
		link.frame(ID);
		time.run(300);
		assert.isEmpty(heard, "it is not near");
		level = -30;
		time.run(500);
		assert.lengthOf(heard, 1, "the challenge");
		link.frame(toyProof(crypto, SECRET, heard[0]!));
		time.run(10);
		assert.deepEqual(outcome.identities, [{ scheme: "toy", id: ID, acted: false }]);
		assert.deepEqual(heard.slice(1), [Uint8Array.of(1)]);
		link.lost();
		assert.deepEqual([outcome.ends, hungUp], [[undefined], 1]);
	});
});
