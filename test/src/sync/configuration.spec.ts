// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { encodeValue } from "../../../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { configurationContext } from "../../../protocol/config/signed.js";
import { encodeSign1 } from "../../../protocol/credential/issue.js";
import { planContext } from "../../../protocol/plan/format.js";
import { signConfiguration } from "../../../site/lib/configuration/sign.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import { providers } from "../../support/providers.js";
import { Bench } from "../service/bench.js";
import { Talk } from "./talk.js";

const crypto = providers[0]!;
const NOW = 1_800_000_000;
const INSTALLER = crypto.ed25519KeyPair(new Uint8Array(32).fill(70));
const BY = signingKey(INSTALLER, crypto);

function configOf(door: object = {}, id = "FRONT"): ReaderConfig {
	const checked = checkConfig({ id, door });
	if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
	return checked.config;
}

/** A reader of door FRONT of site ACME, whose list has an installer's key, in a session. */
class Reader {
	readonly bench: Bench;
	readonly talk: Talk;

	constructor(hasTime = true, doors: readonly string[] = []) {
		this.bench = new Bench(crypto, undefined, [
			{ publicKey: INSTALLER.publicKey, roles: ["install"], until: NOW + 100, doors },
		]);
		if (hasTime) this.bench.wall.set(NOW, "synced");
		assert.equal(Bench.reason(this.bench.commission()), "ok");
		const { facade, store, time } = this.bench;
		facade.applied.length = 0;
		facade.recorded.length = 0;
		this.talk = new Talk(time, { crypto, reader: facade, store });
		this.talk.begin();
	}

	/** What the reader answers to a signed configuration. */
	takes(envelope: Uint8Array): string | null {
		return this.talk.ask({ name: "configuration", envelope });
	}

	signed(number: number, door: object = {}): string | null {
		return this.takes(signConfiguration("ACME", configOf(door), number, BY));
	}
}

const sealed = (payload: Uint8Array, externalAad = configurationContext()): Uint8Array =>
	encodeSign1(payload, BY.signer, { tagged: true, externalAad, kid: BY.kid });

describe("a configuration that comes by sync", () => {
	it("is stored with its number, applied as one by cable is, and in the log with who signed it", () => {
		const reader = new Reader();
		const { facade, store } = reader.bench;
		assert.isNull(reader.signed(5, { strikeTime: 9, fireInput: "normally-closed" }));
		assert.equal(store.door.strikeTime, 9);
		assert.deepEqual([...facade.applied], [configOf({ strikeTime: 9, fireInput: "normally-closed" })]);
		assert.deepEqual(facade.recorded.at(-1), { event: "configuration", detail: 7, value: store.revision });
		const again = reader.bench.self.open(crypto, reader.bench.random);
		assert.equal(again.configurationNumber, 5);
		assert.equal(again.door.strikeTime, 9);
	});

	it("is taken once, and no older one after it: nobody brings back how the door was wired", () => {
		const reader = new Reader();
		const { facade, store } = reader.bench;
		const old = signConfiguration("ACME", configOf({ strikeTime: 7 }), 5, BY);
		assert.isNull(reader.takes(old));
		assert.isNull(reader.signed(6, { strikeTime: 8 }));
		assert.equal(reader.takes(old), "not-newer");
		assert.equal(store.door.strikeTime, 8);
		assert.isNull(reader.signed(6, { strikeTime: 8 }), "said again, as the answer was lost");
		assert.equal(reader.signed(6, { strikeTime: 9 }), "not-newer", "another one of that number");
		assert.lengthOf(facade.applied, 2);
		assert.isNull(reader.signed(7, { strikeTime: 8 }));
		assert.lengthOf(facade.applied, 2, "the same needs no restart");
		assert.equal(reader.signed(6, { strikeTime: 8 }), "not-newer", "but its number counts");
	});

	it("is refused where its key may not, and where the clock is unset", () => {
		assert.equal(new Reader(false).signed(5), "clock-unset");
		assert.equal(new Reader(true, ["BACK"]).signed(5), "beyond-limits");
		const reader = new Reader();
		reader.bench.wall.set(NOW + 100, "synced");
		assert.equal(reader.signed(5), "key-ended");
		reader.bench.wall.set(NOW, "synced");
		const { signing } = reader.bench.keys;
		assert.equal(reader.takes(signConfiguration("ACME", configOf(), 5, signing)), "wrong-role");
		assert.equal(reader.bench.store.configurationNumber, 0);
		assert.deepEqual([...reader.bench.facade.applied], []);
	});

	it("is refused where it is another site's or door's, another kind of thing, or changed", () => {
		const reader = new Reader();
		assert.equal(reader.takes(signConfiguration("OTHER", configOf(), 5, BY)), "wrong-site");
		assert.equal(reader.takes(signConfiguration("ACME", configOf({}, "BACK"), 5, BY)), "wrong-door");
		const fields = { site: "ACME", door: "FRONT", number: 5, configuration: { id: "FRONT" } };
		assert.equal(
			reader.takes(sealed(encodeValue({ ...fields, configuration: { id: "BACK" } }))),
			"wrong-door",
			"its document is another door's",
		);
		assert.equal(reader.takes(sealed(encodeValue(fields), planContext())), "bad-signature");
		const forged = sealed(encodeValue(fields));
		forged[forged.length - 1]! ^= 1;
		assert.equal(reader.takes(forged), "bad-signature");
		for (const wrong of [
			{ ...fields, number: 0 },
			{ ...fields, number: 2 ** 32 },
			{ ...fields, number: "5" },
			{ ...fields, more: 1 },
			{ site: "ACME", door: "FRONT", number: 5 },
		])
			assert.equal(reader.takes(sealed(encodeValue(wrong))), "malformed", JSON.stringify(wrong));
		assert.equal(reader.takes(Uint8Array.of(1, 2, 3)), "malformed");
		assert.isNull(reader.takes(sealed(encodeValue(fields))));
	});

	it("is judged by the reader as one by cable is: valid, and fit for its hardware", () => {
		const reader = new Reader();
		const wrong = {
			site: "ACME",
			door: "FRONT",
			number: 5,
			configuration: { id: "FRONT", door: { strikeTime: 0 } },
		};
		assert.equal(reader.takes(sealed(encodeValue(wrong))), "invalid-configuration");
		reader.bench.facade.lacks = [
			{ field: "door.tamper", reason: "not-on-this-reader", message: "no such pin" },
		];
		assert.equal(reader.signed(6), "invalid-configuration");
		assert.equal(reader.bench.store.configurationNumber, 0);
	});

	it("is refused where the flash does not take it, and the reader goes on", () => {
		const reader = new Reader();
		reader.bench.flash.write = () => undefined;
		assert.equal(reader.signed(5, { strikeTime: 9 }), "config-flash");
	});
});

describe("signing a configuration", () => {
	it("is refused where no reader would take it", () => {
		for (const number of [0, 1.5, 2 ** 32])
			assert.throws(() => signConfiguration("ACME", configOf(), number, BY), RangeError);
		const invalid = { ...configOf(), door: { strikeTime: 0 } } as unknown as ReaderConfig;
		assert.throws(() => signConfiguration("ACME", invalid, 1, BY), /strikeTime/);
	});

	it("has room for every setting at its longest", () => {
		const checked = checkConfig({ id: "door-007", name: "x".repeat(48), timeServer: "a".repeat(64) });
		const { config } = checked as { config: ReaderConfig };
		assert.isAtMost(signConfiguration("harbour1", config, 2 ** 32 - 1, BY).length, 960);
	});
});
