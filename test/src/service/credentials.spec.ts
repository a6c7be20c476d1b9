// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { EDDSA, ES256, signer } from "../../../protocol/credential/cose.js";
import { verifyReader } from "../../../protocol/credential/credential.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { MessageKey } from "../../../protocol/provisioning/messages.js";
import { type PracticeKeys, withNextList } from "../../../sim/practice-keys.js";
import { type KeyModel, modelOf } from "../../../site/lib/trust/model.js";
import { providers } from "../../support/providers.js";
import { Bench, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;

const pairOf = (seed: number) => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
const NEW = pairOf(31);
/** What `certify` is for: signs readers, and no list has said so when the reader was commissioned. */
const newKey: KeyModel = { publicKey: NEW.publicKey, roles: ["commission"] };
const ID = new Uint8Array(8).fill(0xc1);

/** A reader of FRONT with authority at its cable, and what of it may not change. */
class Certified {
	readonly bench: Bench;

	constructor(others: readonly KeyModel[] = [newKey]) {
		this.bench = new Bench(crypto, undefined, others);
		assert.equal(reason(this.bench.commission()), "ok");
		assert.equal(reason(this.bench.prove()), "ok");
	}

	get keys(): readonly MessageKey[] {
		return this.bench.ask("begin").value.keys as unknown as readonly MessageKey[];
	}

	/** The reader's own credentials, by `by`. */
	signed(by = NEW, keys = this.keys, door = "FRONT", id = ID): readonly Uint8Array[] {
		const signs = signer(crypto, EDDSA, by.secretKey);
		return keys.map((key) => issueCredential({ issuer: "ACME", subject: door, id, key }, signs));
	}

	certify(credentials: readonly Uint8Array[]) {
		return this.bench.ask("certify", { credentials });
	}

	/** A list by which the site's key that commissioned it was stolen. */
	steals(): PracticeKeys {
		const { keys } = modelOf(this.bench.keys.trust);
		return withNextList(this.bench.keys, {
			keys: keys.map((key, n) => (n === 0 ? { ...key, state: "stolen" } : key)),
		});
	}

	/** All that a start finds but the credentials. */
	get rest(): string {
		const { config, keys, membership, wifi } = new Bench(crypto, this.bench.self.snapshot()).store;
		const { anchor, door, trust } = membership!;
		const secrets = keys!.map(({ secretKey }) => toHex(secretKey));
		return JSON.stringify([config, secrets, toHex(anchor), door, toHex(trust.payload), wifi]);
	}

	/** As a start finds them. */
	get stored(): readonly string[] {
		return new Bench(crypto, this.bench.self.snapshot()).store.membership!.credentials.map(toHex);
	}
}

describe("credentials for a reader that has some", () => {
	it("take the place of those, as one change that the log tells; all else of the reader stays", () => {
		const reader = new Certified();
		reader.bench.ask("wifi-join", { ssid: "Building", password: "correct horse" });
		reader.bench.sendLists(reader.steals().lists.slice(1));
		const { rest, stored } = reader;
		const { revision } = reader.bench.store;
		const given = reader.signed();
		const answer = reader.certify(given);
		assert.equal(reason(answer), "ok");
		assert.deepEqual(answer.value, { revision: revision + 1 });
		assert.deepEqual(reader.stored, given.map(toHex));
		assert.notDeepEqual(reader.stored, stored);
		assert.equal(reader.rest, rest);
		assert.deepInclude(reader.bench.facade.recorded.at(-1), {
			...{ event: "configuration", detail: 4, value: revision + 1 },
		});
		assert.lengthOf(reader.bench.facade.applied, 2, "it starts again, as after commissioning");
		const { trust } = reader.bench.store;
		for (const cwt of given) assert.deepEqual(verifyReader(cwt, trust, crypto).id, ID);
		assert.deepEqual(reader.bench.challenge().reader.credentials?.map(toHex), given.map(toHex));
	});

	it("may be for the first of its keys alone", () => {
		const reader = new Certified();
		assert.equal(reason(reader.certify(reader.signed().slice(0, 1))), "ok");
		assert.lengthOf(reader.stored, 1);
	});

	it("are judged by the list that waits for a plan, where one does", () => {
		const reader = new Certified([]);
		const plan = { isKeptBy: () => false, open: () => undefined };
		Object.assign(reader.bench.facade, { plan });
		const { keys } = modelOf(reader.bench.keys.trust);
		const next = withNextList(reader.bench.keys, { keys: [...keys, newKey] });
		assert.deepInclude(reader.bench.sendLists(next.lists.slice(1)).value, { version: 2, held: true });
		assert.equal(reader.bench.store.trust.version, 1);
		assert.equal(reason(reader.certify(reader.signed())), "ok");
	});

	it("need authority, and a site", () => {
		const reader = new Certified();
		const credentials = reader.signed();
		const strangers = reader.bench.ask("certify", { credentials }, OTHER_CLIENT);
		assert.equal(reason(strangers), "not-authorised");
		const fresh = new Bench(crypto);
		fresh.ask("begin");
		fresh.sendLists();
		assert.equal(reason(fresh.ask("certify", { credentials })), "not-commissioned");
	});

	it("are refused, and nothing is changed, where they do not make it the reader of its door by a key that may", () => {
		const ended = pairOf(32);
		const others = pairOf(33);
		const late = pairOf(34);
		const issuer = pairOf(35);
		const reader = new Certified([
			newKey,
			{ ...newKey, publicKey: ended.publicKey, state: "ended" },
			{ ...newKey, publicKey: others.publicKey, doors: ["BACK"] },
			{ ...newKey, publicKey: late.publicKey, until: 1_800_000_000 },
			{ publicKey: issuer.publicKey, roles: ["issue", "plan"] },
		]);
		reader.bench.wall.set(1_800_000_000, "synced");
		const { keys: before } = modelOf(reader.bench.keys.trust);
		const next = withNextList(reader.bench.keys, {
			keys: before.map((key, n) => (n === 0 ? { ...key, state: "stolen" } : key)),
			revoked: [new Uint8Array(8).fill(9)],
		});
		reader.bench.sendLists(next.lists.slice(1));
		const { keys, stored } = reader;
		const { writes } = reader.bench.flash;
		const good = reader.signed();
		const foreign = [
			{ algorithm: EDDSA, publicKey: pairOf(5).publicKey },
			{ algorithm: ES256, publicKey: crypto.p256KeyPair(new Uint8Array(32).fill(5))!.publicKey },
		] as const;
		const cases: readonly [what: string, credentials: unknown, refused?: string][] = [
			["by the stolen key", reader.signed(reader.bench.keys.signing)],
			["by an ended key", reader.signed(ended)],
			["by a key past its end", reader.signed(late)],
			["by another door's key", reader.signed(others)],
			["by a key without the role", reader.signed(issuer)],
			["by a key that is not listed", reader.signed(pairOf(36))],
			["for another door", reader.signed(NEW, keys, "BACK")],
			["with a revoked id", reader.signed(NEW, keys, "FRONT", new Uint8Array(8).fill(9))],
			["for other keys", reader.signed(NEW, foreign)],
			["for another second key", reader.signed(NEW, [keys[0]!, foreign[1]])],
			["for the second alone", good.slice(1)],
			["the wrong way round", [good[1]!, good[0]!]],
			["torn", [good[0]!.subarray(0, 90)]],
			["none", [], "malformed"],
			["too many", [...good, good[0]!], "malformed"],
			["too long", [new Uint8Array(257)], "malformed"],
			["no bytes", ["x"], "malformed"],
			["nothing", null, "malformed"],
		];
		for (const [what, credentials, refused = "bad-credential"] of cases)
			assert.equal(reason(reader.certify(credentials as Uint8Array[])), refused, what);
		assert.deepEqual(reader.stored, stored);
		assert.equal(reader.bench.flash.writes, writes);
		assert.equal(reason(reader.certify(good)), "ok");
	});
});
