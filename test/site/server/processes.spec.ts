// SPDX-License-Identifier: Apache-2.0

/** Two processes of one site, on PostgreSQL and Mosquitto as Debian has them; doors are the firmware's. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { assert } from "chai";
import mqtt, { type MqttClient } from "mqtt";
import { toHex } from "../../../protocol/bytes.js";
import { openRevocation } from "../../../protocol/notice/revocation.js";
import { clientOf, topicRevoked } from "../../../protocol/sync/topics.js";
import { writeKeys } from "../../../site/lib/keys.js";
import { aclFile, passwordFile } from "../../../site/server/broker/mosquitto.js";
import { type BrokerSecret, brokerPassword } from "../../../site/server/broker/passwords.js";
import { brokerSecret, serverPassword } from "../../../site/server/brokers.js";
import { openStore, type SiteStore } from "../../../site/server/store/store.js";
import { root } from "../../support/host.js";
import { freePort, type Mosquitto, startMosquitto } from "../../support/mosquitto.js";
import { Postgres } from "../../support/postgres.js";
import { until } from "../../support/until.js";
import { TestReader } from "./test-reader.js";
import { DAY, TestSite } from "./test-site.js";

const DOORS = ["A1", "A2", "B1", "B2", "C1", "C2"];
const ADA = "2b7d9ce0114f6685";
const BEN = "00112233445566aa";
/** A session lasts for so long, whatever a broker says, ms. */
const DOUBT_MS = 60_000;

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the spec looks at
type Body = any;

const now = (): number => Math.floor(Date.now() / 1000);
const newId = (): string => randomBytes(8).toString("hex");

/** `lintel site serve` in a process of its own. */
class Server {
	readonly #child: ChildProcess;
	readonly ended: Promise<void>;
	said = "";

	constructor(site: TestSite, name: string, store: string, broker: string, seeds: Uint8Array[]) {
		const key = join(site.folder, `${name}.json`);
		writeKeys(key, seeds, site.keys);
		const args = ["site", "serve", "--site-key", key, "--data", join(site.folder, name), "--port", "0"];
		this.#child = spawn(
			process.execPath,
			[join(root, "bin/lintel.js"), ...args, "--store", store, "--mqtt", broker],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		for (const stream of [this.#child.stdout!, this.#child.stderr!])
			stream.on("data", (bytes: Buffer) => {
				this.said += bytes.toString();
			});
		this.ended = new Promise((resolve) => this.#child.once("close", () => resolve()));
	}

	async runs(): Promise<this> {
		await until(
			"it runs",
			() => /doors by/.test(this.said) || this.#child.exitCode !== null,
			() => this.said,
		);
		return this;
	}

	get url(): string {
		return /https?:\/\/\S+?:\d+/.exec(this.said)?.[0] ?? assert.fail(this.said);
	}

	async kill(signal: NodeJS.Signals): Promise<void> {
		this.#child.kill(signal);
		await this.ended;
	}
}

describe("three processes of one site", function () {
	this.timeout(180_000);
	let postgres: Postgres;
	let broker: Mosquitto;
	let store: SiteStore;
	let secret: BrokerSecret;
	let listener: MqttClient;
	let token: string;
	const site = new TestSite(now() - 2 * DAY);
	const servers: Server[] = [];
	const readers: TestReader[] = [];
	/** Signed notices by their sequence, as they came at the broker. */
	const notices = new Map<number, Set<string>>();

	const ask = async (server: Server, method: string, path: string, body?: object): Promise<Body> => {
		const response = await fetch(server.url + path, {
			method,
			headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
			...(body && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		assert.isBelow(response.status, 300, `${method} ${path}: ${text}`);
		return text.startsWith("{") ? JSON.parse(text) : text;
	};
	const doors = async (server: Server): Promise<Body[]> => (await ask(server, "GET", "/api/doors")).doors;
	const sessions = async (server: Server): Promise<number> =>
		Number(/^lintel_sessions (\d+)$/m.exec(await ask(server, "GET", "/metrics"))![1]);
	/** Until a server says so of its doors. */
	const become = async (server: Server, what: string, met: (doors: Body[]) => unknown): Promise<void> => {
		for (
			let last = await doors(server), end = Date.now() + 500_000;
			!(await met(last));
			last = await doors(server)
		) {
			if (Date.now() > end) throw new Error(`not in time: ${what}: ${JSON.stringify(last)}; ${server.said}`);
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	};
	const inSession = async (): Promise<number> =>
		(await Promise.all(servers.map(sessions))).reduce((sum, count) => sum + count, 0);
	const all = (state: string) => (list: Body[]) => list.every((door) => door.state === state);
	const addUser = (server: Server, name: string, id: string): Promise<Body> =>
		ask(server, "POST", "/api/users", { name, accessPlans: ["all"], credentials: [{ id }] });

	before(async function () {
		postgres = await Postgres.start(this);
		const url = await postgres.database();
		const port = await freePort();
		const start = (name: string): Promise<Server> =>
			new Server(site, name, url, `mqtt://127.0.0.1:${port}`, site.seeds).runs();
		servers.push(await start("first"));
		await until(
			"the owner's token",
			() => /lintel_\S{43}/.test(servers[0]!.said),
			() => servers[0]!.said,
		);
		token = /lintel_\S+/.exec(servers[0]!.said)![0];
		store = await openStore(url);
		secret = await brokerSecret(store, "ACME");
		const users = {
			site: "ACME",
			serverPassword: serverPassword(secret),
			doors: DOORS.map((door) => ({ door, password: brokerPassword(secret, door, secret.epoch) })),
		};
		const files = { passwords: passwordFile(users), rules: aclFile(users) };
		broker = await startMosquitto(this, files, port);
		for (const name of ["second", "third"]) servers.push(await start(name));
		for (const { said } of servers.slice(1)) assert.notInclude(said, "lintel_", "one owner's token for all");
		listener = mqtt.connect({
			...{ host: "127.0.0.1", port, protocolVersion: 4, clientId: "listener" },
			...{ username: clientOf("ACME", DOORS[0]!), password: users.doors[0]!.password },
		});
		listener.on("message", (_, bytes) => {
			const notice = openRevocation(bytes, site.keys.trust, "", site.crypto);
			if (typeof notice === "string") return;
			notices.set(notice.sequence, (notices.get(notice.sequence) ?? new Set()).add(toHex(bytes)));
		});
		listener.subscribe(topicRevoked("ACME"));
	});

	after(async () => {
		for (const reader of readers) reader.powerOff();
		for (const server of servers) await server.kill("SIGKILL");
		listener?.end(true);
		await store?.close();
		await broker?.stop();
		await postgres?.stop();
		await site.end();
	});

	it("have each its doors, and each tells of all: registered at one, edited at the other", async () => {
		const [first, second] = servers as [Server, Server];
		for (const door of DOORS) {
			const reader = new TestReader(site, door);
			const { server } = await ask(first, "POST", "/api/doors", {
				...{ door, name: door, key: reader.key, readerId: reader.readerId },
			});
			reader.commission(server);
			readers.push(reader);
		}
		await ask(second, "PUT", "/api/plan", {
			...{ site: "ACME", timeZone: "UTC0", accessPlans: { all: [{ schedule: "always" }] } },
			doors: Object.fromEntries(DOORS.map((door) => [door, {}])),
			users: [
				{ name: "Ada", accessPlans: ["all"], credentials: [{ id: ADA }] },
				{ name: "Ben", accessPlans: ["all"], credentials: [{ id: BEN }] },
			],
		});
		for (const reader of readers) reader.powerOn();
		for (const server of servers) await become(server, "all have it", all("has-it"));
		assert.deepEqual(
			readers.map((reader) => reader.tap(BEN)),
			readers.map(() => "granted"),
		);
		assert.equal(await inSession(), DOORS.length);
	});

	it("command each other's doors", async () => {
		for (const server of servers)
			for (const door of DOORS) {
				await become(server, "its clock is set", (list) =>
					Number.isInteger(list.find(({ id }) => id === door).time?.clock),
				);
				const path = `/api/doors/${door}/commands`;
				assert.deepEqual(await ask(server, "POST", path, { what: "identify" }), { result: "done" });
			}
	});

	it("are edited all at once: nothing is lost, no notice and no plan has a number twice", async () => {
		const ids = Array.from({ length: 8 }, newId);
		const made = await Promise.all(
			ids.map((id, i) => addUser(servers[i % servers.length]!, `User ${i}`, id)),
		);
		for (const server of servers) {
			const { users } = await ask(server, "GET", "/api/users?search=User");
			assert.lengthOf(users, ids.length);
		}
		// Each is revoked at the process that did not make it.
		await Promise.all(
			ids.map((id, i) =>
				ask(servers[(i + 1) % servers.length]!, "DELETE", `/api/users/${made[i].id}/credentials/${id}`),
			),
		);
		for (const server of servers) await become(server, "all have it", all("has-it"));
		for (const id of ids) for (const reader of readers) assert.notEqual(reader.tap(id), "granted");
	});

	it("one is killed: its doors are back, and edits go on", async () => {
		const counts = await Promise.all(servers.map(sessions));
		const [killed] = servers.splice(counts.indexOf(Math.max(...counts)), 1);
		const [left] = servers as [Server];
		const before = await inSession();
		for (const reader of readers) reader.ahead = DOUBT_MS;
		await killed!.kill("SIGKILL");
		// Into the log while no process takes it.
		for (const reader of readers) assert.equal(reader.tap(ADA), "granted");
		const { users } = await ask(left, "GET", "/api/users?search=ben");
		await ask(left, "DELETE", `/api/users/${users[0].id}/credentials/${BEN}`);
		await until("Ben is out everywhere", () => readers.every((reader) => reader.tap(BEN) === "revoked"));
		const carl = newId();
		await addUser(left, "Carl", carl);
		await become(
			left,
			"all are back",
			async (list) => all("has-it")(list) && (await inSession()) === DOORS.length,
		);
		assert.isBelow(before, DOORS.length);
		await until("Carl is in", () => readers.every((reader) => reader.tap(carl) === "granted"));
	});

	it("and nothing was lost or doubled", async () => {
		const [left] = servers as [Server];
		await become(left, "the logs are here", (list) => list.every(({ log }) => log.here >= log.there));
		for (const { id: door, reader } of await store.doors.list()) {
			const rows = await store.log.rows({ door, forward: true, limit: 10_000 });
			const serials = rows.map(({ serial }) => serial);
			assert.deepEqual(
				serials,
				Array.from(serials, (_, i) => i + 1),
				`reader ${reader?.id}`,
			);
		}
		const plans = (await store.feed.after(0, 100_000))
			.filter(({ kind }) => kind === "plan")
			.map(({ body, door }) => `${door} ${JSON.stringify(body)}`);
		assert.lengthOf(new Set(plans), plans.length);
		for (const [sequence, signed] of notices) assert.lengthOf([...signed], 1, `notice ${sequence}`);
		assert.isAbove(notices.size, 1);
		const kept = await store.notices.after(site.keys.trust.epoch, 0);
		assert.deepEqual(
			kept.map(({ sequence }) => sequence),
			Array.from(kept, (_, i) => i + 1),
		);
		for (const { envelope, sequence } of kept)
			for (const other of notices.get(sequence) ?? []) assert.equal(other, toHex(envelope));
	});
});
