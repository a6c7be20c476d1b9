// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { encodeValue } from "../../../protocol/cbor/value.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import { encodeFrame, KIND, VERSION } from "../../../protocol/provisioning/frame.js";
import { encodeImprov, IMPROV } from "../../../protocol/provisioning/improv-frame.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import type { KeyModel } from "../../../site/lib/trust/model.js";
import { CHALLENGE_MS, IDLE_MS } from "../../../src/service/authority.js";
import { IMPROV_MS } from "../../../src/service/improv.js";
import { SILENCE_MS } from "../../../src/service/provisioning.js";
import { providers } from "../../support/providers.js";
import { Bench, CLIENT, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;

describe("provisioning", () => {
	it("commissions once; the trust anchor stays", () => {
		const bench = new Bench(crypto);
		assert.equal(reason(bench.commission()), "ok");
		assert.equal(reason(bench.ask("finish", {})), "not-authorised");
		bench.prove();
		const again = bench.ask("finish", { member: bench.member(), configuration: { id: "FRONT" } });
		assert.equal(reason(again), "already-commissioned");
	});

	it("takes no credential of another door, key or site", () => {
		const bench = new Bench(crypto);
		bench.ask("begin");
		const configuration = { id: "FRONT" };
		bench.sendLists(practiceKeys("OTHER", bench.site, crypto).lists);
		const elsewhere = bench.member();
		assert.equal(reason(bench.ask("finish", { member: elsewhere, configuration })), "bad-credential");
		bench.sendLists();
		assert.equal(reason(bench.ask("finish", { member: bench.member("BACK"), configuration })), "wrong-door");
		const forged = { ...bench.member("BACK"), door: "FRONT" };
		assert.equal(reason(bench.ask("finish", { member: forged, configuration })), "bad-credential");
		const other = new Bench(crypto);
		other.random.fill(new Uint8Array(5));
		other.ask("begin");
		const foreign = { ...bench.member(), credentials: other.member().credentials };
		assert.equal(reason(bench.ask("finish", { member: foreign, configuration })), "bad-credential");
		// A key that is not in the list signs no door.
		const installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
		const by = signer(crypto, EDDSA, installer.secretKey);
		const credentials = bench.store.keys!.map((key) =>
			issueCredential({ issuer: "ACME", subject: "FRONT", id: new Uint8Array(8), key }, by),
		);
		const signed = { ...bench.member(), credentials };
		assert.equal(reason(bench.ask("finish", { member: signed, configuration })), "bad-credential");
		assert.isUndefined(bench.store.membership);
		assert.isUndefined(bench.store.config);
	});

	it("answers only info, state and identify before a proof, everything after, nothing after 2 idle minutes", () => {
		const bench = new Bench(crypto);
		bench.commission();
		for (const name of ["info", "state", "identify"]) assert.equal(reason(bench.ask(name)), "ok", name);
		const closed = ["apply", "begin", "finish", "test", "wifi-scan", "wifi-join", "time", "log", "watch"];
		for (const name of [...closed, "configuration", "restart", "reset"])
			assert.equal(reason(bench.ask(name)), "not-authorised", name);
		assert.equal(reason(bench.prove()), "ok");
		assert.equal(reason(bench.ask("configuration")), "ok");
		assert.equal(reason(bench.ask("configuration", {}, OTHER_CLIENT)), "not-authorised");
		bench.time.run(IDLE_MS);
		assert.equal(reason(bench.ask("configuration")), "not-authorised");
	});

	it("refuses a replayed proof, an old challenge and another client's", () => {
		const bench = new Bench(crypto);
		bench.commission();
		const challenge = bench.challenge();
		assert.equal(reason(bench.prove(bench.site, CLIENT, challenge)), "ok");
		assert.equal(reason(bench.prove(bench.site, CLIENT, challenge)), "no-challenge");
		const late = bench.challenge();
		bench.time.run(CHALLENGE_MS);
		assert.equal(reason(bench.prove(bench.site, CLIENT, late)), "no-challenge");
		const theirs = bench.challenge(OTHER_CLIENT);
		assert.equal(reason(bench.prove(bench.site, CLIENT, theirs)), "no-challenge");
	});

	it("hears few of 1,000 guesses in a row, logs them, and lets the right key in after the pause", () => {
		const bench = new Bench(crypto);
		bench.commission();
		const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
		bench.facade.recorded.length = 0;
		let heard = 0;
		for (let i = 0; i < 1000; i++) {
			const answer = reason(bench.prove(stranger));
			assert.include(["not-allowed", "try-later"], answer);
			if (answer === "not-allowed") heard++;
			bench.time.run(10);
		}
		assert.isAtMost(heard, 8);
		const services = bench.facade.recorded.filter(({ event }) => event === "service");
		assert.equal(services.length, heard);
		assert.equal(reason(bench.prove()), "try-later");
		bench.time.run(900_000);
		assert.equal(reason(bench.prove()), "ok");
		// Each guess that was turned away was a challenge and a proof, as was the right key's first try: none is lost.
		const unheard = bench.facade.recorded.reduce((sum, { value }) => sum + value, 0);
		assert.equal(unheard, 2 * (1000 - heard) + 2);
	});

	it("changes nothing for a configuration that is wrong anywhere, or is another door's", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.prove();
		const before = bench.flash.bytes.slice();
		const wrong = { configuration: { id: "FRONT", door: { strikeTime: 5, heldTime: -1 } } };
		assert.equal(reason(bench.ask("apply", wrong)), "invalid-configuration");
		assert.equal(reason(bench.ask("apply", { configuration: { id: "BACK" } })), "wrong-door");
		assert.deepEqual(bench.flash.bytes, before);
	});

	it("executes a repeated request once and gives the same reply", () => {
		const bench = new Bench(crypto);
		const frame = bench.frame("apply", { configuration: { id: "FRONT" } });
		bench.device.feed(frame);
		bench.device.feed(frame);
		assert.deepEqual(bench.answers[0], bench.answers[1]);
		assert.isTrue(bench.answers[1]!.value.changed);
		assert.equal(bench.facade.applied.length, 1);
	});

	it("goes on after half a frame, noise and log lines", () => {
		const bench = new Bench(crypto);
		bench.device.feed(bench.frame("info").subarray(0, 11));
		bench.time.run(SILENCE_MS + 1);
		const noise = concat(utf8Encode("I (312) boot: ESP-IDF\r\n"), Uint8Array.of(0xf5, 0x4c, 0xf5));
		bench.device.feed(concat(noise, bench.frame("info"), utf8Encode("\n"), bench.frame("state")));
		bench.time.run(SILENCE_MS + 1);
		assert.deepEqual(
			bench.answers.map((answer) => reason(answer)),
			["ok", "ok"],
		);
	});

	it("tells a client of another version which ones it speaks, and names commands it does not have", () => {
		const bench = new Bench(crypto);
		const payload = encodeValue(["info"]);
		for (const version of [1, 9]) {
			bench.device.feed(encodeFrame({ version, kind: KIND.request, client: CLIENT, number: 1, payload }));
			assert.deepInclude(bench.answers.at(-1)!.value, {
				reason: "unsupported-version",
				least: VERSION,
				greatest: VERSION,
			});
		}
		assert.equal(reason(bench.ask("teleport")), "unknown-command");
		assert.equal(reason(bench.ask("constructor")), "unknown-command");
	});

	it("ends a test that never comes back, and is free again", () => {
		const bench = new Bench(crypto);
		bench.facade.stuck.add("nfc");
		bench.ask("test", { name: "nfc" });
		assert.equal(reason(bench.ask("test", { name: "relay" })), "busy");
		bench.time.run(46_000);
		assert.equal(reason(bench.answers.at(-1)!), "failed");
		bench.ask("test", { name: "relay" });
		bench.time.run(100);
		assert.isTrue(bench.answers.at(-1)!.value.passed);
	});

	it("resets only by whoever may, and then has no site, no configuration, no keys", () => {
		const bench = new Bench(crypto);
		bench.commission();
		bench.prove();
		assert.equal(reason(bench.ask("reset")), "ok");
		assert.isUndefined(bench.store.keys);
		assert.isUndefined(bench.store.config);
		assert.equal(bench.facade.restarts, 1);
	});

	it("answers Improv's state and information always, scan and join only while it has no site", () => {
		const rpc = (command: number, ...data: number[]) =>
			encodeImprov(IMPROV.rpc, Uint8Array.of(command, data.length, ...data));
		// The state request as improv-wifi.com/serial has it.
		assert.equal(toHex(rpc(2)), "494d50524f560103020200e50a");
		const bench = new Bench(crypto);
		bench.device.feed(rpc(4));
		assert.equal(bench.improv.at(-1)!.type, IMPROV.result);
		bench.commission();
		bench.improv.length = 0;
		for (const command of [4, 1, 5, 6]) bench.device.feed(rpc(command));
		assert.deepEqual(
			bench.improv.map(({ type }) => type),
			[IMPROV.error, IMPROV.error, IMPROV.error, IMPROV.error],
		);
		bench.improv.length = 0;
		bench.device.feed(rpc(2));
		assert.equal(bench.improv[0]!.type, IMPROV.state);
	});

	it("answers an Improv frame with a wrong checksum by error 1, and one behind it as ever", () => {
		for (const commissioned of [false, true]) {
			const bench = new Bench(crypto);
			if (commissioned) bench.commission();
			const good = encodeImprov(IMPROV.rpc, Uint8Array.of(2, 0));
			const seen = (): string[] => bench.improv.splice(0).map(({ type, data }) => `${type}:${toHex(data)}`);
			for (let at = 7; at < good.length - 1; at++) {
				const bad = good.slice();
				bad[at]! ^= 0x01;
				// The length: it takes the next byte as well.
				bench.device.feed(at === 8 ? concat(bad, Uint8Array.of(0)) : bad);
				assert.deepEqual(seen(), ["2:01"], `byte ${at}`);
				bench.device.feed(good);
				assert.deepEqual(seen(), ["1:02"]);
			}
		}
	});

	it("gives an empty address to go on with in Improv's results of a join and of a joined state", () => {
		const bench = new Bench(crypto);
		const seen = (): string[] => bench.improv.splice(0).map(({ type, data }) => `${type}:${toHex(data)}`);
		const [ssid, password] = [utf8Encode("Building"), utf8Encode("correct horse")];
		const network = concat(Uint8Array.of(ssid.length), ssid, Uint8Array.of(password.length), password);
		bench.device.feed(encodeImprov(IMPROV.rpc, concat(Uint8Array.of(1, network.length), network)));
		// The command, the bytes that follow, the length of the only text.
		assert.include(seen(), "4:010100");
		bench.device.feed(encodeImprov(IMPROV.rpc, Uint8Array.of(2, 0)));
		assert.deepEqual(seen(), ["1:04", "4:020100"]);
	});

	it("fails closed where what it kept cannot be read", () => {
		const before = new Bench(crypto);
		before.commission();
		const contents = before.self.snapshot();
		for (const half of [0, contents.flash.length / 2]) contents.flash[half + 50]! ^= 4;
		const bench = new Bench(crypto, contents);
		for (const name of ["info", "state", "identify", "leave"])
			assert.equal(reason(bench.ask(name)), "ok", name);
		assert.isTrue(bench.ask("state").value.damaged);
		const closed = ["apply", "begin", "finish", "test", "wifi-scan", "wifi-join", "time", "log", "watch"];
		for (const name of [...closed, "configuration", "restart", "reset", "plan-begin", "challenge"])
			assert.equal(reason(bench.ask(name)), "damaged", name);
		bench.device.feed(encodeImprov(IMPROV.rpc, Uint8Array.of(4, 0)));
		assert.equal(toHex(bench.improv.at(-1)!.data), "04");
		assert.deepEqual(bench.flash.bytes, contents.flash);
		bench.store.reset();
		assert.equal(reason(bench.commission(true)), "ok");
	});

	it("ends an Improv scan or join that never comes back, and takes no late answer", () => {
		const rpc = (command: number, ...data: number[]) =>
			encodeImprov(IMPROV.rpc, Uint8Array.of(command, data.length, ...data));
		const bench = new Bench(crypto);
		const late: (() => void)[] = [];
		Object.assign(bench.facade.wifi, {
			scan: (done: (list: readonly []) => void) => late.push(() => done([])),
			join: (_ssid: string, _password: string, done: (joined: boolean) => void) =>
				late.push(() => done(true)),
		});
		const seen = (): string[] => bench.improv.splice(0).map(({ type, data }) => `${type}:${toHex(data)}`);
		bench.device.feed(rpc(4));
		assert.deepEqual(seen(), []);
		bench.device.feed(rpc(4));
		assert.deepEqual(seen(), ["2:ff"], "busy is no matter of authority");
		bench.time.run(IMPROV_MS);
		assert.deepEqual(seen(), ["2:ff"]);
		bench.device.feed(rpc(1, 1, 0x41, 1, 0x42));
		assert.deepEqual(seen(), ["2:00", "1:03"]);
		bench.device.feed(rpc(2));
		assert.deepEqual(seen(), ["1:03"], "a page that was loaded anew hears that it is at it");
		bench.time.run(IMPROV_MS);
		assert.deepEqual(seen(), ["2:03", "1:02"]);
		bench.device.feed(rpc(2));
		assert.deepEqual(seen(), ["1:02"]);
		for (const answer of late) answer();
		assert.deepEqual(seen(), []);
		assert.isUndefined(bench.store.wifi);
		bench.device.feed(rpc(1, 1, 0x41, 1, 0x42));
		bench.commission();
		seen();
		late.at(-1)!();
		assert.deepEqual(seen(), ["2:04"], "it got a site meanwhile");
		assert.isUndefined(bench.store.wifi);
	});

	it("counts bytes of a network's name and password", () => {
		const bench = new Bench(crypto);
		const join = (ssid: string, password: string) => reason(bench.ask("wifi-join", { ssid, password }));
		assert.equal(join("\u00fc".repeat(17), "x"), "malformed");
		assert.equal(join("\u00fc".repeat(16), "x"), "ok");
		assert.equal(join("Building", "\u00fc".repeat(33)), "malformed");
		assert.equal(join("Building", "\u00fc".repeat(32)), "ok");
	});

	it("admits a key to which the list gives the role of an installer, and nothing like it", () => {
		const installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
		const { publicKey } = installer;
		const until = 1_900_000_000;
		const tries = (key: Omit<KeyModel, "publicKey">, now = 1_800_000_000) => {
			const bench = new Bench(crypto, undefined, [{ publicKey, ...key }]);
			bench.commission();
			bench.wall.set(now, "synced");
			const answer = bench.prove(installer);
			return reason(answer) === "not-allowed" ? answer.value.message : reason(answer);
		};
		const refused = (why: string) => `this key may not work on this reader: ${why}`;
		assert.equal(tries({ roles: ["install"], until }), "ok");
		assert.equal(tries({ roles: ["install"], until, doors: ["FRONT", "BACK"] }), "ok");
		assert.equal(tries({ roles: ["install"], until, doors: ["BACK"] }), refused("it is not for this door"));
		assert.equal(tries({ roles: ["install"], until, state: "ended" }), refused("it has ended"));
		assert.equal(
			tries({ roles: ["install"], until, state: "stolen" }),
			refused("the site has revoked it as stolen"),
		);
		assert.equal(tries({ roles: ["install"], until }, until), refused("it has ended"));
		assert.equal(
			tries({ roles: ["issue", "plan", "commission", "release"] }),
			refused('it does not have the role "install"'),
		);
		const bench = new Bench(crypto);
		bench.commission();
		assert.equal(reason(bench.prove(installer)), "not-allowed", "not in the list");
	});

	it("lets an installer's key set an unset clock, forward of the plan's date, and nothing before that", () => {
		const installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
		const until = 1_900_000_000;
		const bench = new Bench(crypto, undefined, [
			{ publicKey: installer.publicKey, roles: ["install"], until },
		]);
		bench.commission();
		const proves = () => reason(bench.prove(installer));
		const set = (seconds: number, client = CLIENT) => reason(bench.ask("time", { seconds }, client));
		const signed = 1_800_000_000;
		assert.equal(set(signed + 1), "not-authorised");
		assert.equal(proves(), "ok");
		const other = new Uint8Array(8).fill(9);
		assert.equal(set(signed + 1, other), "not-authorised", "another client proved nothing");
		for (const [name, parameters] of [
			["configuration", {}],
			["restart", {}],
			["reset", {}],
			["test", { name: "relay" }],
			["log", {}],
		] as const)
			assert.equal(reason(bench.ask(name, parameters)), "clock-unset", name);
		bench.facade.newestSigned = undefined;
		assert.equal(set(signed + 1), "not-allowed", "the plan is not read yet");
		bench.facade.newestSigned = signed;
		assert.equal(set(signed - 1), "not-allowed", "before the plan");
		assert.equal(set(until), "not-allowed", "the key has ended then");
		assert.equal(bench.wall.trust(), "unset");
		assert.equal(set(signed), "ok");
		assert.equal(bench.wall.now(), signed);
		// Its dates are judged now, as any other's.
		assert.equal(reason(bench.ask("configuration")), "ok");
		bench.ask("leave");
		bench.facade.setTime(until + 5);
		assert.equal(proves(), "not-allowed");
	});

	it("judges such a key at once where another sets the clock meanwhile", () => {
		for (const [seconds, answer] of [
			[1_800_000_000, "ok"],
			[1_900_000_001, "not-authorised"],
		] as const) {
			const installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
			const { publicKey } = installer;
			const bench = new Bench(crypto, undefined, [{ publicKey, roles: ["install"], until: 1_900_000_000 }]);
			bench.commission();
			assert.equal(reason(bench.prove(installer)), "ok");
			bench.wall.set(seconds, "restored");
			assert.equal(reason(bench.ask("time", { seconds: 1_850_000_000 })), answer);
		}
	});

	it("survives frames of anything with a good checksum", () => {
		const bench = new Bench(crypto);
		bench.commission();
		const random = new SeededRandom(11);
		const before = bench.flash.bytes.slice();
		for (let i = 0; i < 3000; i++) {
			const payload = random.bytes(random.below(60));
			const frame = encodeFrame({ version: VERSION, kind: KIND.request, client: CLIENT, number: i, payload });
			if (random.below(2) === 0) frame[random.below(frame.length)]! ^= 1 << random.below(8);
			bench.device.feed(frame);
		}
		bench.time.run(SILENCE_MS + 1);
		assert.equal(reason(bench.ask("info")), "ok");
		assert.deepEqual(bench.flash.bytes, before);
	});
});
