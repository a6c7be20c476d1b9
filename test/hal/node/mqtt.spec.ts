// SPDX-License-Identifier: Apache-2.0

/** The contract of an MQTT client, against each broker that there is: in memory, aedes, Mosquitto. */
import { assert } from "chai";
import type { MQTTClient, MQTTFailure, MQTTOptions } from "../../../hal/contracts/network.js";
import { utf8Decode, utf8Encode } from "../../../protocol/bytes.js";
import { skip } from "../../support/host.js";
import { HANGS_MS } from "../../support/until.js";
import {
	aedes,
	FORBIDDEN,
	inMemory,
	mosquitto,
	PASSWORD,
	type StartBroker,
	type TestBroker,
	USER,
} from "./mqtt-brokers.js";

/** A client that notes what it is told. */
class Noting {
	readonly messages: string[] = [];
	readonly controls: string[] = [];
	readonly skipped: number[] = [];
	readonly failures: MQTTFailure[] = [];
	room = 0;
	onRoom: () => void = () => {};
	readonly client: MQTTClient;
	readonly #broker: TestBroker;

	constructor(broker: TestBroker, id: string, change: Partial<MQTTOptions> = {}) {
		this.#broker = broker;
		const buffer = new Uint8Array(1024);
		this.client = broker.connect({
			host: broker.host,
			port: broker.port,
			id,
			user: USER,
			password: PASSWORD,
			keepAlive: 600_000,
			buffer,
			onReadable: (count, { topic, retain }) =>
				this.messages.push(`${topic}${retain ? " retained" : ""}: ${utf8Decode(buffer.subarray(0, count))}`),
			onWritable: (count) => {
				this.room = count;
				this.onRoom();
			},
			onControl: (operation, number) => this.controls.push(`${operation} ${number}`),
			onSkipped: (count) => this.skipped.push(count),
			onError: (failure) => this.failures.push(failure),
			...change,
		});
	}

	until(what: string, met: () => boolean): Promise<void> {
		return this.#broker.until(what, () => {
			if (this.failures.length > 0 && !met()) throw new Error(`${what}: ${this.failures.join()}`);
			return met();
		});
	}

	async ready(...topics: string[]): Promise<this> {
		await this.until("connected", () => this.room > 0);
		if (topics.length > 0) {
			const number = this.client.subscribe(topics);
			await this.until("subscribed", () => this.controls.includes(`SUBACK ${number}`));
		}
		return this;
	}

	async say(topic: string, text: string, retain = false): Promise<void> {
		const number = this.client.write(utf8Encode(text), { topic, retain });
		await this.until("acknowledged", () => this.controls.includes(`PUBACK ${number}`));
	}

	async heard(count: number): Promise<void> {
		await this.until(`${count} messages`, () => this.messages.length >= count);
	}

	async failed(): Promise<MQTTFailure> {
		await this.#broker.until("a failure", () => this.failures.length > 0);
		assert.lengthOf(this.failures, 1);
		return this.failures[0]!;
	}
}

const BROKERS: readonly (readonly [string, StartBroker])[] = [
	["the broker in memory", inMemory],
	["aedes", aedes],
	["Mosquitto", mosquitto],
];

for (const [name, start] of BROKERS)
	describe(`MQTT with ${name}`, function () {
		this.timeout(2 * HANGS_MS);
		let broker: TestBroker;
		let stopped = true;

		beforeEach(async function () {
			broker = await start(this);
			stopped = false;
		});

		afterEach(async () => {
			if (!stopped) await broker.stop();
			stopped = true;
		});

		it("gives what others publish, whole and in order: nothing, much, all that the buffer holds", async () => {
			const reader = await new Noting(broker, "reader").ready("test/down", "test/trust");
			const other = await new Noting(broker, "other").ready();
			const all = "x".repeat(1024);
			await other.say("test/down", "one");
			await other.say("test/trust", "");
			await other.say("test/other", "not for it");
			await other.say("test/down", all);
			await other.say("test/down", "ä門😀");
			await reader.heard(4);
			const expected = ["test/down: one", "test/trust: ", `test/down: ${all}`, "test/down: ä門😀"];
			assert.deepEqual(reader.messages, expected);
			assert.isEmpty(other.messages);
		});

		it("gives a late subscriber the newest retained message, marked so, and none that was taken back", async () => {
			const other = await new Noting(broker, "other").ready();
			await other.say("test/list", "old", true);
			await other.say("test/list", "new", true);
			await other.say("test/gone", "was", true);
			await other.say("test/gone", "", true);
			await other.say("test/last", "end", true);
			const reader = await new Noting(broker, "reader").ready("test/gone", "test/list", "test/last");
			await reader.heard(2);
			await other.say("test/list", "live", true);
			await reader.heard(3);
			assert.deepEqual(reader.messages, [
				"test/list retained: new",
				"test/last retained: end",
				"test/list: live",
			]);
			for (const topic of ["test/list", "test/last"]) await other.say(topic, "", true);
		});

		it("skips and tells a message that does not fit, and takes the next", async () => {
			const reader = await new Noting(broker, "reader").ready("test/down");
			const other = await new Noting(broker, "other").ready();
			for (const size of [1025, 1, 5000, 2]) {
				// What a client takes at once depends on its platform.
				await other.until("room", () => other.room > size + 30);
				await other.say("test/down", "y".repeat(size));
			}
			await reader.heard(2);
			assert.deepEqual(reader.skipped, [1025, 5000]);
			assert.deepEqual(reader.messages, ["test/down: y", "test/down: yy"]);
		});

		it("throws when it is full, and loses nothing that it took", async () => {
			const reader = await new Noting(broker, "reader").ready("test/many");
			const other = await new Noting(broker, "other").ready();
			const text = "z".repeat(990);
			let next = 0;
			const go = (): void => {
				try {
					for (; next < 300; next++) other.client.write(utf8Encode(`${text}${next}`), { topic: "test/many" });
				} catch (error) {
					assert.instanceOf(error, RangeError);
				}
			};
			assert.throws(() => other.client.write(new Uint8Array(other.room), { topic: "test/many" }), RangeError);
			other.onRoom = go;
			go();
			await reader.heard(300);
			assert.deepEqual(
				reader.messages,
				Array.from({ length: 300 }, (_, i) => `test/many: ${text}${i}`),
			);
			await other.until("all acknowledged", () => other.controls.length === 300);
		});

		it("tells why it was not let in", async () => {
			assert.equal(await new Noting(broker, "reader", { password: "wrong" }).failed(), "unauthorized");
			assert.equal(await new Noting(broker, "reader", { user: "stranger" }).failed(), "unauthorized");
			const nowhere = new Noting(broker, "reader", { host: "broker.invalid" });
			assert.equal(await nowhere.failed(), "unresolved");
		});

		it("tells that a subscription was refused", async function () {
			// Mosquitto 2.0 grants every subscription to its rules, and sends what they let through.
			if (!broker.refuses) skip(this, "Mosquitto refuses no subscription");
			const reader = await new Noting(broker, "reader").ready();
			reader.client.subscribe(["test/down", FORBIDDEN]);
			assert.equal(await reader.failed(), "subscription");
		});

		it("tells when nothing listens, and when the broker ends", async () => {
			const reader = await new Noting(broker, "reader").ready("test/down");
			await broker.stop();
			stopped = true;
			assert.equal(await reader.failed(), "ended");
			assert.throws(() => reader.client.write(new Uint8Array(1), { topic: "test/up" }), RangeError);
			assert.equal(await new Noting(broker, "reader").failed(), "unreachable");
		});

		it("of two with one id leaves the newer connected", async () => {
			const older = await new Noting(broker, "twin").ready("test/down");
			const newer = await new Noting(broker, "twin").ready("test/down");
			assert.equal(await older.failed(), "ended");
			const other = await new Noting(broker, "other").ready();
			await other.say("test/down", "hello");
			await newer.heard(1);
			assert.isEmpty(older.messages);
		});

		it("hears nothing after it was closed, and begins anew with the next", async () => {
			const reader = await new Noting(broker, "reader").ready("test/down");
			reader.client.close();
			reader.client.close();
			const other = await new Noting(broker, "other").ready("test/end");
			await other.say("test/down", "missed");
			const again = await new Noting(broker, "reader").ready();
			await other.say("test/down", "not subscribed");
			await other.say("test/end", "end");
			await other.heard(1);
			assert.isEmpty([...reader.messages, ...reader.failures, ...again.messages]);
		});
	});
