// SPDX-License-Identifier: Apache-2.0

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { LINK_SIZE, RECORD_SIZE } from "../../../protocol/log/record.js";
import type { Reason } from "../../../protocol/reasons.js";
import { clientOf, topicUp } from "../../../protocol/sync/topics.js";
import { SimBroker } from "../../../sim/broker.js";
import { SimRelay } from "../../../sim/door.js";
import { SimNetwork } from "../../../sim/network.js";
import { SeededRandom } from "../../../sim/random.js";
import { SimSite } from "../../../sim/site.js";
import { VirtualTime } from "../../../sim/time.js";
import type { SiteKeys } from "../../../site/lib/site-keys.js";
import { type Api, newApi } from "../../../site/server/api/app.js";
import { ROUTES } from "../../../site/server/api/routes.js";
import { newOwnerToken } from "../../../site/server/api/token.js";
import type { SiteTransport, TransportState } from "../../../site/server/broker/transport.js";
import { brokerSecret } from "../../../site/server/brokers.js";
import { openFolder } from "../../../site/server/data-folder.js";
import { NoticeFile } from "../../../site/server/notice-archive.js";
import { RunningSite } from "../../../site/server/running-site.js";
import { ServerKeys } from "../../../site/server/server-keys.js";
import { type Database, isRead, type Sql, type SqlValue } from "../../../site/server/store/database.js";
import type { FeedEvent } from "../../../site/server/store/feed.js";
import { SqliteDatabase } from "../../../site/server/store/sqlite.js";
import { SiteStore } from "../../../site/server/store/store.js";

import type { Device } from "../../../src/app/device.js";

import type { AuditLog } from "../../../src/log/log.js";
import { FleetDoor } from "../../../tools/fleet/fleet-door.js";
import type { Answer } from "./test-site.js";

export const crypto = new NodeCrypto();
export const HOUR = 3_600_000;
export const DAY_S = 86_400;
export const YEAR_S = 365 * DAY_S;
/** When stories begin: the trust list of practice is from the beginning of 2020, and a server's key lives 90 days from there. */
export const EPOCH = 1_577_836_800 + DAY_S;
const SERVER: ServerSettings = { host: "broker", port: 1883, password: "practice", spread: 1 };
const ADDRESS = "192.0.2.1";
/** Turns of the event loop in which nothing goes on: what has begun has ended. */
const QUIET_TURNS = 4;
/** What a server's folder has of its own after the process; the index beside the write-ahead log is made anew. */
const KEPT = ["site.db", "site.db-wal", "site.json", "notices"];

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is what a spec looks at
type Body = any;

/** What of a server runs; it is killed by being taken off the broker and its timers. */
interface Process {
	isAlive: boolean;
	/** It has run since it was last looked at. */
	isAwake: boolean;
	/** Statements and transactions that go on. */
	pending: number;
	readonly timers: Set<() => void>;
}

/**
 * A site whose server is the real one, on a store in a file, and whose doors are the firmware, with a broker between them, in simulated time.
 * The store takes none of that time: whenever the server has been woken, it comes to its end before time goes on.
 */
export class StorySite {
	readonly time = new VirtualTime();
	readonly broker = new SimBroker(this.time, 1);
	readonly site: SimSite;
	/** The server's own key. */
	readonly serverKey = crypto.ed25519KeyPair(new Uint8Array(32).fill(0x5c));
	/** Works on readers, away from the server. */
	readonly installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(0x1a));
	/** What the server could not do, and what it said of it. */
	readonly said: string[] = [];
	/** Its clock is ahead of the true time, s. */
	ahead = 0;
	folder: string;
	running!: RunningSite;
	store!: SiteStore;
	/** Before each statement that changes the server's store, and after each commit. */
	onStatement: (() => void) | undefined;
	readonly #root = mkdtempSync(join(tmpdir(), "lintel-story-"));
	readonly #random = new SeededRandom(7);
	#process!: Process;
	#api!: Api;
	#owner = "";
	#folders = 1;

	constructor({ keyEnds = EPOCH + 80 * DAY_S }: { keyEnds?: number } = {}) {
		const { publicKey } = this.serverKey;
		this.site = new SimSite(crypto, this.#random, "ACME", [
			{ publicKey, roles: ["issue", "sync", "plan"], days: 30, until: keyEnds },
			{ publicKey: this.installer.publicKey, roles: ["install"], until: keyEnds },
		]);
		this.folder = join(this.#root, "1");
	}

	/** A site at work, and the reader that is registered for its door FRONT, which is off. */
	static async withReader(): Promise<{ story: StorySite; reader: StoryReader }> {
		const story = new StorySite();
		await story.start();
		const reader = story.reader("FRONT");
		await story.register(reader);
		return { story, reader };
	}

	/** The true time, seconds since 1970. */
	get seconds(): number {
		return EPOCH + Math.floor(this.time.micros / 1_000_000);
	}

	/** As the server has them. */
	get keys(): SiteKeys {
		const { keys, id } = this.site;
		return { site: id, keys: [this.serverKey], lists: keys.lists, trust: keys.trust };
	}

	/** A commissioned reader of the site, which is off. One `seed`, one identity. */
	reader(door: string, seed = this.#random.uint32()): StoryReader {
		return new StoryReader(this, door, seed);
	}

	dice(): number {
		return this.#random.uint32();
	}

	/** The server's process starts on its folder. */
	async start(keys = this.keys): Promise<void> {
		const { folder } = this;
		const now = (): number => this.seconds + this.ahead;
		await (await openFolder(folder, keys.site, now())).close();
		const serverKeys = new ServerKeys(folder, keys, crypto);
		serverKeys.save();
		const process: Process = { isAlive: true, isAwake: true, pending: 0, timers: new Set() };
		this.#process = process;
		const database = new SqliteDatabase(join(folder, "site.db"));
		this.store = await SiteStore.open(
			new WatchedDatabase(database, process, () => {
				if (process.isAlive) this.onStatement?.();
			}),
		);
		const { store } = this;
		const log = (line: string): void => {
			if (process.isAlive) this.said.push(line);
		};
		this.running = await RunningSite.open({
			...{ store, log, now, keys: serverKeys, archive: new NoticeFile(join(folder, "notices")) },
			transport: new SimTransport(this.broker, keys.site, process),
			broker: { host: SERVER.host, port: SERVER.port, secret: await brokerSecret(store, keys.site) },
			clock: {
				now: () => this.time.now(),
				after: (ms, run) => this.#after(process, ms, run),
			},
		});
		this.#api = await newApi(this.running, ROUTES, (error) => log(String(error)));
		this.#owner = await newOwnerToken(store);
		await this.settle();
	}

	/** Ends as by a signal. */
	async stop(): Promise<void> {
		await this.#api.close();
		await this.running.close();
		await this.#end();
	}

	/**
	 * The process is gone at this moment, in the middle of whatever it did; what it left on the disk is the next one's folder. What it
	 * still does in its own folder concerns nothing.
	 */
	kill(): void {
		this.#process.isAlive = false;
		const before = this.folder;
		this.folder = join(this.#root, String(++this.#folders));
		mkdirSync(this.folder);
		for (const name of KEPT)
			if (existsSync(join(before, name))) copyFileSync(join(before, name), join(this.folder, name));
	}

	/** The next one starts. */
	async startAgain(keys = this.keys): Promise<void> {
		await this.settle();
		await this.#api.close();
		await this.running.close();
		await this.#end();
		await this.start(keys);
	}

	async end(): Promise<void> {
		await this.settle();
		await this.stop();
		rmSync(this.#root, { recursive: true, force: true });
	}

	/** Simulated time goes on. */
	async pass(ms: number): Promise<void> {
		const end = this.time.micros + ms * 1000;
		do await this.settle();
		while (this.time.runUntil(() => this.#process.isAwake, (end - this.time.micros) / 1000));
	}

	/** Until it is so, and how long that took, ms; at most `limit`. */
	async passUntil(what: string, met: () => boolean, limit = 600_000): Promise<number> {
		const began = this.time.now();
		while (!met()) {
			if (this.time.now() - began > limit) throw new Error(`not within ${limit} ms: ${what}`);
			await this.pass(100);
		}
		return this.time.now() - began;
	}

	/** Until the server has done what it was woken for. */
	async settle(): Promise<void> {
		const process = this.#process;
		for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
			process.isAwake = false;
			await new Promise((resolve) => setImmediate(resolve));
			if (process.pending > 0 || process.isAwake) quiet = 0;
		}
		process.isAwake = false;
	}

	/** What the API answers the owner. */
	async ask(
		method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE",
		url: string,
		payload?: object,
	): Promise<Body> {
		const response = await this.#api.inject({
			...{ method, url, headers: { authorization: `Bearer ${this.#owner}` } },
			...(payload && { payload }),
		});
		if (response.statusCode >= 400) throw new Error(`${method} ${url}: ${response.body}`);
		return response.body === "" ? undefined : response.json();
	}

	/** What the API answers a phone, whatever that is. */
	async inject(
		method: string,
		url: string,
		{ body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
	): Promise<Answer> {
		const response = await this.#api.inject({
			...{ method: method as "GET", url },
			headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
			...(body !== undefined && { payload: typeof body === "string" ? body : JSON.stringify(body) }),
		});
		const isJson = /json(;|$)/.test(String(response.headers["content-type"]));
		return {
			...{ status: response.statusCode, text: response.body, headers: new Headers() },
			body: isJson ? response.json() : undefined,
		};
	}

	/** What the API answers the owner, as it stands. */
	async text(url: string): Promise<string> {
		return (await this.#api.inject({ url, headers: { authorization: `Bearer ${this.#owner}` } })).body;
	}

	/** As an administrator reads it. */
	door(id: string): Promise<Body> {
		return this.ask("GET", `/api/doors/${id}`);
	}

	async words(id: string): Promise<string> {
		return (await this.door(id)).words;
	}

	/** Why the server is not well: reasons. */
	async problems(): Promise<string[]> {
		const { problems } = await this.ask("GET", "/api/health");
		return problems.map(({ reason }: Body) => reason);
	}

	/** Events of these kinds that the feed has of a door. */
	async news(door: string, ...kinds: string[]): Promise<FeedEvent[]> {
		const events: FeedEvent[] = [];
		for (let after = 0; ; ) {
			const some = await this.store.feed.after(after, 1000);
			if (some.length === 0) break;
			events.push(...some.filter((event) => event.door === door && kinds.includes(event.kind)));
			after = some.at(-1)!.id;
		}
		return events;
	}

	/** Serials of the log that the site has of a reader, in the order in which they came. */
	async serials({ key }: StoryReader): Promise<number[]> {
		const reader = await this.store.doors.readerWith(fromHex(key));
		if (reader === undefined) return [];
		const rows = await this.store.log.rows({ reader: reader.id, forward: true, limit: 100_000 });
		return rows.map(({ serial }) => serial);
	}

	/** `replaces`: the reader that was there. */
	register({ door, id, key }: StoryReader, replaces?: StoryReader): Promise<Body> {
		const more = replaces && { replaces: replaces.key };
		return this.ask("POST", "/api/doors", { door, name: door, key, readerId: id, ...more });
	}

	/** People by name, who may open everywhere unless `plan` says otherwise. */
	plan(doors: readonly string[], people: Readonly<Record<string, string>>, plan: object = {}): Promise<Body> {
		return this.ask("PUT", "/api/plan", {
			...{ site: this.site.id, timeZone: "UTC0", accessPlans: { all: [{ schedule: "always" }] } },
			doors: Object.fromEntries(doors.map((door) => [door, {}])),
			users: Object.entries(people).map(([name, id]) => ({
				...{ name, accessPlans: ["all"], credentials: [{ id }] },
			})),
			...plan,
		});
	}

	/** Revokes a person's credential for good. */
	async revoke(credential: string): Promise<void> {
		const { users } = await this.ask("GET", "/api/users");
		const { id } = users.find(({ credentials }: Body) =>
			credentials.some((one: Body) => one.id === credential),
		);
		await this.ask("DELETE", `/api/users/${id}/credentials/${credential}`);
	}

	async add(name: string, credential: string): Promise<void> {
		const person = { name, accessPlans: ["all"], credentials: [{ id: credential }] };
		await this.ask("POST", "/api/users", person);
	}

	async #end(): Promise<void> {
		const { timers } = this.#process;
		for (const cancel of timers) cancel();
		await this.store.close();
	}

	#after(process: Process, ms: number, run: () => void): () => void {
		const cancel = this.time.after(ms * 1000, () => {
			process.timers.delete(cancel);
			if (!process.isAlive) return;
			process.isAwake = true;
			run();
		});
		process.timers.add(cancel);
		return () => {
			process.timers.delete(cancel);
			cancel();
		};
	}
}

/** The firmware of a reader without radios, its strike, its clock, and its way to the broker. */
export class StoryReader {
	readonly door: string;
	/** Hexadecimal: its Ed25519 key, and its credential's id. */
	readonly key: string;
	readonly id: string;
	/** False: its network is lost. */
	reachable = true;
	/** Its clock has gone wrong by that, s. */
	ahead = 0;
	/** How often its strike was released. */
	released = 0;
	readonly #relay: SimRelay;
	readonly #network: SimNetwork;
	readonly #door: FleetDoor;

	constructor(story: StorySite, door: string, seed: number) {
		const { broker, site, time } = story;
		const { signing, trust } = site.keys;
		// What it is comes from the seed, what it does from other dice: two may be one and do different things.
		let random = new SeededRandom(seed);
		this.door = door;
		this.#relay = new SimRelay(time);
		this.#relay.watch(() => {
			if (this.#relay.on) this.released++;
		});
		this.#network = new SimNetwork(time, () => this.reachable);
		this.#network.names.set(SERVER.host, ADDRESS);
		this.#network.listeners.set(`${ADDRESS}:${SERVER.port}`, broker.accept);
		this.#door = new FleetDoor(
			{
				...{ clock: time, crypto, network: this.#network, relay: this.#relay.io },
				random: { fill: (into) => random.fill(into) },
				seconds: () => story.seconds + this.ahead,
			},
			{ door, trust, by: signing },
		);
		this.#door.connectTo(SERVER);
		this.key = toHex(this.#door.reader);
		this.id = toHex(this.#door.readerId);
		random = new SeededRandom(story.dice());
	}

	get device(): Device {
		return this.#door.device!;
	}

	get log(): AuditLog {
		return this.device.events.log!;
	}

	powerOn(): void {
		this.#door.start();
	}

	powerOff(): void {
		this.#door.powerOff();
		this.#relay.reset();
		this.#network.powerOff();
	}

	/** Why the door opens, or stays shut, when a phone with this credential is held to it. */
	tap(credential: string): Reason {
		return this.#door.visit(fromHex(credential)).reason;
	}

	/** The link of a record that its log has, hexadecimal. */
	linkOf(serial: number): string {
		return toHex(
			this.log
				.read(serial)
				.next()!
				.subarray(RECORD_SIZE - LINK_SIZE),
		);
	}

	/** Whether request-to-exit opens it. */
	leaves(): boolean {
		const { door } = this.device.door!.access;
		door.input("rex", true);
		const opens = this.#relay.on;
		door.input("rex", false);
		return opens;
	}
}

/** 1, 2, … up to `last`. */
export function upTo(last: number): number[] {
	return Array.from({ length: last }, (_, i) => i + 1);
}

/** The broker of simulated time, as a server has it. */
class SimTransport implements SiteTransport {
	onMessage: (topic: string, bytes: Uint8Array) => void = () => {};
	onState: (state: TransportState) => void = () => {};
	knows: (door: string) => boolean = () => false;
	readonly queued = 0;
	readonly state = { connected: true, since: EPOCH };
	readonly #broker: SimBroker;
	readonly #site: string;
	readonly #process: Process;
	readonly #forget: () => void;
	readonly #heard: (() => void)[] = [];

	constructor(broker: SimBroker, site: string, process: Process) {
		this.#broker = broker;
		this.#site = site;
		this.#process = process;
		this.#forget = broker.watch(topicUp(site, "+"), ({ data, topic }) => {
			if (!process.isAlive) return;
			process.isAwake = true;
			this.onMessage(topic, data);
		});
	}

	publish(topic: string, bytes: Uint8Array, retain: boolean): void {
		if (this.#process.isAlive) this.#broker.publish(topic, bytes, retain);
	}

	hear(topic: string, take: (bytes: Uint8Array) => void): void {
		this.#heard.push(
			this.#broker.watch(topic, ({ data }) => {
				if (!this.#process.isAlive) return;
				this.#process.isAwake = true;
				take(data);
			}),
		);
	}

	isConnected(door: string): boolean {
		return this.#broker.clients.includes(clientOf(this.#site, door));
	}

	drop(door: string): void {
		if (this.#process.isAlive) this.#broker.drop(clientOf(this.#site, door));
	}

	async close(): Promise<void> {
		this.#forget();
		for (const forget of this.#heard) forget();
	}
}

/** A database that tells of each statement before it, and counts what goes on. */
class WatchedDatabase implements Database {
	readonly engine = "sqlite";
	readonly #database: Database;
	readonly #process: Process;
	readonly #step: () => void;

	constructor(database: Database, process: Process, step: () => void) {
		this.#database = database;
		this.#process = process;
		this.#step = step;
	}

	async all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		const step = isRead(statement) ? () => {} : this.#step;
		step();
		const rows = await this.#count(() => this.#database.all<Row>(statement, ...values));
		step();
		return rows;
	}

	async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
		const result = await this.#count(() =>
			this.#database.transaction((sql) =>
				work({
					all: (statement, ...values) => {
						if (!isRead(statement)) this.#step();
						return sql.all(statement, ...values);
					},
				}),
			),
		);
		this.#step();
		return result;
	}

	close(): Promise<void> {
		return this.#database.close();
	}

	async #count<T>(run: () => Promise<T>): Promise<T> {
		this.#process.pending++;
		try {
			return await run();
		} finally {
			this.#process.pending--;
		}
	}
}
