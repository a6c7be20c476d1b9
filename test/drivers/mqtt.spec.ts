// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { CONNECT_LIMIT_MS, MqttClient, type MqttPlatform } from "../../drivers/mqtt/client.js";
import type { MQTTFailure, MQTTOptions, TCP, TCPClass, TCPOptions } from "../../hal/contracts/network.js";
import { concat, fromHex, toHex, utf8Decode, utf8Encode } from "../../protocol/bytes.js";
import { SeededRandom } from "../../sim/random.js";
import { VirtualTime } from "../../sim/time.js";

const ROOM = 5744;
const CONNACK = "20020000";

/** A client, and the other end of its connection as bytes. */
class Bench {
	readonly time = new VirtualTime();
	readonly messages: string[] = [];
	readonly controls: string[] = [];
	readonly skipped: number[] = [];
	readonly failures: MQTTFailure[] = [];
	readonly rooms: number[] = [];
	readonly sent: Uint8Array[] = [];
	readonly buffer = new Uint8Array(64);
	onMessage: () => unknown = () => undefined;
	address: string | undefined = "192.0.2.1";
	room = ROOM;
	/** The connection has ended, which is not told yet. */
	ended = false;
	closed = 0;
	largestRead = 0;
	options!: TCPOptions;
	readonly client: MqttClient;
	#incoming: Uint8Array = new Uint8Array(0);

	constructor(change: Partial<MQTTOptions> = {}, network: Partial<MqttPlatform["network"]> = {}) {
		const bench = this;
		class Socket implements TCP {
			constructor(options: TCPOptions) {
				bench.options = options;
			}
			read(into: Uint8Array): number {
				assert.isAtMost(into.length, bench.#incoming.length, "reads what is there");
				assert.isAbove(into.length, 0);
				bench.largestRead = Math.max(bench.largestRead, into.length);
				into.set(bench.#incoming.subarray(0, into.length));
				bench.#incoming = bench.#incoming.slice(into.length);
				return into.length;
			}
			write(data: Uint8Array): number {
				if (bench.ended) throw new Error("not ready");
				if (data.length > bench.room) throw new Error("would block");
				bench.sent.push(data.slice());
				bench.room -= data.length;
				return bench.room;
			}
			close(): void {
				bench.closed++;
			}
		}
		const options: MQTTOptions = {
			host: "broker",
			port: 1883,
			id: "site/door",
			user: "site/door",
			password: "secret",
			keepAlive: 60_000,
			buffer: this.buffer,
			onReadable: (count, { topic, retain, duplicate }) => {
				const text = utf8Decode(this.buffer.subarray(0, count));
				this.messages.push(`${topic}${retain ? " r" : ""}${duplicate ? " d" : ""}: ${text}`);
				this.onMessage();
			},
			onWritable: (count) => this.rooms.push(count),
			onControl: (operation, id) => this.controls.push(`${operation} ${id}`),
			onSkipped: (count) => this.skipped.push(count),
			onError: (failure) => this.failures.push(failure),
			...change,
		};
		this.client = new MqttClient(options, {
			clock: this.time,
			network: {
				tcp: Socket as unknown as TCPClass,
				resolve: (_, done) => this.time.after(10_000, () => done(this.address)),
				...network,
			},
		});
	}

	/** All that was sent since the last call. */
	out(): string {
		return toHex(concat(...this.sent.splice(0)));
	}

	come(bytes: Uint8Array | string): void {
		this.#incoming = concat(this.#incoming, typeof bytes === "string" ? fromHex(bytes) : bytes);
		this.options.onReadable(this.#incoming.length);
	}

	/** Bytes that the client has not read. */
	get unread(): number {
		return this.#incoming.length;
	}

	writable(room = ROOM): void {
		this.room = room;
		this.options.onWritable(room);
	}

	connected(...topics: string[]): this {
		this.time.run(100);
		this.writable();
		this.come(CONNACK);
		if (topics.length > 0) {
			this.client.subscribe(topics);
			this.come(concat(fromHex("90"), Uint8Array.of(2 + topics.length, 0, 1), new Uint8Array(topics.length)));
		}
		this.out();
		this.writable();
		this.rooms.length = 0;
		return this;
	}
}

/** A PUBLISH with any flags and lengths (MQTT 3.1.1, 3.3). */
function publish(topic: string, data: string, flags = 2, id = 7): Uint8Array {
	const [name, payload] = [utf8Encode(topic), utf8Encode(data)];
	const number = (flags & 6) === 0 ? [] : [id >> 8, id & 255];
	const body = [name.length >> 8, name.length & 255, ...name, ...number, ...payload];
	const head = [0x30 | flags];
	let length = body.length;
	for (; length > 127; length >>= 7) head.push((length & 127) | 128);
	return Uint8Array.from([...head, length, ...body]);
}

const PUBACK_7 = "40020007";

describe("MQTT client", () => {
	it("connects as the standard has it: level 4, clean session, user and password", () => {
		const bench = new Bench({ id: "ab", user: "cd", password: "ef", keepAlive: 258_000 });
		assert.isEmpty(bench.sent);
		bench.time.run(100);
		bench.writable();
		assert.equal(bench.out(), "101600044d51545404c2010200026162000263640002" + "6566");
		assert.isEmpty(bench.rooms);
		bench.come(CONNACK);
		assert.deepEqual(bench.rooms, [ROOM - 24 - 16]);
		assert.isEmpty(bench.failures);
	});

	it("subscribes and publishes at QoS 1, each with a number of its own", () => {
		const bench = new Bench().connected();
		assert.equal(bench.client.subscribe(["a/b", "c"]), 1);
		assert.equal(bench.out(), "820c" + "0001" + "0003612f6201" + "00016301");
		bench.come("900400010101");
		assert.equal(bench.client.write(Uint8Array.of(1, 2), { topic: "t" }), 2);
		assert.equal(bench.out(), "3207" + "000174" + "0002" + "0102");
		assert.equal(bench.client.write(new Uint8Array(200).fill(9), { topic: "t", retain: true }), 3);
		assert.equal(bench.out(), `33cd01000174${"0003"}${"09".repeat(200)}`);
		bench.come("4002000240020003");
		assert.deepEqual(bench.controls, ["SUBACK 1", "PUBACK 2", "PUBACK 3"]);
	});

	it("puts messages together from single bytes, and acknowledges each after it was taken", () => {
		const bench = new Bench().connected("down", "trust");
		const before: string[] = [];
		bench.onMessage = () => before.push(bench.out());
		const all = concat(publish("down", "one"), publish("trust", "x".repeat(64), 11), publish("down", "", 0));
		for (const byte of all) bench.come(Uint8Array.of(byte));
		assert.deepEqual(bench.messages, ["down: one", `trust r d: ${"x".repeat(64)}`, "down: "]);
		assert.deepEqual(before, ["", PUBACK_7, PUBACK_7]);
		assert.equal(bench.out(), "", "none for QoS 0");
		assert.equal(bench.unread, 0);
		bench.come(all);
		assert.lengthOf(bench.messages, 6, "and at once");
	});

	it("skips a message that is too long, or of a topic it has not, acknowledges it and goes on", () => {
		const bench = new Bench().connected("down");
		bench.come(concat(publish("down", "y".repeat(65)), publish("up", "zz")));
		// A topic of 60,000 bytes.
		bench.come("32e8d403ea60");
		for (let i = 0; i < 60; i++) bench.come(new Uint8Array(1000).fill(0x64));
		bench.come("00076c6f6e67");
		bench.come(publish("down", "after"));
		assert.deepEqual(bench.skipped, [65, 2, 4]);
		assert.deepEqual(bench.messages, ["down: after"]);
		assert.equal(bench.out(), PUBACK_7.repeat(4));
	});

	it("skips the longest packet that there can be, and never asks for more than its buffers hold", () => {
		const bench = new Bench().connected("down");
		bench.come(`32ffffff7f0004${toHex(utf8Encode("down"))}0007`);
		// All of it would take minutes on XS: a part is enough to see what is read at a time.
		for (let i = 0; i < 50; i++) bench.come(new Uint8Array(2000));
		assert.equal(bench.unread, 0);
		assert.isAtMost(bench.largestRead, 64);
		assert.isEmpty(bench.failures);
		assert.isEmpty(bench.skipped, "it has not ended");
	});

	const MALFORMED: Record<string, string> = {
		"a length of five bytes": "32ffffffff01",
		"no room for the topic's length": "300100",
		"a topic longer than the packet": "3004000500",
		"an empty topic": "30020000",
		"no room for the number": "320500047465",
		"the number 0": "3208" + "0004" + "646f776e" + "0000",
		"QoS 2": "3408" + "0004" + "646f776e" + "0001",
		"QoS 3": "3608" + "0004" + "646f776e" + "0001",
		"a second CONNACK": CONNACK,
		"flags on a PUBACK": "41020001",
		"a PUBACK of three bytes": "4003000100",
		"a SUBACK of 200 bytes": `90c801${"00".repeat(200)}`,
		"a SUBACK of none": "90020001",
		"a PINGRESP with a body": "d00100",
		"a packet of clients": "c000",
		"type 0": "0000",
		"type 15": "f000",
	};
	for (const [name, bytes] of Object.entries(MALFORMED))
		it(`ends the connection for what is malformed: ${name}`, () => {
			const bench = new Bench().connected("down");
			bench.come(bytes);
			assert.deepEqual(bench.failures, ["malformed"]);
			assert.equal(bench.closed, 1);
			bench.time.run(10 * 60_000);
			assert.deepEqual(bench.failures, ["malformed"], "once");
		});

	it("takes nothing before the broker has let it in", () => {
		for (const bytes of [publish("down", "x"), fromHex("40020001"), fromHex("d000"), fromHex("2003000000")]) {
			const bench = new Bench();
			bench.time.run(100);
			bench.writable();
			bench.come(bytes);
			assert.deepEqual(bench.failures, ["malformed"], toHex(bytes));
		}
	});

	it("tells why the broker refuses", () => {
		const reasons = ["protocol", "identifier", "unavailable", "password", "unauthorized", "malformed"];
		for (const [i, reason] of reasons.entries()) {
			const bench = new Bench();
			bench.time.run(100);
			bench.writable();
			bench.come(Uint8Array.of(0x20, 2, 0, i + 1));
			assert.deepEqual(bench.failures, [reason as MQTTFailure]);
			assert.equal(bench.closed, 1);
		}
		const bench = new Bench().connected();
		bench.client.subscribe(["a", "b"]);
		bench.come("900400010180");
		assert.deepEqual(bench.failures, ["subscription"]);
	});

	it("tells where it ended: at the name, at the port, at the broker, later", () => {
		const nameless = new Bench();
		nameless.address = undefined;
		nameless.time.run(100);
		const slow = new Bench({}, { resolve: () => {} });
		slow.time.run(CONNECT_LIMIT_MS);
		const throwing = new Bench(
			{},
			{
				resolve: () => {
					throw new Error("no network");
				},
			},
		);
		throwing.time.run(1);
		const shut = new Bench();
		shut.time.run(100);
		shut.options.onError();
		const away = new Bench();
		away.time.run(CONNECT_LIMIT_MS);
		const mute = new Bench();
		mute.time.run(100);
		mute.writable();
		mute.time.run(CONNECT_LIMIT_MS);
		const lost = new Bench().connected();
		lost.options.onError();
		const told = [nameless, slow, throwing, shut, away, mute, lost].map(({ failures }) => failures.join());
		const expected = [
			"unresolved",
			"unresolved",
			"unresolved",
			"unreachable",
			"unreachable",
			"silent",
			"ended",
		];
		assert.deepEqual(told, expected);
	});

	it("pings within the keep-alive, and gives up a broker that is silent for 1.5 of it", () => {
		const bench = new Bench({ keepAlive: 20_000 }).connected();
		for (let i = 0; i < 100; i++) {
			bench.time.run(15_000);
			assert.equal(bench.out(), "c000");
			bench.come("d000");
			bench.writable();
		}
		assert.isEmpty(bench.failures);
		bench.time.run(30_000);
		assert.deepEqual(bench.failures, ["silent"]);
		const full = new Bench({ keepAlive: 20_000 }).connected();
		full.writable(1);
		full.time.run(30_000);
		assert.deepEqual(full.failures, ["silent"], "also when there is no room to ask");
	});

	it("throws, and sends nothing, where there is no room or no connection", () => {
		const bench = new Bench();
		const data = new Uint8Array(100);
		assert.throws(() => bench.client.write(data, { topic: "up" }), RangeError);
		assert.throws(() => bench.client.subscribe(["down"]), RangeError);
		bench.connected();
		bench.writable(100);
		assert.deepEqual(bench.rooms, [84]);
		assert.throws(() => bench.client.write(data, { topic: "up" }), RangeError);
		assert.throws(() => bench.client.subscribe(["t".repeat(64), "u".repeat(20)]), RangeError);
		assert.isEmpty(bench.sent);
		// 100 less 16 in reserve, less a topic of 2 and 9 more, of which a short message needs 8.
		assert.throws(() => bench.client.write(data.subarray(0, 77), { topic: "up" }), RangeError);
		bench.client.write(data.subarray(0, 76), { topic: "up" });
		assert.equal(bench.room, 16);
		bench.client.close();
		assert.throws(() => bench.client.write(data, { topic: "up" }), RangeError);
	});

	it("refuses names that it cannot send, and topics past the eighth", () => {
		for (const change of [
			{ id: "" },
			{ user: "" },
			{ password: "p".repeat(65) },
			{ keepAlive: 999 },
			{ keepAlive: 65_535_001 },
		])
			assert.throws(() => new Bench(change), RangeError);
		assert.throws(() => new Bench({ buffer: new Uint8Array(0) }), RangeError);
		const bench = new Bench().connected("1", "2", "3", "4", "5", "6", "7");
		assert.throws(() => bench.client.subscribe(["8", "9"]), RangeError);
		assert.throws(() => bench.client.subscribe([]), RangeError);
		assert.throws(() => bench.client.write(new Uint8Array(0), { topic: "" }), RangeError);
		assert.throws(() => bench.client.write(new Uint8Array(0), { topic: "ü".repeat(33) }), RangeError);
		bench.client.subscribe(["8"]);
	});

	it("acknowledges in order when there is room again, the first 20", () => {
		const bench = new Bench().connected("down");
		bench.writable(0);
		for (let id = 1; id <= 25; id++) bench.come(publish("down", "x", 2, id));
		assert.lengthOf(bench.messages, 25);
		assert.isEmpty(bench.sent);
		const acks = (from: number, to: number): string => {
			let hex = "";
			for (let id = from; id <= to; id++) hex += toHex(Uint8Array.of(0x40, 2, 0, id));
			return hex;
		};
		bench.writable(9);
		assert.equal(bench.out(), acks(1, 2));
		bench.writable(ROOM);
		assert.equal(bench.out(), acks(3, 20));
		bench.come(publish("down", "x", 2, 26));
		assert.equal(bench.out(), acks(26, 26));
	});

	it("takes what came before the end of a connection, which it cannot acknowledge any more", () => {
		// The SDK's TCP (modules/io/socket/lwip/tcp.c) throws for writes from then on, and tells the end after the data.
		const bench = new Bench().connected("down");
		bench.ended = true;
		bench.come(concat(publish("down", "last"), publish("down", "words")));
		assert.deepEqual(bench.messages, ["down: last", "down: words"]);
		bench.client.close();
		const other = new Bench().connected("down");
		other.ended = true;
		assert.doesNotThrow(() => other.client.write(Uint8Array.of(1), { topic: "up" }));
		other.options.onError();
		assert.deepEqual(other.failures, ["ended"]);
	});

	it("takes leave at close, calls nothing back afterwards, and can be closed by what it calls", () => {
		const bench = new Bench().connected("down");
		bench.onMessage = () => bench.client.close();
		bench.come(concat(publish("down", "one"), publish("down", "two")));
		assert.deepEqual(bench.messages, ["down: one"]);
		assert.equal(bench.out(), "e000");
		assert.equal(bench.closed, 1);
		bench.options.onError();
		bench.options.onWritable(ROOM);
		bench.come(publish("down", "three"));
		bench.time.run(10 * 60_000);
		assert.lengthOf(bench.messages, 1);
		assert.isEmpty(bench.failures);
		assert.isEmpty(bench.rooms);
		for (const ms of [0, 5, 100]) {
			const early = new Bench();
			early.time.run(ms);
			early.client.close();
			early.time.run(10 * 60_000);
			assert.isEmpty(early.failures);
			assert.equal(early.closed, ms === 100 ? 1 : 0);
		}
	});

	it("stays within its bounds whatever comes (seeded)", () => {
		const random = new SeededRandom(18);
		for (let run = 0; run < 300; run++) {
			const bench = new Bench().connected("down");
			for (let i = 0; i < 20 && bench.failures.length === 0; i++) {
				const bytes = random.below(2) === 0 ? random.bytes(1 + random.below(40)) : publish("down", "good");
				if (random.below(3) === 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
				bench.come(bytes);
			}
			assert.isAtMost(bench.largestRead, 64);
			assert.isAtMost(bench.failures.length, 1);
			assert.equal(bench.closed, bench.failures.length);
		}
	});
});
