// SPDX-License-Identifier: Apache-2.0

/** The two bearers of a site's server, and what a door may do there: doors speak by `mqtt` of npm. */
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import { assert } from "chai";
import type { Context } from "mocha";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { EmbeddedBroker } from "../../../site/server/broker/embedded.js";
import { ExternalBroker } from "../../../site/server/broker/external.js";
import { aclFile, passwordFile } from "../../../site/server/broker/mosquitto.js";
import { type BrokerSecret, brokerPassword } from "../../../site/server/broker/passwords.js";
import type { SiteTransport } from "../../../site/server/broker/transport.js";
import { startMosquitto } from "../../support/mosquitto.js";
import { until } from "../../support/until.js";

const SITE = "A/+";
const LEVEL = "A%2F%2B";
const SECRET = new Uint8Array(32).fill(7);
const DOORS = ["FRONT", "BACK"];

const secretOf = (epoch: number): BrokerSecret => ({ site: SITE, secret: SECRET, epoch });
/** A second time, by what the page says of it. */
const passwordOf = (door: string, epoch: number): string =>
	createHmac("sha256", SECRET).update(`${SITE}/${door}/${epoch}`).digest("base64url");

interface Bearer {
	readonly transport: SiteTransport;
	readonly port: number;
	stop(): Promise<void>;
}

const embedded = async (): Promise<Bearer> => {
	const transport = await EmbeddedBroker.open({
		host: "127.0.0.1",
		port: 0,
		secret: () => secretOf(5),
	});
	transport.knows = (door) => DOORS.includes(door);
	return { transport, port: transport.port, stop: () => transport.close() };
};

const mosquitto = async (context: Context): Promise<Bearer> => {
	const users = {
		site: SITE,
		serverPassword: brokerPassword(secretOf(5), "", 5),
		doors: DOORS.map((door) => ({ door, password: passwordOf(door, 5) })),
	};
	const broker = await startMosquitto(context, { passwords: passwordFile(users), rules: aclFile(users) });
	const url = new URL(`mqtt://127.0.0.1:${broker.port}`);
	const transport = new ExternalBroker({ url, site: SITE, password: users.serverPassword });
	await until(
		"the server is connected",
		() => transport.state.connected,
		() => transport.state.reason ?? "",
	);
	const stop = async (): Promise<void> => {
		await transport.close();
		await broker.stop();
	};
	return { transport, port: broker.port, stop };
};

/** A door's client, or another's. */
class Client {
	readonly mqtt: MqttClient;
	readonly heard: string[] = [];
	refusal: string | undefined;
	gone = false;

	constructor(port: number, door: string, options: IClientOptions = {}) {
		const name = `${LEVEL}/${door}`;
		this.mqtt = mqtt.connect({
			...{ host: "127.0.0.1", port, protocolVersion: 4, clean: true, reconnectPeriod: 0 },
			...{ clientId: name, username: name, password: passwordOf(door, 5) },
			...options,
		});
		this.mqtt
			.on("message", (topic, payload, { retain }) =>
				this.heard.push(`${topic} ${payload.toString()}${retain ? " (retained)" : ""}`),
			)
			.on("error", (error) => {
				this.refusal = error.message;
			})
			.on("close", () => {
				this.gone = true;
			});
	}

	async connected(): Promise<this> {
		await until("connected or refused", () => this.mqtt.connected || this.gone);
		assert.isTrue(this.mqtt.connected, this.refusal ?? "ended");
		return this;
	}

	async refused(): Promise<void> {
		await until("refused", () => this.gone);
		assert.isFalse(this.mqtt.connected);
	}

	/** Whether the broker grants it. */
	async subscribe(...topics: string[]): Promise<boolean[]> {
		return new Promise((resolve) =>
			this.mqtt.subscribe(topics, { qos: 1 }, (_, granted, packet) => {
				const codes = packet?.granted ?? granted?.map(({ qos }) => qos) ?? [];
				resolve(codes.map((code) => Number(code) < 128));
			}),
		);
	}
}

for (const [name, start] of [
	["the embedded broker", embedded],
	["Mosquitto with our files", mosquitto],
] as const)
	describe(`doors and site over ${name}`, () => {
		let bearer: Bearer;
		let clients: Client[];
		let came: string[];

		beforeEach(async function () {
			bearer = await start(this);
			clients = [];
			came = [];
			bearer.transport.onMessage = (topic, bytes) => came.push(`${topic} ${Buffer.from(bytes).toString()}`);
		});

		afterEach(async () => {
			for (const { mqtt: client } of clients) client.end(true);
			await bearer?.stop();
		});

		const client = (door: string, options?: IClientOptions): Client => {
			const one = new Client(bearer.port, door, options);
			clients.push(one);
			return one;
		};

		it("carries a door's frames up, and the site's down to that door alone", async () => {
			const front = await client("FRONT").connected();
			const back = await client("BACK").connected();
			await front.subscribe(`l1/${LEVEL}/FRONT/d`);
			await back.subscribe(`l1/${LEVEL}/BACK/d`);
			front.mqtt.publish(`l1/${LEVEL}/FRONT/u`, "hello", { qos: 1 });
			await until("the site hears it", () => came.length > 0);
			assert.deepEqual(came, [`l1/${LEVEL}/FRONT/u hello`]);
			bearer.transport.publish(`l1/${LEVEL}/FRONT/d`, Buffer.from("1"), false);
			bearer.transport.publish(`l1/${LEVEL}/BACK/d`, Buffer.from("2"), false);
			await until("both hear theirs", () => front.heard.length > 0 && back.heard.length > 0);
			assert.deepEqual(front.heard, [`l1/${LEVEL}/FRONT/d 1`]);
			assert.deepEqual(back.heard, [`l1/${LEVEL}/BACK/d 2`]);
		});

		it("keeps the newest of a retained topic for doors that come later", async () => {
			bearer.transport.publish(`l1/${LEVEL}/trust`, Buffer.from("old"), true);
			bearer.transport.publish(`l1/${LEVEL}/trust`, Buffer.from("new"), true);
			const first = await client("FRONT").connected();
			const heard = (): boolean => first.heard.includes(`l1/${LEVEL}/trust new (retained)`);
			// A real broker may not have it yet.
			while (!heard()) {
				await first.subscribe(`l1/${LEVEL}/trust`);
				await until("something comes", () => first.heard.length > 0);
			}
		});

		it("lets in nobody without the door's own password, and no name but the door's", async () => {
			await client("FRONT", { password: passwordOf("BACK", 5) }).refused();
			await client("FRONT", { password: `${passwordOf("FRONT", 5)}x` }).refused();
			await client("FRONT", { username: "" }).refused();
			await client("OTHER").refused();
			await client("FRONT", { username: "FRONT" }).refused();
			await client("+", { username: `${LEVEL}/+` }).refused();
			await client("FRONT").connected();
		});

		it("passes on nothing that a door says in another's name, or for the broker to keep", async () => {
			const bad = async (topic: string, retain: boolean): Promise<void> => {
				const one = await client("FRONT").connected();
				one.mqtt.on("error", () => {}).publish(topic, "evil", { qos: 0, retain });
				// What the same connection says after it is read after it, if at all.
				one.mqtt.publish(`l1/${LEVEL}/FRONT/u`, "after", { qos: 0 });
				one.mqtt.end();
				await until("the connection is over", () => one.gone);
			};
			const back = await client("BACK").connected();
			await back.subscribe(`l1/${LEVEL}/BACK/d`, `l1/${LEVEL}/trust`, `l1/${LEVEL}/revoked`);
			for (const topic of ["BACK/u", "BACK/d", "FRONT/d", "trust", "revoked", "lockdown"]) {
				await bad(`l1/${LEVEL}/${topic}`, false);
				await bad(`l1/${LEVEL}/${topic}`, true);
			}
			await bad("l1/OTHER/FRONT/u", false);
			await bad("$SYS/broker/x", false);
			back.mqtt.publish(`l1/${LEVEL}/BACK/u`, "good", { qos: 1 });
			await until("the good one", () => came.includes(`l1/${LEVEL}/BACK/u good`));
			assert.deepEqual(
				came.filter((message) => message.includes("evil")),
				[],
			);
			bearer.transport.publish(`l1/${LEVEL}/BACK/d`, Buffer.from("good"), false);
			await until("the door hears the site", () => back.heard.length > 0);
			assert.deepEqual(back.heard, [`l1/${LEVEL}/BACK/d good`]);
		});

		it("lets a door hear its own topic and the site's three, and no other", async () => {
			const front = await client("FRONT").connected();
			const evil = [
				`l1/${LEVEL}/BACK/d`,
				`l1/${LEVEL}/BACK/u`,
				"#",
				`l1/${LEVEL}/+/d`,
				`l1/${LEVEL}/#`,
				"$SYS/#",
			];
			await front.subscribe(...evil);
			await front.subscribe(`l1/${LEVEL}/FRONT/d`);
			const back = await client("BACK").connected();
			back.mqtt.publish(`l1/${LEVEL}/BACK/u`, "secret", { qos: 1 });
			await until("the site has it", () => came.length > 0);
			bearer.transport.publish(`l1/${LEVEL}/BACK/d`, Buffer.from("secret"), false);
			bearer.transport.publish(`l1/${LEVEL}/FRONT/d`, Buffer.from("mine"), false);
			await until("its own comes", () => front.heard.length > 0);
			assert.deepEqual(front.heard, [`l1/${LEVEL}/FRONT/d mine`]);
		});

		it("gives a door's name to who came last", async () => {
			const first = await client("FRONT").connected();
			const second = await client("FRONT").connected();
			await until("the first is out", () => first.gone);
			assert.isTrue(second.mqtt.connected);
		});
	});

describe("the embedded broker's bounds", () => {
	let broker: EmbeddedBroker;
	let epoch: number;
	let doors: string[];

	beforeEach(async () => {
		epoch = 5;
		doors = [...DOORS];
		broker = await EmbeddedBroker.open({
			host: "127.0.0.1",
			port: 0,
			secret: () => secretOf(epoch),
		});
		broker.knows = (door) => doors.includes(door);
	});
	afterEach(() => broker.close());

	/** All that the broker answers until it ends the connection. */
	const raw = (...bytes: Uint8Array[]): Promise<Buffer> =>
		new Promise((resolve) => {
			const answer: Buffer[] = [];
			const socket = connect(broker.port, "127.0.0.1", () => {
				for (const one of bytes) socket.write(one);
			});
			socket
				.on("data", (data) => answer.push(data))
				.on("error", () => {})
				.on("close", () => resolve(Buffer.concat(answer)));
		});

	it("takes the passwords of this epoch and of the one before, and of no other", async () => {
		for (const [given, good] of [
			[3, false],
			[4, true],
			[5, true],
			[6, false],
		] as const) {
			const one = new Client(broker.port, "FRONT", { password: passwordOf("FRONT", given) });
			await (good ? one.connected() : one.refused());
			one.mqtt.end(true);
		}
		epoch = 6;
		const old = new Client(broker.port, "FRONT", { password: passwordOf("FRONT", 4) });
		await old.refused();
	});

	it("ends a connection at the head of a packet that is too long, before or after it is known", async () => {
		// PUBLISH of 256 MB less one byte, of which one comes.
		assert.lengthOf(await raw(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f, 0)), 0);
		// A length of five bytes, which there is not.
		assert.lengthOf(await raw(Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80, 0x01)), 0);
		const one = await new Client(broker.port, "FRONT").connected();
		one.mqtt.on("error", () => {}).publish(`l1/${LEVEL}/FRONT/u`, Buffer.alloc(4096), { qos: 0 });
		await until("ended", () => one.gone);
		const two = await new Client(broker.port, "FRONT").connected();
		two.mqtt.on("error", () => {}).publish(`l1/${LEVEL}/FRONT/u`, Buffer.alloc(MAX_FRAME + 1), { qos: 0 });
		await until("ended", () => two.gone);
	});

	it("keeps nothing for a door that is away: no session of before, no last will, no QoS 2", async () => {
		await new Client(broker.port, "FRONT", { clean: false }).refused();
		const will = {
			topic: `l1/${LEVEL}/FRONT/u`,
			payload: Buffer.from("will"),
			qos: 0,
			retain: false,
		} as const;
		await new Client(broker.port, "FRONT", { will }).refused();
		const one = await new Client(broker.port, "FRONT").connected();
		one.mqtt.on("error", () => {}).publish(`l1/${LEVEL}/FRONT/u`, "x", { qos: 2 });
		await until("ended", () => one.gone);
		broker.publish(`l1/${LEVEL}/FRONT/d`, Buffer.from("missed"), false);
		const two = await new Client(broker.port, "FRONT").connected();
		await two.subscribe(`l1/${LEVEL}/FRONT/d`);
		broker.publish(`l1/${LEVEL}/FRONT/d`, Buffer.from("now"), false);
		await until("it hears the site", () => two.heard.length > 0);
		assert.deepEqual(two.heard, [`l1/${LEVEL}/FRONT/d now`]);
		two.mqtt.end(true);
	});

	it("goes on where all doors go while much is said to them", async () => {
		const front = await new Client(broker.port, "FRONT").connected();
		await front.subscribe(`l1/${LEVEL}/FRONT/d`);
		const down = (door: string): void => broker.publish(`l1/${LEVEL}/${door}/d`, Buffer.from("1"), false);
		for (let n = 0; n < 200; n++) down("FRONT");
		// These have nobody who hears them.
		for (let n = 0; n < 30_000; n++) down("BACK");
		await until("all is said", () => broker.queued === 0);
		await until("the door has heard its own", () => front.heard.length === 200);
		front.mqtt.end(true);
	});

	it("reads a flood slowly, and loses nothing of it", async () => {
		let came = 0;
		broker.onMessage = () => came++;
		const one = await new Client(broker.port, "FRONT").connected();
		const began = performance.now();
		const frame = Buffer.alloc(MAX_FRAME);
		for (let i = 0; i < 600; i++) one.mqtt.publish(`l1/${LEVEL}/FRONT/u`, frame, { qos: 0 });
		await until("all come", () => came === 600);
		// 400 at once, then 100 a second, counted by what a socket reads at once: a slow computer is slower anyway.
		assert.isAbove(performance.now() - began, 1000);
		one.mqtt.end(true);
	});

	it("drops a door that is none any more, and takes it no longer", async () => {
		const one = await new Client(broker.port, "FRONT").connected();
		assert.equal(broker.connections, 1);
		assert.deepEqual([broker.isConnected("FRONT"), broker.isConnected("BACK")], [true, false]);
		doors = ["BACK"];
		broker.drop("FRONT");
		await until("out", () => one.gone);
		await new Client(broker.port, "FRONT").refused();
		assert.equal(broker.connections, 0);
	});

	it("says where it cannot listen", async () => {
		const options = { host: "127.0.0.1", port: broker.port, secret: () => secretOf(5) };
		const error = await EmbeddedBroker.open(options).catch((reason: NodeJS.ErrnoException) => reason);
		assert.propertyVal(error, "code", "EADDRINUSE");
	});
});

describe("a site's connection to a broker that others run", () => {
	it("comes back with the broker, hears its doors again and says what is retained once more", async function () {
		const users = {
			site: SITE,
			serverPassword: "secret",
			doors: [{ door: "FRONT", password: passwordOf("FRONT", 5) }],
		};
		const files = { passwords: passwordFile(users), rules: aclFile(users) };
		const first = await startMosquitto(this, files);
		const url = new URL(`mqtt://127.0.0.1:${first.port}`);
		const transport = new ExternalBroker({ url, site: SITE, password: "secret" });
		const states: boolean[] = [];
		transport.onState = ({ connected }) => states.push(connected);
		const came: string[] = [];
		transport.onMessage = (_, bytes) => came.push(Buffer.from(bytes).toString());
		await until("connected", () => transport.state.connected);
		transport.publish(`l1/${LEVEL}/trust`, Buffer.from("list"), true);
		await first.stop();
		await until("lost", () => !transport.state.connected);
		transport.publish(`l1/${LEVEL}/FRONT/d`, Buffer.from("lost"), false);
		const second = await startMosquitto(this, files, first.port);
		await until("back", () => transport.state.connected);
		const door = await new Client(second.port, "FRONT").connected();
		await door.subscribe(`l1/${LEVEL}/trust`, `l1/${LEVEL}/FRONT/d`);
		await until("the list", () => door.heard.length > 0);
		assert.match(door.heard[0]!, /trust list/);
		door.mqtt.publish(`l1/${LEVEL}/FRONT/u`, "hello", { qos: 1 });
		await until("the site hears it", () => came.length > 0);
		assert.lengthOf(
			door.heard.filter((message) => message.includes("lost")),
			0,
		);
		assert.deepEqual(states.slice(0, 2), [true, false]);
		door.mqtt.end(true);
		await transport.close();
		await second.stop();
	});

	it("passes over what is too long, also where a door has it retained: the other doors are heard", async function () {
		const users = {
			site: SITE,
			serverPassword: "secret",
			doors: DOORS.map((door) => ({ door, password: passwordOf(door, 5) })),
		};
		const broker = await startMosquitto(this, { passwords: passwordFile(users), rules: aclFile(users) });
		const evil = await new Client(broker.port, "FRONT").connected();
		for (const length of [5000, 300_000])
			await evil.mqtt.publishAsync(`l1/${LEVEL}/FRONT/u`, Buffer.alloc(length), { qos: 1, retain: true });
		const url = new URL(`mqtt://127.0.0.1:${broker.port}`);
		const transport = new ExternalBroker({ url, site: SITE, password: "secret" });
		const states: boolean[] = [];
		transport.onState = ({ connected }) => states.push(connected);
		const came: string[] = [];
		transport.onMessage = (topic, bytes) => came.push(`${topic} ${bytes.length}`);
		await until("connected", () => transport.state.connected);
		const back = await new Client(broker.port, "BACK").connected();
		// More than a broker has under way to one client.
		for (let i = 0; i < 30; i++)
			await evil.mqtt.publishAsync(`l1/${LEVEL}/FRONT/u`, Buffer.alloc(MAX_FRAME + 300), { qos: 1 });
		back.mqtt.publish(`l1/${LEVEL}/BACK/u`, "hello", { qos: 1 });
		await until("the other door is heard", () => came.length > 0);
		assert.deepEqual([came, states], [[`l1/${LEVEL}/BACK/u 5`], [true]]);
		for (const one of [evil, back]) one.mqtt.end(true);
		await transport.close();
		await broker.stop();
	});

	it("hears what the broker has retained of before, for a server that was restored", async function () {
		const users = { site: SITE, serverPassword: "secret", doors: [] };
		const broker = await startMosquitto(this, { passwords: passwordFile(users), rules: aclFile(users) });
		const url = new URL(`mqtt://127.0.0.1:${broker.port}`);
		const options = { url, site: SITE, password: "secret" };
		const topic = `l1/${LEVEL}/revoked`;
		const before = new ExternalBroker(options);
		before.publish(topic, Buffer.from("a notice"), true);
		await until("it is there", () => before.state.connected && before.queued === 0);
		await before.close();
		const heard: string[] = [];
		const early = new ExternalBroker(options);
		early.hear(topic, (bytes) => heard.push(Buffer.from(bytes).toString()));
		await until("it is heard", () => heard.length === 1);
		early.hear(topic, (bytes) => heard.push(Buffer.from(bytes).toString()));
		await until("it is heard again", () => heard.length === 2);
		assert.deepEqual(heard, ["a notice", "a notice"]);
		await early.close();
		await broker.stop();
	});

	it("says in words that the broker refuses it", async function () {
		const users = { site: SITE, serverPassword: "secret", doors: [] };
		const broker = await startMosquitto(this, { passwords: passwordFile(users), rules: aclFile(users) });
		const url = new URL(`mqtt://127.0.0.1:${broker.port}`);
		const transport = new ExternalBroker({ url, site: SITE, password: "wrong" });
		await until("refused", () => transport.state.reason !== "not yet");
		assert.deepInclude(transport.state, {
			connected: false,
			reason: "the broker refuses the server's name or password",
		});
		await transport.close();
		await broker.stop();
	});
});
