// SPDX-License-Identifier: Apache-2.0

/** A site's doors at a broker of their owner, which is aedes over TCP; in Home Assistant's place `mqtt` of npm. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import { assert } from "chai";
import mqtt, { type MqttClient } from "mqtt";
import { EVENTS } from "../../../../protocol/events.js";
import { HomeAssistant, originId } from "../../../../site/server/home-assistant/bridge.js";
import { homeAssistantOptions } from "../../../../site/server/home-assistant/options.js";
import type {
	Asked,
	DoorRecord,
	DoorWatcher,
	Origin,
	SiteDoor,
	SiteDoors,
} from "../../../../site/server/home-assistant/site-doors.js";
import { until } from "../../../support/until.js";

const CONFIG = (door: string): string => `homeassistant/device/lintel_ACME__${door}/config`;
const TOPIC = (door: string, what: string): string => `lintel/ACME/${door}/${what}`;

function record(kind: number, person?: string): DoorRecord {
	return {
		...{ kind, detail: 0, value: 0, time: 1_780_000_000, trust: "synced", reader: 1 },
		...{ received: 1_780_000_000, person },
	};
}

/** What a server knows, in its place. */
class Doors implements SiteDoors {
	doors: SiteDoor[] = [
		{ id: "FRONT", name: "Front door", online: true },
		{ id: "BACK", name: "Back door", online: false },
	];
	readonly records = new Map<string, DoorRecord[]>();
	readonly commands: [door: string, asked: Asked, by: Origin][] = [];
	refusal: string | null = null;
	/** Before `recent` answers. */
	slow: Promise<void> | undefined;
	watchers = 0;
	#watcher: DoorWatcher | undefined;

	list(): readonly SiteDoor[] {
		return this.doors;
	}

	async recent(door: string): Promise<readonly DoorRecord[]> {
		const records = [...(this.records.get(door) ?? [])];
		await this.slow;
		return records;
	}

	watch(watcher: DoorWatcher): () => void {
		this.#watcher = watcher;
		this.watchers++;
		return () => {
			this.watchers--;
		};
	}

	async command(door: string, asked: Asked, by: Origin): Promise<string | null> {
		this.commands.push([door, asked, by]);
		return this.refusal;
	}

	record(door: string, one: DoorRecord): void {
		this.records.set(door, [...(this.records.get(door) ?? []), one]);
		this.#watcher?.recorded(door, one);
	}

	change(door: string, to: SiteDoor | undefined): void {
		this.doors = [...this.doors.filter(({ id }) => id !== door), ...(to ? [to] : [])];
		this.#watcher?.changed(door);
	}
}

describe("a site's doors at Home Assistant's broker", () => {
	let doors: Doors;
	let broker: Aedes;
	let server: Server;
	let bridge: HomeAssistant | undefined;
	let other: MqttClient;
	let sockets: Set<Socket>;
	/** The broker's end of the connection of `other`. */
	let others: Socket;
	let now: number;
	/** What stands at the broker, by topic. */
	let kept: Map<string, string>;
	/** What came while it was looked at. */
	let came: string[];

	beforeEach(async () => {
		doors = new Doors();
		now = 0;
		broker = await Aedes.createBroker();
		sockets = new Set();
		server = createServer((socket) => {
			sockets.add(socket);
			broker.handle(socket);
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		kept = new Map();
		came = [];
		other = await mqtt.connectAsync(address().href, { protocolVersion: 4 });
		others = [...sockets][0]!;
		other.on("message", (topic, payload) => {
			came.push(`${topic} ${payload}`);
			if (payload.length === 0) kept.delete(topic);
			else kept.set(topic, payload.toString());
		});
		await other.subscribeAsync(["homeassistant/device/#", "lintel/#"], { qos: 1 });
	});

	afterEach(async () => {
		await bridge?.close();
		bridge = undefined;
		await other.endAsync(true);
		await new Promise<void>((resolve) => broker.close(() => resolve()));
		server.close();
	});

	function address(): URL {
		return new URL(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`);
	}

	function begin(more: { commands?: string[]; people?: boolean } = {}): HomeAssistant {
		const options = homeAssistantOptions("ACME", { url: address().href, ...more });
		bridge = new HomeAssistant(
			options,
			doors,
			(line) => assert.fail(line),
			() => now,
		);
		return bridge;
	}

	const config = (door: string): { components: Record<string, object> } =>
		JSON.parse(kept.get(CONFIG(door)) ?? "{}");
	const state = (door: string): Record<string, string> => JSON.parse(kept.get(TOPIC(door, "state")) ?? "{}");
	const stands = (topic: string, payload: string): Promise<void> =>
		until(
			`${topic} is ${payload}`,
			() => kept.get(topic) === payload,
			() => String(kept.get(topic)),
		);
	const stated = (door: string, field: string, value: string): Promise<void> =>
		until(
			`${field} of ${door} is ${value}`,
			() => state(door)[field] === value,
			() => JSON.stringify(state(door)),
		);
	const send = (door: string, payload: string, retain = false): Promise<unknown> =>
		other.publishAsync(TOPIC(door, "command"), payload, { qos: 1, retain });

	/** All that was sent before has been heard: the bridge hears its own last. */
	async function settled(): Promise<void> {
		doors.change("FRONT", { id: "FRONT", name: `Front ${now++}`, online: true });
		const name = doors.doors.find(({ id }) => id === "FRONT")!.name;
		await until("the bridge goes on", () => (kept.get(CONFIG("FRONT")) ?? "").includes(`"${name}"`));
	}

	it("are discovered, with their states, and say when they and their server are there", async () => {
		doors.record("FRONT", record(EVENTS.restart));
		doors.record("FRONT", record(EVENTS["door-opened"]));
		doors.record("FRONT", record(EVENTS.decision, "Ada"));
		begin();
		await stands("lintel/ACME/server", "online");
		await stands(TOPIC("FRONT", "online"), "online");
		await stands(TOPIC("BACK", "online"), "offline");
		await stated("FRONT", "contact", "ON");
		assert.deepInclude(state("FRONT"), { unlocked: "OFF", forced: "OFF" });
		assert.equal(state("BACK").contact, "None");
		assert.property(config("FRONT").components, "unlocked");
		assert.notInclude(came.join(), "Ada", "no names unless the site allows");
		assert.notInclude(came.join(), "command_topic");
		doors.record("FRONT", record(EVENTS.forced));
		await stated("FRONT", "forced", "ON");
		doors.change("BACK", { id: "BACK", name: "Back door", online: true });
		await stands(TOPIC("BACK", "online"), "online");
	});

	it("are there for those who come later, and unavailable once the server ends or is cut off", async () => {
		const first = begin();
		await stands(TOPIC("FRONT", "online"), "online");
		const late = await mqtt.connectAsync(address().href, { protocolVersion: 4 });
		const seen: string[] = [];
		late.on("message", (topic, _, { retain }) => seen.push(`${topic} ${retain}`));
		await late.subscribeAsync("#", { qos: 1 });
		await until("what is kept came", () => seen.length >= 7);
		assert.includeMembers(seen, [
			`${CONFIG("FRONT")} true`,
			`${TOPIC("FRONT", "state")} true`,
			"lintel/ACME/server true",
		]);
		await late.endAsync(true);
		await first.close();
		bridge = undefined;
		await stands("lintel/ACME/server", "offline");
		assert.equal(doors.watchers, 0);
		begin();
		await stands("lintel/ACME/server", "online");
		// Its connection goes without a word: the broker says so by its last will.
		for (const socket of sockets) if (socket !== others) socket.destroy();
		await until("the last will was told", () => came.includes("lintel/ACME/server offline"));
	});

	it("name the last person where the site allows it", async () => {
		doors.record("FRONT", record(EVENTS.decision, "Ada"));
		begin({ people: true });
		await stated("FRONT", "person", "Ada");
		assert.property(config("FRONT").components, "person");
	});

	it("take commands where they were opted in, one after the other, by the server's rules, with where they come from", async () => {
		begin({ commands: ["FRONT"] });
		await stands(TOPIC("FRONT", "online"), "online");
		assert.property(config("FRONT").components, "lock");
		assert.notProperty(config("BACK").components, "lock");
		for (const [payload, asked] of [
			["OPEN", "open"],
			["UNLOCK", "open"],
			["LOCK", "lock"],
			["NORMAL", "normal"],
		] as const) {
			now += 60_000;
			const before = doors.commands.length;
			await send("FRONT", payload);
			await until("the server was asked", () => doors.commands.length > before);
			assert.deepEqual(doors.commands.at(-1), [
				"FRONT",
				asked,
				{ id: originId("ACME"), name: "home-assistant" },
			]);
		}
		assert.match(originId("ACME"), /^[0-9a-f]{16}$/);
		const answer = `${TOPIC("FRONT", "answer")} {"command":"open","done":true,"refused":null}`;
		await until("the answer came", () => came.includes(answer));
		doors.refusal = "the door is locked down";
		now += 60_000;
		await send("FRONT", "OPEN");
		await until("the refusal came", () =>
			came.some((line) => line.includes('"refused":"the door is locked down"')),
		);
	});

	it("hear no command where they were not opted in, and no text that is none", async () => {
		const one = begin({ commands: ["FRONT"] });
		await stands(TOPIC("FRONT", "online"), "online");
		await send("BACK", "OPEN");
		for (const payload of ["open", "OPEN ", "", "constructor", "toString", "UNLOCK\n", "O".repeat(200)])
			await send("FRONT", payload);
		await other.publishAsync("lintel/OTHER/FRONT/command", "OPEN", { qos: 1 });
		await settled();
		assert.deepEqual(doors.commands, []);
		assert.equal(one.dropped, 7);
	});

	it("ignore a command that the broker has kept", async () => {
		await send("FRONT", "OPEN", true);
		const one = begin({ commands: ["FRONT"] });
		await stands(TOPIC("FRONT", "online"), "online");
		await until("it came", () => one.dropped === 1);
		assert.deepEqual(doors.commands, []);
	});

	it("take only so many commands, each door by itself and all together", async () => {
		doors.doors = Array.from({ length: 5 }, (_, n) => ({ id: `D${n}`, name: "", online: true }));
		const one = begin({ commands: doors.doors.map(({ id }) => id) });
		for (const { id } of doors.doors) await stands(TOPIC(id, "online"), "online");
		const asked = (door: string): number => doors.commands.filter(([id]) => id === door).length;
		const all = (): number => doors.commands.length + one.dropped;
		for (let n = 0; n < 20; n++) await send("D0", "OPEN");
		await until("all came", () => all() === 20);
		assert.equal(asked("D0"), 3);
		for (const id of ["D1", "D2", "D3", "D4"]) for (let n = 0; n < 3; n++) await send(id, "OPEN");
		await until("all came", () => all() === 32);
		assert.equal(doors.commands.length, 10, "of 12 that their doors would have taken");
		now += 10_000;
		for (let n = 0; n < 3; n++) await send("D0", "OPEN");
		await until("all came", () => all() === 35);
		assert.equal(asked("D0"), 4, "one more in 10 s");
	});

	it("leave nothing at the broker where they are none any more", async () => {
		begin({ commands: ["BACK"] });
		await stands(TOPIC("BACK", "online"), "offline");
		doors.change("BACK", undefined);
		await until("it is gone", () => ![...kept.keys()].some((topic) => topic.includes("BACK")));
		await send("BACK", "OPEN");
		await settled();
		assert.deepEqual(doors.commands, []);
	});

	it("are said again where Home Assistant has started", async () => {
		begin();
		await stands(TOPIC("FRONT", "online"), "online");
		const times = (): number => came.filter((line) => line.startsWith(CONFIG("FRONT"))).length;
		const before = times();
		await other.publishAsync("homeassistant/status", "offline", { qos: 1 });
		await other.publishAsync("homeassistant/status", "online", { qos: 1 });
		await until("they are", () => times() > before);
	});

	it("keep no server from its end, though their broker answers nothing any more", async () => {
		const one = begin();
		await stands(TOPIC("FRONT", "online"), "online");
		for (const socket of sockets) if (socket !== others) socket.removeAllListeners("readable");
		await one.close();
		bridge = undefined;
		assert.isFalse(one.connected);
	});

	it("tell of a broker that is not there once, not at each try", async () => {
		const said: string[] = [];
		const options = homeAssistantOptions("ACME", { url: "mqtt://127.0.0.1:1" });
		const one = new HomeAssistant(options, doors, (line) => said.push(line));
		await until("it is told", () => said.length > 0);
		await one.close();
		assert.lengthOf(said, 1);
		assert.match(said[0]!, /ECONNREFUSED/);
	});

	it("lose no record that comes while older ones are looked for", async () => {
		doors.record("FRONT", record(EVENTS.forced));
		let found = (): void => {};
		doors.slow = new Promise((resolve) => {
			found = resolve;
		});
		begin();
		await stands("lintel/ACME/server", "online");
		doors.record("FRONT", record(EVENTS["forced-ended"]));
		doors.record("FRONT", record(EVENTS["door-closed"]));
		assert.deepEqual(state("FRONT"), {}, "nothing is said of a door before it is known");
		found();
		await stated("FRONT", "contact", "OFF");
		assert.equal(state("FRONT").forced, "OFF");
	});
});
