// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { MqttClient } from "../../drivers/mqtt/client.js";
import type { MQTTFailure, MQTTOptions } from "../../hal/contracts/network.js";
import { toHex } from "../../protocol/bytes.js";
import { type BrokerFaults, HONEST, SimBroker } from "../../sim/broker.js";
import { SimNetwork } from "../../sim/network.js";
import { VirtualTime } from "../../sim/time.js";

const SITE = "l1/site";
const DAY_MS = 86_400_000;

/** Doors and a site that speak over a broker, which notes all that arrives. */
class World {
	readonly time = new VirtualTime();
	joined = true;
	readonly network = new SimNetwork(this.time, () => this.joined);
	readonly broker: SimBroker;
	/** What doors and site were given, with the time, ms. */
	readonly got: string[] = [];
	readonly failures: string[] = [];
	readonly doors = new Map<string, MqttClient>();

	readonly #keepAlive: number;

	constructor(seed = 1, keepAlive = 60_000) {
		this.#keepAlive = keepAlive;
		this.broker = new SimBroker(this.time, seed);
		this.network.listeners.set("192.0.2.1:1883", this.broker.accept);
		this.network.names.set("broker", "192.0.2.1");
		this.broker.watch(`${SITE}/+/u`, ({ topic, data }) => this.got.push(`site ${topic} ${toHex(data)}`));
	}

	door(name: string): MqttClient {
		const topics = [`${SITE}/${name}/d`, `${SITE}/trust`];
		const buffer = new Uint8Array(256);
		const options: MQTTOptions = {
			host: "broker",
			port: 1883,
			id: name,
			user: name,
			password: "secret",
			keepAlive: this.#keepAlive,
			buffer,
			onReadable: (count, { topic, retain, duplicate }) =>
				this.got.push(
					`${name} ${topic.slice(SITE.length)} ${toHex(buffer.subarray(0, count))}` +
						`${retain ? " retained" : ""}${duplicate ? " again" : ""}`,
				),
			onWritable: () => {
				if (topics.length > 0) client.subscribe(topics.splice(0));
			},
			onError: (failure: MQTTFailure) => this.failures.push(`${name} ${failure}`),
		};
		const client: MqttClient = new MqttClient(options, { network: this.network, clock: this.time });
		this.doors.set(name, client);
		return client;
	}

	/** Two doors, to whom and from whom 40 messages go, one a second. */
	talk(faults: Partial<BrokerFaults>): this {
		this.door("front");
		this.door("back");
		this.time.run(5000);
		this.broker.faults = { ...HONEST, ...faults };
		for (let i = 0; i < 40; i++) {
			const name = i % 2 === 0 ? "front" : "back";
			this.broker.publish(`${SITE}/${name}/d`, Uint8Array.of(i, i, i, i));
			this.time.run(1000);
		}
		this.time.run(DAY_MS);
		return this;
	}
}

const honest = (): string[] =>
	Array.from({ length: 40 }, (_, i) => {
		const name = i % 2 === 0 ? "front" : "back";
		return `${name} /${name}/d ${toHex(Uint8Array.of(i, i, i, i))}`;
	});

describe("the broker in memory", () => {
	it("is honest when it is not told otherwise", () => {
		const world = new World().talk({});
		assert.deepEqual(world.got, honest());
		assert.isEmpty(world.failures);
		assert.deepEqual(world.broker.clients, ["front", "back"]);
	});

	it("gives one run for one seed, and another for another", () => {
		const all: Partial<BrokerFaults> = { lose: 0.1, late: 0.3, longest: 60_000, duplicate: 0.1 };
		const faults = { ...all, replay: 0.2, swap: 0.1, truncate: 0.1, alter: 0.1, cut: 0.05 };
		const [first, second, other] = [7, 7, 8].map((seed) => new World(seed).talk(faults));
		assert.deepEqual(first!.got, second!.got);
		assert.deepEqual(first!.failures, second!.failures);
		assert.notDeepEqual(first!.got, other!.got);
	});

	it("loses", () => {
		const { got } = new World().talk({ lose: 0.5 });
		assert.isAbove(got.length, 5);
		assert.isBelow(got.length, 35);
		assert.includeMembers(honest(), got);
		assert.isEmpty(new World().talk({ lose: 1 }).got);
	});

	it("delays, by seconds or months, and so changes the order", () => {
		const { got } = new World().talk({ late: 0.5, longest: 20_000 });
		assert.notDeepEqual(got, honest());
		assert.sameMembers(got, honest());
		const world = new World(1, 12 * 3_600_000).talk({ late: 1, longest: 200 * DAY_MS });
		assert.isBelow(world.got.length, 40);
		world.time.run(200 * DAY_MS);
		assert.sameMembers(world.got, honest());
	});

	it("duplicates, says so, and replays what it once had, to whom it went", () => {
		const { got } = new World().talk({ duplicate: 1 });
		assert.deepEqual(
			got,
			honest().flatMap((one) => [one, `${one} again`]),
		);
		const replayed = new World().talk({ replay: 1 }).got;
		assert.isAbove(replayed.length, 40);
		assert.includeMembers(honest(), replayed, "each as it was");
		assert.sameMembers([...new Set(replayed)], honest());
	});

	it("gives one door the data of another", () => {
		const { got } = new World().talk({ swap: 1 });
		assert.lengthOf(got, 40);
		assert.isAbove(got.filter((one) => !honest().includes(one)).length, 5);
		const data = (text: string): string => text.split(" ")[2]!;
		assert.includeMembers(honest().map(data), got.map(data));
	});

	it("truncates, and alters one bit", () => {
		const data = (text: string): string => text.split(" ")[2]!;
		for (const one of new World().talk({ truncate: 1 }).got) assert.isBelow(data(one).length, 8);
		for (const [i, one] of new World().talk({ alter: 1 }).got.entries()) {
			const difference = Number.parseInt(data(one), 16) ^ Number.parseInt(data(honest()[i]!), 16);
			assert.isAbove(Math.abs(difference), 0);
			assert.equal(difference & (difference - 1), 0, "a power of two");
		}
	});

	it("ends a connection in the middle of a message", () => {
		const { got, failures, broker } = new World().talk({ cut: 1 });
		assert.isEmpty(got);
		assert.sameMembers(failures, ["front ended", "back ended"]);
		assert.isEmpty(broker.clients);
	});

	it("acknowledges what it throws away, which the client cannot tell", () => {
		const world = new World().talk({});
		world.got.length = 0;
		world.doors.get("front")!.write(Uint8Array.of(1), { topic: `${SITE}/front/u` });
		world.time.run(1000);
		world.broker.faults = { ...HONEST, swallow: 1 };
		world.doors.get("front")!.write(Uint8Array.of(2), { topic: `${SITE}/front/u` });
		world.time.run(1000);
		assert.deepEqual(world.got, [`site ${SITE}/front/u 01`]);
	});

	it("keeps the newest retained message, or gives an earlier one, and tells what nobody published", () => {
		const world = new World();
		for (const version of [1, 2, 3]) world.broker.publish(`${SITE}/trust`, Uint8Array.of(version), true);
		world.door("front");
		world.time.run(5000);
		assert.deepEqual(world.got, ["front /trust 03 retained"]);
		world.broker.faults = { ...HONEST, stale: 1 };
		const given = new Set<string>();
		for (let i = 0; i < 30; i++) {
			world.door(`door ${i}`);
			world.time.run(5000);
			given.add(world.got.at(-1)!.split(" ")[3]!);
		}
		assert.sameMembers([...given], ["01", "02", "03"]);
		world.got.length = 0;
		world.broker.tell({ topic: `${SITE}/trust`, data: Uint8Array.of(9), retain: false }, "front");
		world.broker.tell({ topic: `${SITE}/back/d`, data: Uint8Array.of(9), retain: false }, "front");
		world.time.run(5000);
		assert.deepEqual(world.got, ["front /trust 09"], "and not what it has not subscribed to");
	});
});

describe("TCP in simulated time", () => {
	it("arrives late after seconds without a network, and is lost after a minute, at both ends", () => {
		const world = new World();
		world.door("front");
		world.time.run(5000);
		world.joined = false;
		world.broker.publish(`${SITE}/front/d`, Uint8Array.of(1));
		world.time.run(20_000);
		assert.isEmpty(world.got);
		world.joined = true;
		world.time.run(2000);
		assert.deepEqual(world.got, ["front /front/d 01"]);
		world.joined = false;
		world.broker.publish(`${SITE}/front/d`, Uint8Array.of(2));
		world.time.run(70_000);
		assert.deepEqual(world.failures, ["front ended"]);
		assert.isEmpty(world.broker.clients);
	});

	it("forgets the connections of a chip that starts again; the broker finds out by its keep-alive", () => {
		const world = new World();
		world.door("front");
		world.time.run(5000);
		world.network.powerOff();
		world.doors.get("front")!.close();
		world.time.run(60_000);
		assert.deepEqual(world.broker.clients, ["front"]);
		world.time.run(40_000);
		assert.isEmpty(world.broker.clients);
		world.door("front");
		world.time.run(5000);
		assert.deepEqual(world.broker.clients, ["front"]);
	});

	it("holds no more than a chip does, and gives room when that has arrived", () => {
		const world = new World();
		const rooms: number[] = [];
		const port = new world.network.tcp({
			address: "192.0.2.1",
			port: 1883,
			onReadable: () => {},
			onWritable: (count) => rooms.push(count),
			onError: () => {},
		});
		assert.throws(() => port.write(Uint8Array.of(1)));
		world.time.run(1000);
		const [room] = rooms;
		assert.equal(port.write(new Uint8Array(room! - 10)), 10);
		assert.throws(() => port.write(new Uint8Array(11)));
		world.time.run(1000);
		assert.equal(rooms.at(-1), room);
	});
});
