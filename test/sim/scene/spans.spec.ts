// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import fc from "fast-check";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { concat, equal, toHex } from "../../../protocol/bytes.js";
import { decodeClaims } from "../../../protocol/credential/cwt.js";
import type { Reason } from "../../../protocol/reasons.js";
import { decode } from "../../../sim/scene/decode/decode.js";
import { type Field, NOT_UNDERSTOOD } from "../../../sim/scene/decode/fields.js";
import { syncName } from "../../../sim/scene/decode/sync-names.js";
import { RULES } from "../../../sim/scene/rules.js";
import { Scene } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";
import type { Lane, Part, Span } from "../../../sim/scene/spans.js";
import { root } from "../../support/host.js";

const crypto = new NodeCrypto();

class Watched {
	readonly scene: Scene;
	readonly #spans = new Map<number, Span>();

	constructor(script: string) {
		this.scene = new Scene({ crypto, script: parseScript(script) });
		this.scene.onSpan = (span) => this.#spans.set(span.id, span);
	}

	get spans(): Span[] {
		return [...this.#spans.values()].sort((a, b) => a.from - b.from || a.id - b.id);
	}

	in(lane: Lane): Span[] {
		return this.spans.filter((span) => span.lane === lane);
	}

	titles(lane: Lane): string[] {
		return this.in(lane).map(({ title }) => title.replace(/, \d+ bytes$/, ""));
	}

	/** What `act` gave, after `ms`. */
	static after(script: string, ms: number): Watched {
		const watched = new Watched(script);
		watched.scene.run(ms);
		return watched;
	}
}

function all(fields: readonly Field[]): Field[] {
	return fields.flatMap((field) => [field, ...all(field.inside ?? []), ...all(field.opened?.fields ?? [])]);
}

function fieldsOf({ bytes, format, plain }: Part): Field[] {
	return all(decode(format, bytes, plain));
}

/** What the bytes of a plaintext's field are. */
function openedBytes(part: Part, name: string): Uint8Array {
	const found = fieldsOf(part).find((field) => field.opened !== undefined)!.opened!;
	const field = all(found.fields).find((one) => one.name === name)!;
	return found.bytes.subarray(field.from, field.to);
}

const MESSAGES = ["message_1", "message_2", "message_3", "message_4"];

describe("spans of a scene", () => {
	it("a tap fills the lanes: who is there, commands, messages, decision, relay, log", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.nfc", 8000);
		assert.deepEqual(watched.titles("field"), ["valid"]);
		assert.deepEqual(watched.titles("transaction"), ["SELECT", "message_2", "message_4"]);
		assert.deepEqual(watched.titles("edhoc"), MESSAGES);
		assert.deepEqual(watched.titles("decision"), ["granted"]);
		const [held] = watched.in("field");
		// What is due while the reader computes comes when it has.
		assert.closeTo(held!.from, 100_000, 30_000);
		assert.closeTo(held!.to - held!.from, 1_200_000, 30_000);
		assert.isUndefined(held!.going);
		// The strike is released for its time: 5 s by default.
		const [relay] = watched.in("relay");
		// The strike time begins with the decision, a little before the relay is on.
		assert.closeTo(relay!.to - relay!.from, 5_000_000, 5000);
		assert.include(watched.titles("bus").join(), "polls: nobody there (");
		assert.include(watched.titles("crypto").join(), "agrees on keys: X25519");
		assert.match(watched.titles("flash").join(), /log: decision granted by nfc/);
	});

	it("messages of a transaction are one behind the other, and the reader's work is between them", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.nfc", 2000);
		const messages = watched.in("edhoc");
		for (const [i, { from, to }] of messages.entries()) {
			assert.isAbove(to, from);
			if (i > 0) assert.isAtLeast(from, messages[i - 1]!.to);
		}
		const [, two, three] = messages;
		const phone = watched.in("crypto").find(({ title }) => title === "the phone works")!;
		assert.deepEqual([phone.from, phone.to], [two!.to, three!.from]);
		const decision = watched.in("decision")[0]!;
		const verified = watched.in("crypto").filter(({ title }) => title.startsWith("verifies"));
		assert.lengthOf(verified, 2);
		const [relay] = watched.in("relay");
		assert.isAtMost(decision.from, relay!.from);
		for (const { from, to } of verified) assert.isTrue(from >= three!.to && to <= decision.from);
	});

	it("message_2, which begins on the air before it is signed, is one command and one message", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.nfc", 2000);
		const [, command] = watched.in("transaction");
		const exchanges = watched.in("bus").filter(({ title }) => title === "InDataExchange");
		assert.lengthOf(exchanges, 4);
		assert.equal(command!.from, exchanges[1]!.from);
		assert.equal(command!.to, exchanges[2]!.to);
		const [tg] = exchanges
			.map(({ parts }) => fieldsOf(parts![0]!).find(({ name }) => name === "Tg")!.value)
			.slice(1);
		assert.equal(tg, "1, more follows");
	});

	it("what is encrypted is shown: the credentials of both sides, and what the phone is told", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.nfc", 2000);
		const [, two, three, four] = watched.in("edhoc").map(({ parts }) => parts![0]!);
		const { people } = watched.scene.world;
		// The field has a label in front.
		const id = openedBytes(three!, "cti, the credential's id").subarray(2);
		assert.isTrue(equal(id, people.valid.id));
		const claims = openedBytes(three!, "claims");
		assert.isTrue(equal(decodeClaims(claims.slice()).key!.publicKey, people.valid.publicKey.publicKey));
		assert.equal(decodeClaims(openedBytes(two!, "claims").slice()).subject, "FRONT");
		const receipt = fieldsOf(four!).map(({ value }) => value);
		assert.includeMembers(receipt, ["19540: decision", "0: granted"]);
	});

	for (const suite of ["0", "2", "4", "5"])
		it(`in suite ${suite} as well`, () => {
			const watched = Watched.after(`seed=2&suite=${suite}&do=100.tap.valid.nfc`, 3000);
			const messages = watched.in("edhoc").map(({ parts }) => parts![0]!);
			assert.lengthOf(messages, 4);
			for (const message of messages.slice(1)) assert.isDefined(message.plain);
		});

	for (const bus of ["hsu", "i2c"])
		it(`over ${bus} as well`, () => {
			const watched = Watched.after(`seed=2&bus=${bus}&do=100.tap.valid.nfc`, 3000);
			assert.deepEqual(watched.titles("edhoc"), MESSAGES);
			assert.deepEqual(watched.titles("decision"), ["granted"]);
		});

	it("over Bluetooth: frames make messages, each phone's by itself", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.ble~150.tap.stranger.ble", 8000);
		assert.sameMembers(watched.titles("edhoc"), [...MESSAGES, ...MESSAGES]);
		assert.sameMembers(watched.titles("decision"), ["granted", "denied: unknown-credential"]);
		for (const { parts, title } of watched.in("transaction")) {
			const kind = MESSAGES.indexOf(title) + 1;
			const [first] = parts!;
			assert.equal(first!.bytes[1], kind);
			assert.equal(parts!.length > 1, first!.bytes[0]! >> 6 === 1);
		}
	});

	it("what a reader does while it only polls is told as one, however long", () => {
		const idle = Watched.after("seed=1", 3000);
		assert.isAtMost(
			idle.spans.length,
			60,
			idle.spans.map(({ lane, title }) => `${lane} ${title}`).join("; "),
		);
		const longest = idle.in("crypto").sort((a, b) => b.to - b.from - (a.to - a.from))[0]!;
		assert.match(longest.title, /^idle: JavaScript/);
		// It is charged what the processor did in that time, which is little of it.
		const [, charged] = /^([\d.]+) ms of the reader's processor/.exec(longest.detail!)!;
		assert.isBelow(Number(charged), (longest.to - longest.from) / 1000 / 4);
	});

	it("a code at the scanner is one span for as long as it is shown", () => {
		const watched = Watched.after("seed=1&do=100.tap.valid.qr", 4000);
		const [code, ...more] = watched.in("transaction");
		assert.isEmpty(more);
		assert.isAbove(code!.to - code!.from, 1_000_000);
		assert.include(
			fieldsOf(code!.parts![0]!).map(({ name }) => name),
			"cti, the credential's id",
		);
		assert.deepEqual(watched.titles("decision"), ["granted"]);
	});

	it("a card that has no application is found, let go, and then only still there", () => {
		const watched = Watched.after("seed=1&do=100.card.transport", 3000);
		const found = watched.in("bus").filter(({ detail }) => detail === "a phone or card is there");
		assert.lengthOf(found, 1);
		assert.include(watched.titles("bus").join(), "polls: still there");
	});

	it("a decision has its reason and its record", () => {
		for (const [who, reason] of [
			["revoked", "revoked"],
			["expired", "expired"],
			["foreign", "unknown-issuer"],
		] as const) {
			const watched = Watched.after(`seed=3&do=100.tap.${who}.nfc`, 3000);
			const decisions = watched.in("decision");
			assert.lengthOf(decisions, 1, who);
			const [{ parts, reason: given, title }] = decisions as [Span];
			assert.equal(title, `denied: ${reason}`);
			assert.equal(given, reason);
			assert.include(
				fieldsOf(parts![0]!).map(({ value }) => value),
				"decision",
			);
		}
	});

	it("what goes over the broker is opened: hello, log and what the site has of it", () => {
		const watched = new Watched("seed=1&do=100.tap.valid.nfc");
		watched.scene.run(4000);
		assert.includeMembers(watched.titles("network"), ["log", "logged"]);
		for (const { parts } of watched.in("network")) {
			const names = fieldsOf(parts![0]!).map(({ name }) => name);
			assert.notInclude(names, NOT_UNDERSTOOD);
		}
	});

	it("what the site changes is opened down to the credential: notice, delta, lockdown", () => {
		const watched = new Watched("seed=1");
		const { people } = watched.scene.world;
		watched.scene.perform("revoke", { who: "valid" });
		watched.scene.run(3000);
		watched.scene.perform("lockdown");
		watched.scene.run(4000);
		const told = watched.in("network").flatMap(({ parts = [] }) => parts);
		for (const part of told) {
			const names = fieldsOf(part).map(({ name, value }) => `${name} ${value}`);
			assert.isFalse(
				names.some((name) => /not (understood|readable)|cut short/.test(name)),
				names.join(),
			);
		}
		for (const kind of ["notice", "delta"]) {
			const part = told.find(({ plain, bytes }) => syncName(bytes, plain) === kind)!;
			assert.isTrue(equal(openedBytes(part, "revokes"), people.valid.id), kind);
			assert.equal(new TextDecoder().decode(openedBytes(part, "site")).replaceAll("\0", ""), "ACME0001");
		}
		const retained = watched.titles("network");
		assert.includeMembers(retained, ["trust", "revoked", "lockdown"]);
	});

	it("understands every byte of taps of all kinds, and nothing that is cut or changed throws", () => {
		const scripts = ["100.tap.valid.nfc", "100.tap.foreign.ble", "100.tap.valid.qr", "100.card.bank"];
		const parts: Part[] = [];
		for (const script of scripts)
			for (const span of Watched.after(`seed=5&do=${script}`, 4000).spans) parts.push(...(span.parts ?? []));
		for (const part of parts) {
			if (part.format === "pn532" || part.format === "raw") continue;
			assert.notInclude(
				fieldsOf(part).map(({ name }) => name),
				NOT_UNDERSTOOD,
				`${part.title} ${toHex(part.bytes)}`,
			);
		}
		const position = fc.nat({ max: 300 });
		fc.assert(
			fc.property(
				fc.constantFrom(...parts),
				position,
				position,
				fc.integer({ min: 1, max: 255 }),
				(part, at, cut, flip) => {
					const bytes = concat(
						part.bytes.subarray(0, Math.max(1, part.bytes.length - (cut % 40))),
						new Uint8Array(cut % 3),
					);
					bytes[at % bytes.length]! ^= flip;
					const plain = part.plain?.slice(0, Math.max(0, part.plain.length - (cut % 7)));
					if (plain && plain.length > 0) plain[at % plain.length]! ^= flip;
					let next = 0;
					for (const { from, to } of decode(part.format, bytes, plain)) {
						assert.equal(from, next);
						next = to;
					}
					assert.equal(next, bytes.length);
				},
			),
			{ numRuns: 3000 },
		);
	});

	it("watching changes nothing: the bytes are those of a scene that is not watched", () => {
		const script = "seed=9&do=100.tap.valid.nfc~3000.tap.stranger.ble";
		const watched = Watched.after(script, 6000);
		const alone = new Scene({ crypto, script: parseScript(script) });
		alone.run(6000);
		assert.equal(toHex(watched.scene.digest()), toHex(alone.digest()));
	});
});

describe("rules behind reasons", () => {
	for (const [reason, { file }] of Object.entries(RULES) as [Reason, (typeof RULES)[Reason]][])
		it(`${reason}: ${file} gives it`, () => {
			assert.include(readFileSync(join(root, file), "utf8"), `"${reason}"`);
		});
});
