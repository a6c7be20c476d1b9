// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, utf8Encode } from "../../../protocol/bytes.js";
import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { FrameDemux } from "../../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, type ProvisioningFrame, VERSION } from "../../../protocol/provisioning/frame.js";
import type { CommandName } from "../../../protocol/provisioning/messages.js";
import { VirtualTime } from "../../../sim/time.js";
import {
	type Arguments,
	type BytePort,
	type Outcome,
	ProvisioningClient,
} from "../../../site/lib/provisioning/client.js";
import { ClientError, RequestRefused } from "../../../site/lib/provisioning/errors.js";
import { REPLIES } from "../../../site/lib/provisioning/replies.js";

const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

interface Heard {
	readonly at: number;
	readonly number: number;
	readonly version: number;
	readonly name: string;
	readonly parameters: CborMap;
}

/** A client, and at the other end of its port a reader that says only what a spec makes it say. */
class Desk {
	readonly time = new VirtualTime();
	readonly heard: Heard[] = [];
	closed = false;
	/** Runs when a request has come; the answer may come from inside. */
	onHeard: (request: Heard) => void = () => {};
	readonly port: BytePort;
	readonly client: ProvisioningClient;

	constructor() {
		const requests = new FrameDemux({
			onFrame: ({ number, payload, version }: ProvisioningFrame) => {
				const [name, parameters] = decodeValue(payload) as readonly [string, CborMap];
				const request = { at: this.time.now(), number, version, name, parameters };
				this.heard.push(request);
			},
		});
		this.port = {
			write: (bytes) => {
				const before = this.heard.length;
				requests.feed(bytes);
				for (const request of this.heard.slice(before)) this.onHeard(request);
			},
			onBytes: undefined,
			onClosed: undefined,
			close: () => {
				this.closed = true;
			},
		};
		this.client = new ProvisioningClient(this.port, CLIENT, (ms, action) =>
			this.time.after(1000 * ms, action),
		);
	}

	/** What comes of a request, as it comes. */
	ask<N extends CommandName>(name: N, ...[parameters, waitMs]: Arguments<N>): Outcome<unknown>[] {
		const outcomes: Outcome<unknown>[] = [];
		this.client.send(name, parameters, (outcome) => outcomes.push(outcome), waitMs);
		return outcomes;
	}

	frame(number: number, value: CborValue, kind: number = KIND.reply, client = CLIENT): Uint8Array {
		return encodeFrame({ version: VERSION, kind, client, number, payload: encodeValue(value) });
	}

	say(bytes: Uint8Array): void {
		this.port.onBytes!(bytes);
	}
}

function reasonOf([outcome, ...others]: Outcome<unknown>[]): string | undefined {
	assert.isEmpty(others, "ends once");
	return outcome && "error" in outcome ? outcome.error.reason : undefined;
}

describe("a client of the provisioning protocol", () => {
	it("repeats a request, unchanged, until its reply comes, and gives up in the end", () => {
		const desk = new Desk();
		const outcomes = desk.ask("info");
		desk.time.run(2000);
		assert.deepEqual(
			desk.heard.map(({ at, number, name }) => [at, number, name]),
			[
				[0, 1, "info"],
				[800, 1, "info"],
				[1600, 1, "info"],
			],
		);
		desk.say(desk.frame(1, { firmware: "0.1.0" }));
		assert.deepEqual(outcomes, [{ reply: Object.assign(Object.create(null), { firmware: "0.1.0" }) }]);
		desk.time.run(60_000);
		assert.lengthOf(desk.heard, 3, "silent after it");
		assert.lengthOf(outcomes, 1);
		const silent = desk.ask("state");
		desk.time.run(3999);
		assert.isEmpty(silent);
		desk.time.run(1);
		assert.equal(reasonOf(silent), "no-answer");
		const slow = desk.ask("test", { name: "door" });
		desk.time.run(49_999);
		assert.isEmpty(slow, "what happens at the door takes longer");
		desk.time.run(1);
		assert.equal(reasonOf(slow), "no-answer");
	});

	it("asks one thing after the other, also from inside an answer that comes at once", () => {
		const desk = new Desk();
		const order: string[] = [];
		desk.onHeard = ({ name, number }) => {
			order.push(name);
			desk.say(desk.frame(number, name === "identify" ? null : {}));
		};
		desk.client.send("info", {}, () => {
			order.push("info done");
			desk.client.send("identify", { ms: 1 }, () => order.push("identify done"));
		});
		assert.deepEqual(order, ["info", "info done", "identify", "identify done"]);
		const late = new Desk();
		const [first, second] = [late.ask("info"), late.ask("state")];
		assert.lengthOf(late.heard, 1);
		late.say(concat(late.frame(1, {}), late.frame(2, { revision: 5 })));
		assert.lengthOf(first, 1);
		assert.isEmpty(second, "an answer before the question is none");
		late.say(late.frame(2, { revision: 4 }));
		assert.deepInclude((second[0] as { reply: object }).reply, { revision: 4 });
	});

	it("finds its reply among log lines, halves of frames, other clients' and older replies, and echoes of itself", () => {
		const desk = new Desk();
		const [events, outcomes] = [[] as CborMap[], desk.ask("info")];
		desk.client.onEvent = (event) => events.push(event);
		const other = new Uint8Array(8).fill(9);
		desk.say(utf8Encode("I (312) boot: ESP-IDF\r\n"));
		desk.say(desk.frame(1, { door: "HALF" }).subarray(0, 25));
		desk.time.run(800);
		desk.say(desk.frame(1, { door: "OTHER" }, KIND.reply, other));
		desk.say(desk.frame(0, { door: "OLD" }));
		desk.say(desk.frame(1, ["info"], KIND.request));
		desk.say(desk.frame(7, { event: "exit" }, KIND.event));
		assert.isEmpty(outcomes);
		const mine = desk.frame(1, { door: "MINE" });
		desk.say(mine.subarray(0, 9));
		desk.say(mine.subarray(9));
		desk.say(mine);
		assert.lengthOf(outcomes, 1);
		assert.deepInclude((outcomes[0] as { reply: object }).reply, { door: "MINE" });
		assert.deepEqual(
			events.map(({ event }) => event),
			["exit"],
		);
	});

	it("goes on in the newest version that both speak, and says who is to be updated where there is none", () => {
		const cases = [
			[VERSION + 1, VERSION + 2, "newer-reader"],
			[0, 0, "older-reader"],
			["x", null, "older-reader"],
		] as const;
		for (const [least, greatest, expected] of cases) {
			const desk = new Desk();
			const outcomes = desk.ask("info");
			desk.say(desk.frame(1, { reason: "unsupported-version", least, greatest }, KIND.error));
			assert.equal(reasonOf(outcomes), expected, `${least} to ${greatest}`);
			desk.time.run(10_000);
			assert.lengthOf(desk.heard, 1);
		}
		const older = new Desk();
		const outcomes = older.ask("info");
		older.say(older.frame(1, { reason: "unsupported-version", least: 1, greatest: 1 }, KIND.error));
		older.say(older.frame(2, { firmware: "0.0.9" }));
		assert.deepInclude((outcomes[0] as { reply: object }).reply, { firmware: "0.0.9" });
		assert.deepEqual(
			older.heard.map(({ version }) => version),
			[VERSION, 1],
		);
		assert.equal(older.client.version, 1);
	});

	it("tells a refusal with what belongs to it, and leaves out what is not as it should be", () => {
		const desk = new Desk();
		const refusal = (value: CborValue) => {
			const outcomes = desk.ask("restart");
			desk.say(desk.frame(desk.heard.at(-1)!.number, value, KIND.error));
			const [outcome] = outcomes;
			const error = outcome && "error" in outcome ? outcome.error : assert.fail("no error");
			assert.instanceOf(error, RequestRefused);
			return (error as RequestRefused).refusal;
		};
		assert.deepInclude(refusal({ reason: "try-later", message: "wait", retryAfter: 2000 }), {
			reason: "try-later",
			message: "wait",
			retryAfter: 2000,
		});
		const problems = [{ field: "id", reason: "x", message: "y" }, 5, { field: { a: 1 } }];
		assert.deepEqual(
			refusal({ reason: 7, retryAfter: "soon", problems }).problems.map(({ field }) => field),
			["id", ""],
		);
		for (const value of [null, "no", [], new Uint8Array(3)]) assert.equal(refusal(value).reason, "failed");
	});

	it("ends all that waits where the cable goes, and what is asked after; after a close too", () => {
		for (const how of ["cable", "close"]) {
			const desk = new Desk();
			const told: ClientError[] = [];
			desk.client.onClosed = (error) => told.push(error);
			const outcomes = [desk.ask("info"), desk.ask("state")];
			if (how === "cable") desk.port.onClosed!();
			else desk.client.close();
			outcomes.push(desk.ask("reset"));
			for (const outcome of outcomes) assert.equal(reasonOf(outcome), "port-closed", how);
			desk.time.run(60_000);
			assert.lengthOf(desk.heard, 1, "nothing more is sent");
			assert.lengthOf(told, how === "cable" ? 1 : 0);
			assert.equal(desk.closed, how === "close");
		}
	});

	it("rejects what it promised", async () => {
		const desk = new Desk();
		const wrong = desk.client.request("wifi-join", { ssid: "Building", password: "" });
		desk.say(desk.frame(1, { joined: "yes" }));
		assert.equal(await wrong.catch((error: ClientError) => error.reason), "bad-reply");
		const right = desk.client.request("wifi-join", { ssid: "Building", password: "" });
		desk.say(desk.frame(2, { joined: true }));
		assert.isTrue((await right).joined);
	});

	it("takes a reply that is no CBOR for a wrong one", () => {
		const desk = new Desk();
		const outcomes = desk.ask("info");
		const payload = Uint8Array.of(0xa1, 0x61);
		desk.say(encodeFrame({ version: VERSION, kind: KIND.reply, client: CLIENT, number: 1, payload }));
		assert.equal(reasonOf(outcomes), "bad-reply");
	});
});

describe("replies of a reader", () => {
	const key = { algorithm: -8, publicKey: new Uint8Array(32) };
	const proof = { key: new Uint8Array(32), signature: new Uint8Array(64) };
	/** Of each command one right reply, and for each of its checks one that is wrong there alone. */
	const cases: { readonly [N in CommandName]: readonly [right: CborValue, ...wrong: CborValue[]] } = {
		info: [
			{
				commissioned: true,
				site: "ACME",
				door: "FRONT",
				key: new Uint8Array(32),
				trust: { version: 3, hash: new Uint8Array(8), held: 4 },
				firmware: ["any"],
				later: 1,
			},
			null,
			{ commissioned: "yes" },
			{ damaged: 1 },
			{ site: 5 },
			{ door: null },
			{ key: new Uint8Array(31) },
			{ key: "00" },
			{ trust: { version: -1, hash: new Uint8Array(8) } },
			{ trust: { version: 3, hash: new Uint8Array(32) } },
			{ trust: { version: 3, hash: new Uint8Array(8), held: true } },
		],
		check: [null, {}],
		state: [
			{ time: null, plan: 0, planHash: null, credentials: 0, relay: "any", server: null },
			[],
			{ plan: -1 },
			{ planIssued: "x" },
			{ planExpires: true },
			{ planHash: new Uint8Array(8) },
			{ credentials: null },
			{ server: {} },
			{ server: "broker" },
			{ server: { host: "broker", port: 0, password: true } },
			{ server: { host: 7, port: 1883, password: true } },
			{ server: { host: "broker", port: 1883, password: "correct horse" } },
		],
		identify: [null, {}, true],
		challenge: [
			{ share: new Uint8Array(32), ...proof, credentials: [new Uint8Array(3)] },
			new Uint8Array(32),
			null,
			{ share: new Uint8Array(31), ...proof },
			{ share: new Uint8Array(32), ...proof, key: new Uint8Array(33) },
			{ share: new Uint8Array(32), ...proof, signature: "x" },
			{ share: new Uint8Array(32), ...proof, credentials: [] },
			{ share: new Uint8Array(32), ...proof, credentials: [5] },
		],
		prove: [null, 0],
		leave: [null, 0],
		trust: [
			{ version: 2, hash: new Uint8Array(8), held: false },
			{ version: 0x1_0000_0000, hash: new Uint8Array(8), held: false },
			{ version: 2, hash: "x", held: false },
			{ version: 2, hash: new Uint8Array(8) },
			null,
		],
		trusted: [
			{ size: 0, list: new Uint8Array(0), anchor: new Uint8Array(8) },
			{ size: 2049, list: new Uint8Array(0), anchor: new Uint8Array(8) },
			{ size: 0, list: "", anchor: new Uint8Array(8) },
			{ size: 0, list: new Uint8Array(0), anchor: new Uint8Array(7) },
		],
		configuration: [{ id: "FRONT", later: {} }, [], "x", new Uint8Array(1)],
		apply: [
			{ changed: true, revision: 3, restart: 300 },
			{ revision: 3 },
			{ changed: true },
			{ changed: true, revision: 3, restart: "soon" },
		],
		begin: [
			{ keys: [key] },
			{},
			{ keys: [] },
			{ keys: [5] },
			{ keys: [{ ...key, algorithm: 1 }] },
			{ keys: [{ ...key, publicKey: 5 }] },
			{ keys: Array(5).fill(key) },
		],
		finish: [{ revision: 3, server: true }, {}, { revision: -3 }, { revision: 3, server: "broker" }],
		certify: [{ revision: 3, restart: 300 }, {}, { revision: -3 }],
		server: [{ changed: true, revision: 3 }, { revision: 3 }, { changed: true }, null],
		test: [{ passed: false, detail: "" }, {}, { passed: 1, detail: "" }, { passed: true }],
		selftest: [
			{ passed: null, detail: "not tried", figures: { ms: 4 }, memory: {} },
			{ passed: "yes", detail: "", figures: {}, memory: {} },
			{ passed: true, detail: 5, figures: {}, memory: {} },
			{ passed: true, detail: "", memory: {} },
			{ passed: true, detail: "", figures: {}, memory: 0 },
			null,
		],
		"wifi-scan": [
			[{ ssid: "", rssi: -50, secured: true }],
			{},
			[{ ssid: 1, rssi: -50, secured: true }],
			[{ ssid: "", rssi: "", secured: true }],
			[{ ssid: "", rssi: -50 }],
		],
		"wifi-forget": [{ kept: true }, {}, null],
		"wifi-join": [{ joined: false }, {}, null],
		"plan-begin": [
			{ epoch: 1, version: 1, count: 0 },
			{ version: 1, count: 0 },
			{ epoch: 1, count: 1 },
		],
		"plan-write": [
			{ epoch: 1, version: 1, count: 0 },
			{ version: 1, count: 0 },
			{ epoch: 1, count: 1 },
		],
		"plan-delta": [
			{ epoch: 1, version: 1, count: 0 },
			{ version: 1, count: 0 },
			{ epoch: 1, count: 1 },
		],
		"plan-commit": [{ epoch: 1, version: 1, count: 0, more: true }, { epoch: 1, version: 1, count: 0 }, null],
		door: [
			{ done: true, mode: "locked", unlocked: false },
			{ done: 1, mode: "locked", unlocked: false },
			{ done: true, unlocked: false },
			{ done: true, mode: "locked" },
		],
		time: [null, 0],
		log: [
			{ size: 4096, bytes: new Uint8Array(0), blank: 0 },
			{ size: 0, bytes: new Uint8Array(1) },
			{ size: 2 ** 40, bytes: new Uint8Array(1) },
			{ size: 4096, bytes: "" },
			{ size: 4096, bytes: new Uint8Array(1), blank: -1 },
		],
		watch: [null, 0],
		restart: [null, 0],
		reset: [null, 0],
	};

	for (const [name, [right, ...wrong]] of Object.entries(cases))
		it(`${name}: the right one is taken as it is, each wrong one refused`, () => {
			const check = REPLIES[name as CommandName];
			assert.deepEqual(
				decodeValue(encodeValue(check(decodeValue(encodeValue(right))) as CborValue)),
				decodeValue(encodeValue(right)),
			);
			for (const value of wrong)
				assert.throws(() => check(value), ClientError, /something else/, JSON.stringify(value));
		});

	it("of any other kind end in a typed error or in what the type says, never in a defect", () => {
		const names = Object.keys(cases) as CommandName[];
		const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
			value: fc.oneof(
				{ depthSize: "small" },
				fc.constant(null),
				fc.boolean(),
				fc.integer(),
				fc.string(),
				fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
				fc.array(tie("value"), { maxLength: 3 }),
				fc.dictionary(
					fc.constantFrom("keys", "key", "size", "bytes", "time", "plan", "passed", "__proto__", "toString"),
					tie("value"),
				),
			),
		}));
		fc.assert(
			fc.property(fc.constantFrom(...names), value, (name, reply) => {
				const desk = new Desk();
				const outcomes = desk.ask(name, {} as never);
				desk.say(desk.frame(1, reply));
				assert.include([undefined, "bad-reply"], reasonOf(outcomes));
				assert.lengthOf(outcomes, 1);
			}),
			{ numRuns: 1000, seed: 5 },
		);
	});

	it("a time that no clock of a reader can have is none", () => {
		for (const time of [2 ** 32, -1, "noon", new Uint8Array(4)])
			assert.isNull((REPLIES.state({ time }) as { time: unknown }).time);
		assert.equal(REPLIES.state({ time: 2 ** 32 - 1 }).time, 2 ** 32 - 1);
		assert.isUndefined(REPLIES.state({}).time);
	});
});
