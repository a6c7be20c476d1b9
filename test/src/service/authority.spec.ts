// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, toHex } from "../../../protocol/bytes.js";
import { encodeValue } from "../../../protocol/cbor/value.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { encodeFrame, KIND, VERSION } from "../../../protocol/provisioning/frame.js";
import { encodeImprov, IMPROV } from "../../../protocol/provisioning/improv-frame.js";
import { proofMessage, readerMessage, type Shares } from "../../../protocol/provisioning/proof.js";
import type { CableSession } from "../../../protocol/provisioning/session.js";
import { Introduction } from "../../../site/lib/provisioning/introduction.js";
import { listPieces } from "../../../site/lib/provisioning/send-lists.js";
import { Provisioning, REFUSED_MS } from "../../../src/service/provisioning.js";
import { providers } from "../../support/providers.js";
import { Bench, type Challenge, CLIENT, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;

function sharesOf({ introduction, reader }: Challenge): Shares {
	return {
		client: CLIENT,
		clientShare: introduction.request.share,
		readerShare: reader.share,
		reader: reader.key,
	};
}

describe("who may change a reader", () => {
	it("takes no proof by whoever has the site's public key alone, nor one that was made for something else", () => {
		const bench = new Bench(crypto);
		bench.commission();
		const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
		const other = new Uint8Array(32).fill(4);
		const wrong: readonly [string, (shares: Shares) => Uint8Array][] = [
			["nothing", () => new Uint8Array(64)],
			["a stranger", (shares) => crypto.ed25519Sign(proofMessage(shares), stranger.secretKey)],
			["what the reader signs", (shares) => crypto.ed25519Sign(readerMessage(shares), bench.site.secretKey)],
			["for another challenge", (shares) => by({ ...shares, readerShare: other })],
			["for another share of the client", (shares) => by({ ...shares, clientShare: other })],
			["for another reader", (shares) => by({ ...shares, reader: other })],
			["for another client", (shares) => by({ ...shares, client: OTHER_CLIENT })],
		];
		const by = (shares: Shares): Uint8Array => crypto.ed25519Sign(proofMessage(shares), bench.site.secretKey);
		for (const [what, sign] of wrong) {
			const proof = { key: bench.site.publicKey, signature: sign(sharesOf(bench.challenge())) };
			assert.equal(reason(bench.ask("prove", proof)), "not-allowed", what);
			assert.equal(reason(bench.ask("configuration")), "not-authorised", what);
			bench.time.run(900_000);
		}
		assert.equal(reason(bench.prove()), "ok");
		bench.ask("leave", {}, OTHER_CLIENT);
		assert.equal(reason(bench.ask("configuration")), "ok", "only its own authority is anybody's to end");
		bench.ask("leave");
		assert.equal(reason(bench.ask("configuration")), "not-authorised");
	});

	it("logs what it refuses to whoever has no authority, once a minute, and loses none in the count", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.facade.recorded.length = 0;
		for (let i = 0; i < 1000; i++) {
			assert.equal(reason(bench.ask(i % 2 === 0 ? "reset" : "log")), "not-authorised");
			bench.time.run(10);
		}
		const scan = Uint8Array.of(4, 0);
		const askState = Uint8Array.of(2, 0);
		bench.device.feed(encodeImprov(IMPROV.rpc, scan));
		assert.equal(bench.facade.recorded.length, 1);
		assert.deepInclude(bench.facade.recorded[0], { event: "service", detail: 2, value: 0 });
		bench.time.run(REFUSED_MS);
		for (const name of ["info", "state", "identify"]) bench.ask(name);
		bench.challenge();
		bench.device.feed(encodeImprov(IMPROV.rpc, askState));
		assert.equal(bench.facade.recorded.length, 1, "what anybody may ask is no event");
		bench.device.feed(encodeImprov(IMPROV.rpc, scan));
		assert.equal(bench.facade.recorded.length, 2);
		assert.deepInclude(bench.facade.recorded[1], { event: "service", detail: 2, value: 1000 });
	});

	it("shows events to nobody whose authority has ended", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.prove();
		bench.ask("watch");
		const before = bench.answers.length;
		bench.facade.record(1, 0, 0);
		assert.equal(bench.answers.length, before + 1);
		assert.equal(reason(bench.prove(bench.site, OTHER_CLIENT)), "ok");
		const after = bench.answers.length;
		bench.facade.record(1, 0, 0);
		assert.equal(bench.answers.length, after);
	});

	it("takes no site without a credential for the reader's Ed25519 key", () => {
		const bench = new Bench(crypto);
		bench.ask("begin");
		bench.sendLists();
		const member = bench.member();
		const [first, second] = member.credentials as readonly Uint8Array[];
		assert.equal(bench.store.keys![0]!.algorithm, EDDSA);
		const finish = (...credentials: Uint8Array[]) =>
			reason(bench.ask("finish", { member: { ...member, credentials }, configuration: { id: "FRONT" } }));
		assert.equal(finish(second!), "bad-credential");
		assert.isUndefined(bench.store.membership);
		assert.equal(finish(first!), "ok");
	});

	it("logs commissioning, a change and a reset, and no change that is none", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.prove();
		bench.ask("apply", { configuration: { id: "FRONT", name: "Front door" } });
		bench.ask("apply", { configuration: { id: "FRONT", name: "Front door" } });
		const { revision } = bench.store;
		bench.ask("reset");
		const kept = bench.facade.recorded.filter(({ event }) => event === "configuration");
		assert.deepEqual(
			kept.map(({ detail, value }) => [detail, value]),
			[
				[2, revision - 1],
				[0, revision],
				[1, revision + 1],
			],
		);
	});

	it("keeps a network only where it was joined, and takes no time or length that cannot be", () => {
		const bench = new Bench(crypto);
		bench.ask("wifi-join", { ssid: "Building", password: "wrong" });
		assert.isUndefined(bench.store.wifi);
		bench.ask("wifi-join", { ssid: "Building", password: "correct horse" });
		assert.deepEqual(bench.store.wifi, { ssid: "Building", password: "correct horse" });
		for (const seconds of [0, 1_577_836_799, 0x1_0000_0000, -1, "now"])
			assert.equal(reason(bench.ask("time", { seconds })), "malformed", String(seconds));
		assert.equal(bench.wall.trust(), "unset");
		assert.equal(reason(bench.ask("time", { seconds: 1_577_836_800 })), "ok");
		for (const ms of [-1, 60_001, "long"])
			assert.equal(reason(bench.ask("identify", { ms })), "malformed", String(ms));
		assert.equal(bench.facade.identified, 0);
		assert.equal(reason(bench.ask("identify", { ms: 60_000 })), "ok");
	});

	it("hears no secret of the reader in any answer, event or Improv frame, before or after it has a site", () => {
		const bench = new Bench(crypto);
		const sent: Uint8Array[] = [];
		const { time: clock, random, store, facade: device } = bench;
		const write = (bytes: Uint8Array): void => void sent.push(bytes.slice());
		const end = new Provisioning({ clock, crypto, random, store, device, write });
		let session: CableSession | undefined;
		let number = 0;
		const ask = (name: string, parameters = {}): void => {
			const payload = encodeValue([name, parameters]);
			end.feed(
				encodeFrame(
					{ version: VERSION, kind: KIND.request, client: CLIENT, number: ++number, payload },
					session,
				),
			);
			bench.time.run(100);
		};
		const everything = (): void => {
			for (const name of ["info", "state", "identify", "configuration", "begin", "watch", "wifi-scan", "log"])
				ask(name);
			for (const name of ["relay", "nfc", "ble", "door"]) ask("test", { name });
			ask("wifi-join", { ssid: "Building", password: "correct horse" });
			ask("apply", { configuration: { id: "FRONT", name: `Door ${sent.length}` } });
			ask("time", { seconds: 1_800_000_000 });
			ask("trust", [...listPieces(bench.keys.lists[0]!)][0] as never);
			ask("finish", { member: bench.member(), configuration: { id: "FRONT" } });
			ask("nonsense");
			for (const command of [2, 3, 4]) end.feed(encodeImprov(IMPROV.rpc, Uint8Array.of(command, 0)));
			bench.time.run(100);
		};
		ask("begin");
		const keys = bench.store.keys!;
		everything();
		assert.isDefined(bench.store.membership);
		const introduction = new Introduction(crypto, CLIENT, new Uint8Array(32).fill(7));
		const reader = end.authority.challenge(CLIENT, introduction.request.share, keys[0]!);
		const { trust } = bench.keys;
		const before = sent.length;
		ask("prove", introduction.proof(reader, { ...bench.site, trust }));
		session = introduction.session(reader);
		ask("configuration");
		assert.isAbove(concat(...sent.slice(before)).length, 200, "it is told the configuration");
		everything();
		const all = toHex(concat(...sent));
		assert.include(all, toHex(keys[0]!.publicKey), "it is no empty cable");
		for (const { secretKey } of keys) assert.notInclude(all, toHex(secretKey.subarray(0, 32)));
		assert.notInclude(all, toHex(new Uint8Array([..."correct horse"].map((c) => c.charCodeAt(0)))));
	});
});
