// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { toHex } from "../../../protocol/bytes.js";
import { encodeValue } from "../../../protocol/cbor/value.js";
import { encodeFrame, KIND, VERSION } from "../../../protocol/provisioning/frame.js";
import type { TestName } from "../../../protocol/provisioning/tests.js";
import { SeededRandom } from "../../../sim/random.js";
import { CLIENTS, REPEAT_MS } from "../../../src/service/request-history.js";
import { engine } from "../../support/host.js";
import { providers } from "../../support/providers.js";
import { Bench, CLIENT, OTHER_CLIENT } from "./bench.js";

const crypto = providers[0]!;
const { reason } = Bench;
const EPOCH = 1_700_000_000;

/** A bench that counts what moves or changes something. */
class Counted extends Bench {
	readonly tested: TestName[] = [];
	/** What the clock was set to, in order; each request here sets another time. */
	readonly times: number[] = [];

	constructor() {
		super(crypto);
		const test = this.facade.test.bind(this.facade);
		this.facade.test = (name, done) => {
			this.tested.push(name);
			test(name, done);
		};
		this.facade.setTime = (seconds) => this.times.push(seconds);
	}

	/** The reason of the answer to that frame; `undefined` where there is none. */
	send(frame: Uint8Array): unknown {
		const before = this.answers.length;
		this.device.feed(frame);
		const answer = this.answers[before];
		return answer && reason(answer);
	}

	setTime(client: typeof CLIENT, number: number, seconds = EPOCH + number): unknown {
		return this.send(this.frame("time", { seconds }, client, number));
	}
}

/** A client's 8 bytes, different for each `n` in the last two only: a comparison must look at all. */
function clientOf(n: number): typeof CLIENT {
	return Uint8Array.of(0, 0, 0, 0, 0, 0, n >> 8, n & 255);
}

describe("several clients at one reader", () => {
	it("a repeat of a relay's test after another client has looked gets its reply, and the relay moves once", () => {
		const bench = new Counted();
		const test = bench.frame("test", { name: "relay" }, CLIENT, 1);
		assert.isUndefined(bench.send(test));
		assert.equal(bench.send(bench.frame("info", {}, OTHER_CLIENT, 1)), "ok");
		assert.isUndefined(bench.send(test), "it is still at work");
		bench.time.run(100);
		const reply = bench.answers.at(-1)!;
		assert.isTrue(reply.value.passed);
		for (const name of ["info", "state", "configuration", "log", "identify"])
			assert.equal(bench.send(bench.frame(name, {}, OTHER_CLIENT)), "ok");
		assert.equal(bench.send(test), "ok");
		assert.deepEqual(bench.answers.at(-1), reply);
		assert.deepEqual(bench.tested, ["relay"]);
	});

	it("a repeat whose reply is gone is told so, and nothing is done again", () => {
		const bench = new Counted();
		const test = bench.frame("test", { name: "relay" }, CLIENT, 1);
		bench.send(test);
		bench.time.run(100);
		const mine = bench.frame("apply", { configuration: { id: "FRONT", door: { strikeTime: 7 } } }, CLIENT, 2);
		assert.equal(bench.send(mine), "ok");
		const theirs = bench.frame(
			"apply",
			{ configuration: { id: "FRONT", door: { strikeTime: 9 } } },
			OTHER_CLIENT,
			1,
		);
		assert.equal(bench.send(theirs), "ok");
		const { revision } = bench.store;
		for (let i = 0; i < 3; i++) assert.equal(bench.send(mine), "reply-gone");
		assert.equal(bench.send(theirs), "ok", "the newest reply is kept all the while");
		assert.equal(bench.send(test), "out-of-order");
		assert.equal(bench.store.config?.door.strikeTime, 9);
		assert.equal(bench.store.revision, revision);
		assert.deepEqual(bench.tested, ["relay"]);
		assert.equal(bench.facade.applied.length, 2);
	});

	it("a repeat of what is harmless is answered anew", () => {
		const bench = new Counted();
		const info = bench.frame("info", {}, CLIENT, 1);
		const state = bench.frame("state", {}, CLIENT, 2);
		bench.send(info);
		bench.send(state);
		bench.setTime(OTHER_CLIENT, 1);
		for (const frame of [info, state, info]) assert.equal(bench.send(frame), "ok");
	});

	it("numbers of one client only rise, and go round", () => {
		const bench = new Counted();
		const expected: [number, string][] = [
			[9, "ok"],
			[8, "out-of-order"],
			[9, "ok"],
			[0x8008, "ok"],
			[9, "out-of-order"],
			[0x8009, "ok"],
			[0xffff, "ok"],
			[0, "ok"],
			[0xffff, "out-of-order"],
			[0x8000, "out-of-order"],
			[0x7fff, "ok"],
			[0x7ffe, "out-of-order"],
			[0, "out-of-order"],
		];
		for (const [number, answer] of expected) assert.equal(bench.setTime(CLIENT, number), answer, `${number}`);
		const numbers = [9, 0x8008, 0x8009, 0xffff, 0, 0x7fff];
		assert.deepEqual(
			bench.times,
			numbers.map((number) => EPOCH + number),
		);
		// A copy of the log is many harmless requests: they count as well, or the next change would seem old.
		const long = new Counted();
		assert.equal(long.setTime(CLIENT, 1), "ok");
		for (let number = 2; number < 50_000; number += 8_000)
			assert.equal(long.send(long.frame("info", {}, CLIENT, number)), "ok");
		assert.equal(long.setTime(CLIENT, 50_000), "ok");
	});

	it("remembers each of as many as it has room for; more at once are busy, and later welcome", () => {
		const bench = new Counted();
		for (let n = 0; n < CLIENTS; n++) {
			assert.equal(bench.setTime(clientOf(n), 1, EPOCH + n), "ok");
			bench.time.run(10);
		}
		for (let n = 0; n < CLIENTS - 1; n++)
			assert.equal(bench.setTime(clientOf(n), 1, EPOCH + n), "reply-gone");
		assert.equal(bench.setTime(clientOf(CLIENTS), 1), "busy");
		assert.equal(bench.answers.at(-1)!.value.retryAfter, REPEAT_MS);
		assert.equal(bench.send(bench.frame("info", {}, clientOf(CLIENTS), 2)), "ok");
		assert.equal(bench.setTime(clientOf(3), 2, EPOCH + 100), "ok", "who is known goes on");
		assert.lengthOf(bench.times, CLIENTS + 1);
		bench.time.run(REPEAT_MS);
		assert.equal(bench.setTime(clientOf(3), 2, EPOCH + 100), "ok", "still repeating");
		assert.equal(bench.setTime(clientOf(CLIENTS), 3), "ok");
		assert.equal(bench.setTime(clientOf(3), 2, EPOCH + 100), "reply-gone");
		assert.lengthOf(bench.times, CLIENTS + 2);
	});

	it("strangers at a commissioned reader push nobody out, whatever they call themselves", () => {
		const bench = new Counted();
		bench.commission();
		assert.equal(reason(bench.prove()), "ok");
		bench.time.run(1);
		const mine = bench.frame("time", { seconds: EPOCH }, CLIENT);
		assert.equal(bench.send(mine), "ok");
		const random = new SeededRandom(4);
		const wrong = { key: new Uint8Array(32), signature: new Uint8Array(64) };
		for (let i = 0; i < 200; i++) {
			const stranger = i % 2 === 0 ? clientOf(i) : random.bytes(8).slice();
			const number = random.below(0x10000);
			const name = ["prove", "apply", "test", "reset", "time", "info"][i % 6]!;
			const answer = bench.send(bench.frame(name, name === "prove" ? wrong : {}, stranger, number));
			if (name === "info") assert.equal(answer, "ok");
			else assert.include(["no-challenge", "try-later", "not-authorised"], answer);
		}
		assert.equal(bench.send(mine), "ok", "its reply is there, for nobody else has done anything");
		assert.deepEqual(bench.times, [EPOCH]);
	});

	it("who loses authority to another is told what became of its request, and it is not done again", () => {
		const bench = new Counted();
		bench.commission();
		bench.prove();
		const mine = bench.frame("time", { seconds: EPOCH }, CLIENT);
		assert.equal(bench.send(mine), "ok");
		for (let n = 0; n < 2 * CLIENTS; n++)
			assert.equal(reason(bench.prove(bench.site, clientOf(n))), "ok", "never busy");
		assert.include(["reply-gone", "not-authorised"], bench.send(mine));
		assert.equal(reason(bench.prove(bench.site, OTHER_CLIENT)), "ok");
		const again = bench.frame("time", { seconds: EPOCH + 1 }, OTHER_CLIENT);
		assert.equal(bench.send(again), "ok");
		assert.deepEqual(bench.times, [EPOCH, EPOCH + 1]);
	});

	it("a proof that was taken is not taken again, and who repeats it is told", () => {
		const bench = new Counted();
		bench.commission();
		assert.equal(reason(bench.prove()), "ok");
		const proof = bench.sent.at(-1)!;
		const services = (): number => bench.facade.recorded.filter(({ event }) => event === "service").length;
		const before = services();
		assert.equal(bench.send(proof), "ok");
		assert.equal(reason(bench.prove(bench.site, OTHER_CLIENT)), "ok");
		assert.equal(bench.send(proof), "reply-gone");
		assert.equal(services(), before + 1, "only the other's");
	});

	it("any mix of clients, repeats, old numbers and pauses: nothing is done twice, what is new is done or refused", () => {
		const who = fc.nat(CLIENTS + 8);
		const jump = fc.integer({ min: 1, max: 0x7fff });
		const step = fc.oneof(
			{ weight: 6, arbitrary: fc.record({ kind: fc.constant("new"), who, jump }) },
			{ weight: 6, arbitrary: fc.record({ kind: fc.constant("repeat"), who, jump: fc.constant(0) }) },
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant("back"), who, jump: jump.map((n) => -n) }) },
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant("look"), who, jump: fc.constant(1) }) },
			{
				weight: 2,
				arbitrary: fc.record({ kind: fc.constant("pause"), who, jump: fc.integer({ min: 1, max: 600 }) }),
			},
		);
		const seen = new Set<string>();
		fc.assert(
			fc.property(fc.array(step, { minLength: 80, maxLength: 120 }), (steps) => {
				const bench = new Counted();
				/** Of each client that has done something: its last number, when it was heard, whether that was a change. */
				const known = new Map<number, { number: number; at: number; changed: boolean }>();
				let seconds = EPOCH;
				for (const { kind, who, jump } of steps) {
					if (kind === "pause") {
						bench.time.run(jump);
						continue;
					}
					const at = bench.time.now();
					const before = known.get(who);
					const number = ((before?.number ?? 0) + jump) & 0xffff;
					// Who has been silent for longer than that repeats nothing any more, and may be forgotten.
					const fresh = before !== undefined && at - before.at < REPEAT_MS;
					if (kind === "look") {
						assert.equal(bench.send(bench.frame("info", {}, clientOf(who), number)), "ok");
						if (before) known.set(who, { number, at, changed: false });
					} else if (kind === "new") {
						const count = bench.times.length;
						const answer = bench.setTime(clientOf(who), number, ++seconds);
						if (answer === "busy") {
							const others = [...known.values()].filter((other) => at - other.at < REPEAT_MS);
							assert.isAtLeast(others.length, CLIENTS, "not busy without need");
							assert.lengthOf(bench.times, count);
						} else {
							assert.equal(answer, "ok");
							assert.deepEqual(bench.times.slice(count), [seconds]);
							known.set(who, { number, at, changed: true });
						}
						seen.add(`${kind} ${answer}`);
					} else if (fresh && (kind === "back" || before.changed)) {
						const count = bench.times.length;
						const answer = bench.setTime(clientOf(who), number, ++seconds);
						assert.lengthOf(bench.times, count, `${kind}: ${answer}`);
						known.set(who, { ...before, at });
						seen.add(`${kind} ${answer}`);
					}
				}
			}),
			{ numRuns: engine === "node" ? 300 : 40, seed: 7 },
		);
		const all = ["back out-of-order", "new busy", "new ok", "repeat ok", "repeat reply-gone"];
		assert.includeMembers([...seen], all, "every kind of answer was met");
	});

	it("thousands of clients that come and go leave a reader as it was", () => {
		const bench = new Counted();
		const count = engine === "node" ? 20_000 : 500;
		const random = new SeededRandom(8);
		for (let n = 0; n < count; n++) {
			const client = n % 3 === 0 ? clientOf(n) : random.bytes(8).slice();
			const number = random.below(0x10000);
			const frame = encodeFrame({
				version: VERSION,
				kind: KIND.request,
				client,
				number,
				payload: encodeValue(["time", { seconds: EPOCH + n }]),
			});
			assert.equal(bench.send(frame), "ok", toHex(client));
			bench.answers.length = 0;
			bench.time.run(REPEAT_MS / CLIENTS);
		}
		assert.lengthOf(bench.times, count);
	});
});
