// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Holder } from "../../../phone/holder.js";
import { CborWriter } from "../../../protocol/cbor/writer.js";
import { KnownCredentials } from "../../../protocol/credential/known.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { byKcwt } from "../../../protocol/edhoc/id-cred.js";
import type { Reason } from "../../../protocol/reasons.js";
import type { TrustList, TrustSource } from "../../../protocol/trust/list.js";
import { SeededRandom } from "../../../sim/random.js";
import { type IssuedCredential, SimSite } from "../../../sim/site.js";
import { told } from "../../../sim/told-crypto.js";
import { Transaction } from "../../../src/schemes/edhoc/transaction.js";
import { providers } from "../../support/providers.js";

/** A reader, and how many signatures it has verified. */
class Reader implements TrustSource {
	readonly random = new SeededRandom(4);
	readonly site = new SimSite(providers[0]!, this.random);
	trust: TrustList = this.site.trust;
	verified = 0;
	readonly #transaction: Transaction;
	#outcome: Reason | undefined;

	constructor() {
		const crypto = told(providers[0]!, (call) => {
			if (call === "ed25519Verify") this.verified++;
		});
		this.#transaction = new Transaction({
			scratch: new CborWriter(),
			crypto,
			suites: [4],
			credentials: [this.site.reader("FRONT", 4).own],
			ephemerals: new EphemeralPool(crypto, this.random),
			known: new KnownCredentials(),
			site: this,
			door: "FRONT",
			events: {
				onIdentity: () => {
					this.#outcome = "granted";
					return { granted: true, reason: "granted" };
				},
				onRefused: (reason) => {
					this.#outcome = reason;
				},
			},
		});
	}

	/** What came of a visit, and the signatures verified in it. */
	visit({ own }: IssuedCredential): [Reason | undefined, number] {
		const before = this.verified;
		this.#outcome = undefined;
		const session = new Holder({
			crypto: providers[0]!,
			random: this.random,
			credential: own,
			suite: 4,
			trust: this.site.trust,
			onResult: () => undefined,
		}).session();
		this.#transaction.open();
		const message2 = this.#transaction.receive(session.begin("nfc")!)!;
		this.#transaction.ahead();
		this.#transaction.receive(session.receive(message2));
		return [this.#outcome, this.verified - before];
	}
}

describe("a phone that comes again", () => {
	it("costs one signature less, and a new credential of it two again", () => {
		const reader = new Reader();
		const phone = reader.site.phone();
		assert.deepEqual(reader.visit(phone), ["granted", 2]);
		assert.deepEqual(reader.visit(phone), ["granted", 1]);
		assert.deepEqual(reader.visit(phone), ["granted", 1]);
		assert.deepEqual(reader.visit(reader.site.renewed(phone)), ["granted", 2]);
	});

	it("is a stranger under another trust list", () => {
		const reader = new Reader();
		const phone = reader.site.phone();
		reader.visit(phone);
		// The same list in another place, as after a start.
		reader.trust = Object.create(reader.site.trust);
		assert.deepEqual(reader.visit(phone), ["granted", 2]);
		assert.deepEqual(reader.visit(phone), ["granted", 1]);
	});

	it("is no news to who has a copy of its credential: without its key that costs the same before and after", () => {
		const reader = new Reader();
		const phone = reader.site.phone();
		const thief = { ...phone, own: { ...phone.own, sign: reader.site.phone().own.sign } };
		const before = reader.visit(thief as IssuedCredential);
		assert.equal(before[0], "bad-signature");
		reader.visit(phone);
		assert.deepEqual(reader.visit(thief as IssuedCredential), before);
		assert.deepEqual(reader.visit(phone), ["granted", 1], "and it pushes nobody out");
	});

	it("is not taken for one whose signature was refused", () => {
		const reader = new Reader();
		const phone = reader.site.phone();
		const forged = phone.cwt.slice();
		forged[forged.length - 40]! ^= 1;
		const bad = { ...phone, own: { ...phone.own, ...byKcwt(forged) } };
		for (let i = 0; i < 2; i++) assert.deepEqual(reader.visit(bad), ["bad-signature", 2]);
	});

	it("is judged by its dates, role and limits each time", () => {
		const reader = new Reader();
		const phone = reader.site.phone();
		assert.deepEqual(reader.visit(phone), ["granted", 2]);
		const key = reader.trust.find(reader.site.keys.signing.kid)!;
		Object.defineProperty(key, "refusal", { value: () => "key-stolen" });
		Object.defineProperty(reader.trust, "find", { value: () => key });
		assert.deepEqual(reader.visit(phone), ["key-stolen", 1]);
	});
});
