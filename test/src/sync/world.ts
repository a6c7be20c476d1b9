// SPDX-License-Identifier: Apache-2.0

/** A reader without radios, its site's server and the broker between them, for specs: all in simulated time, all from one seed. */

import { MqttClient, type MqttPlatform } from "../../../drivers/mqtt/client.js";
import { equal, readUint32 } from "../../../protocol/bytes.js";
import { checkConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import { EVENTS, type EventSink } from "../../../protocol/events.js";
import { decodeRecord, RECORD_SIZE } from "../../../protocol/log/record.js";
import { NO_END } from "../../../protocol/plan/format.js";
import { NOTICES_SIZE } from "../../../protocol/plan/layout.js";
import { topicUp } from "../../../protocol/sync/topics.js";
import { listHash } from "../../../protocol/trust/list.js";
import { type BrokerMessage, SimBroker } from "../../../sim/broker.js";
import { FirmwareRun } from "../../../sim/firmware-run.js";
import { Power, SimFlash } from "../../../sim/flash.js";
import { SimNetwork } from "../../../sim/network.js";
import { type PracticeKeys, practiceKeys, withNextList } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { DEVICE_KEY, SimSelf } from "../../../sim/self.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { inWords } from "../../../site/lib/log/describe.js";
import {
	type RecordModel,
	type Signing,
	type Snapshot,
	signSnapshot,
} from "../../../site/lib/plan/encode.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import type { DoorNews, Unsaid } from "../../../site/lib/sync/books.js";
import { MemoryBooks, type ReceivedLog } from "../../../site/lib/sync/memory-books.js";
import { SiteSync } from "../../../site/lib/sync/site-sync.js";
import { type KeyModel, modelOf, type RootSigner, type TrustModel } from "../../../site/lib/trust/model.js";
import { LoggedPlan } from "../../../src/app/logged-plan.js";
import type { SealedState } from "../../../src/config/sealed-state.js";
import { ConfigStore } from "../../../src/config/store.js";
import { AuditLog } from "../../../src/log/log.js";
import { PlanStore } from "../../../src/plan/store.js";
import type { PlanInstaller } from "../../../src/service/target.js";
import { Sync } from "../../../src/sync/sync.js";
import type { SyncTarget } from "../../../src/sync/target.js";
import { Timekeeper } from "../../../src/time/timekeeper.js";
import { image } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

export const crypto: Crypto = providers[0]!;
export const SITE = "ACME";
export const DOOR = "front";
/** When simulated worlds begin. */
export const BEGIN = 1_577_836_800 + 86_400;
export const DAY_MS = 86_400_000;
const DAY = 86_400;
const ADDRESS = "192.0.2.1";
const SERVER: ServerSettings = { host: "broker", port: 1883, password: "secret", spread: 5 };

const pairOf = (seed: number) => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
export const OFFICE = pairOf(1);
const OFFICE_2 = pairOf(4);
export const SERVER_1 = pairOf(2);
export const SERVER_2 = pairOf(3);
const serverModel = ({ publicKey }: KeyPair): KeyModel => ({
	publicKey,
	roles: ["sync"],
	until: BEGIN + 80 * DAY,
});
export const signingOf = (epoch: number, by = OFFICE): Signing => ({
	crypto,
	...signingKey(by, crypto),
	epoch,
});

export const record = (id: Uint8Array): RecordModel => ({ id, access: 0, flags: 0, from: 0, until: NO_END });
export const idOf = (n: number): Uint8Array => new SeededRandom(n + 1).bytes(8);
export const many = (count: number): RecordModel[] =>
	Array.from({ length: count }, (_, n) => record(idOf(n)));

function copyOf(news: DoorNews): DoorNews {
	if (news.kind === "outcome") return { ...news, hash: news.hash.slice() };
	if (news.kind !== "hello") return { ...news };
	const { hello } = news;
	return { ...news, hello: { ...hello, link: hello.link.slice(), listHash: hello.listHash.slice() } };
}

/** What the site has, in memory. */
export class TestBooks extends MemoryBooks {
	keys: PracticeKeys;
	/** What happened at the door: copies, as what a reader's engine decodes it has no room to keep. */
	readonly news: DoorNews[] = [];
	/** The reader's last answer to the site. */
	answered: (DoorNews & { readonly kind: "answered" }) | undefined;
	/** Records that came though the site had them. */
	repeated = 0;
	/** The site gives deltas, and takes what comes of the log. */
	deltas = true;
	takes = true;

	constructor(keys: PracticeKeys, seconds: () => number) {
		super({ crypto, seconds, site: keys, signing: signingOf(1), serverKey: signingKey(SERVER_1, crypto) });
		this.keys = keys;
		this.onNews = (_, news) => {
			if (news.kind === "answered") this.answered = news;
			else this.news.push(copyOf(news));
		};
	}

	/** The next version of the plan has these records. */
	plans(records: readonly RecordModel[]): void {
		this.setPlan(image((this.image(DOOR)?.version ?? 0) + 1, records, { issued: BEGIN }));
	}

	/** A snapshot that these books do not know. */
	snapshot(version: number, records: readonly RecordModel[]): Snapshot {
		return signSnapshot(image(version, records, { issued: BEGIN }), signingOf(1));
	}

	/** The next list. Where its epoch is another, so is what is signed. */
	list(change: Partial<TrustModel>, roots?: readonly RootSigner[]): void {
		this.keys = withNextList(this.keys, change, roots);
		const { lists, trust } = this.keys;
		this.addList(lists.at(-1)!, trust, signingOf(trust.epoch));
	}

	/** The keys of the next list: the first server's has this state, others are added. */
	withServers(state: "good" | "ended" | "stolen", ...next: KeyPair[]): KeyModel[] {
		const [office] = modelOf(this.trust).keys;
		return [office!, { ...serverModel(SERVER_1), state }, ...next.map(serverModel)];
	}

	/** By the next list the key that signed plans was stolen; another signs the next epoch's. */
	steal(): void {
		const [office, ...others] = modelOf(this.trust).keys;
		const next: KeyModel = { publicKey: OFFICE_2.publicKey, roles: ["issue", "plan", "commission"] };
		const keys = [{ ...office!, state: "stolen" as const }, next, ...others];
		this.keys = withNextList(this.keys, { keys, epoch: 2 });
		const { lists, trust } = this.keys;
		this.addList(lists.at(-1)!, trust, signingOf(2, OFFICE_2));
	}

	/** Another key speaks for the site. */
	speaksBy(key: KeyPair): void {
		this.serverKey = signingKey(key, crypto);
	}

	get received(): ReceivedLog {
		return this.log(DOOR, this.registered(DOOR)!);
	}

	override delta(...asked: Parameters<MemoryBooks["delta"]>): ReturnType<MemoryBooks["delta"]> {
		return this.deltas ? super.delta(...asked) : undefined;
	}

	override takeLog(...[door, reader, message, done]: Parameters<MemoryBooks["takeLog"]>): void {
		if (!this.takes) return;
		const before = this.received.records.length;
		super.takeLog(door, reader, message, done);
		const more = this.received.records.length - before;
		if (message.name === "log") this.repeated += message.records.length / RECORD_SIZE - more;
	}

	/** How often this was told. */
	count(kind: DoorNews["kind"]): number {
		return this.news.filter((one) => one.kind === kind).length;
	}
}

/** A start of the reader's firmware, as far as sync goes. */
export interface Start {
	readonly run: FirmwareRun;
	readonly store: ConfigStore;
	readonly log: AuditLog;
	readonly plan: PlanStore;
	readonly sync: Sync;
	readonly target: SyncTarget;
	readonly record: EventSink;
}

export interface WorldOptions {
	readonly seed?: number;
	readonly logSectors?: number;
	readonly logSectorSize?: number;
	readonly planSize?: number;
	readonly spread?: number;
}

/** Of a `SiteSync`: what a server could say that is not this one. */
interface Insides {
	readonly links: ReadonlyMap<string, { readonly session: { said: unknown; say(what: Unsaid): void } }>;
}

export class SyncWorld {
	readonly time = new VirtualTime();
	joined = true;
	/** A phone is served. */
	busy = false;
	readonly network = new SimNetwork(this.time, () => this.joined);
	readonly broker: SimBroker;
	readonly books: TestBooks;
	readonly random: SeededRandom;
	readonly power = new Power();
	readonly self = new SimSelf(new SimFlash({ size: 16 * 1024, power: this.power }));
	readonly planFlash: SimFlash;
	readonly logFlash: SimFlash;
	readonly noticesFlash = new SimFlash({ size: NOTICES_SIZE, power: this.power });
	readonly wall = new SimWallClock(this.time);
	/** Each line once. */
	readonly traces = new Set<string>();
	/** Commands that reached the door. */
	readonly commands: string[] = [];
	/** How the reader is. */
	readonly health = { failing: 0, free: 40_000, signal: -51, cause: 1 };
	/** Frames from the reader, before the site has them; false keeps one back. */
	onUp: ((message: BrokerMessage) => boolean) | undefined;
	/** Frames to it, likewise. */
	onDown: ((topic: string, frame: Uint8Array, retain: boolean) => boolean) | undefined;
	site: SiteSync | undefined;
	reader!: Start;
	#forget: (() => void) | undefined;

	constructor(options: WorldOptions = {}) {
		const { logSectors = 8, logSectorSize = 4096, planSize = 2 * 64 * 1024, seed = 1, spread = 5 } = options;
		this.random = new SeededRandom(seed);
		this.broker = new SimBroker(this.time, seed);
		this.network.names.set(SERVER.host, ADDRESS);
		this.planFlash = new SimFlash({ size: planSize, power: this.power });
		this.logFlash = new SimFlash({
			size: logSectors * logSectorSize,
			sectorSize: logSectorSize,
			power: this.power,
		});
		this.wall.set(BEGIN, "synced");
		const keys = practiceKeys(SITE, OFFICE, crypto, [serverModel(SERVER_1)]);
		this.books = new TestBooks(keys, () => this.#seconds);
		this.books.onChange = (door) => this.site?.changed(door);
		this.#commission({ ...SERVER, spread });
		this.brokerUp();
		this.siteUp();
	}

	get #seconds(): number {
		return BEGIN + Math.floor(this.time.micros / 1_000_000);
	}

	#commission(server: ServerSettings): void {
		const store = this.self.open(crypto, this.random);
		const { publicKey } = store.makeKeys()[0]!;
		const { signing, trust } = this.books.keys;
		const of = { algorithm: EDDSA, publicKey } as const;
		const claims = { issuer: SITE, subject: DOOR, id: this.random.bytes(8), key: of };
		const checked = checkConfig({ id: DOOR });
		if ("problems" in checked) throw new Error("the configuration is not valid");
		const credentials = [issueCredential(claims, signing.signer)];
		store.join({ trust, anchor: listHash(trust, crypto), door: DOOR, credentials }, checked.config, server);
		this.books.register(DOOR, publicKey.slice());
	}

	brokerUp(): void {
		this.network.listeners.set(`${ADDRESS}:${SERVER.port}`, this.broker.accept);
	}

	/** Nothing listens where the broker was. */
	brokerDown(): void {
		this.network.listeners.clear();
		this.broker.drop();
	}

	/** The site's server starts, with what its books have. */
	siteUp(): void {
		const { broker, time } = this;
		const site = new SiteSync(
			{
				...{ crypto, seconds: () => this.#seconds, ephemerals: new EphemeralPool(crypto, this.random) },
				clock: { now: () => time.now(), after: (ms, run) => time.after(ms * 1000, run) },
				publish: (topic, data, retain) => {
					if (this.onDown?.(topic, data, retain) !== false) broker.publish(topic, data, retain);
				},
			},
			this.books,
		);
		this.site = site;
		this.#forget = broker.watch(topicUp(SITE, "+"), (message) => {
			if (this.onUp?.(message) !== false) site.take(message.topic, message.data.slice());
		});
		site.connected();
	}

	/** It is gone, without a word. */
	siteDown(): void {
		this.#forget?.();
		this.site?.close();
		this.site = undefined;
	}

	/** The reader starts, in its network. */
	start(): Start {
		this.power.restore();
		const run = new FirmwareRun(this.time);
		const sealed = this.self.sealed(crypto);
		const store = new ConfigStore(this.self.flash, sealed, crypto, this.random);
		store.open();
		const log = this.#log(run, store);
		const record: EventSink = (kind, detail, value, subject) => {
			log.append(kind, detail, value, subject);
			sync.recorded(kind);
		};
		store.lists.record = record;
		const plan = this.#plan(store, sealed);
		const target = this.#target(run, store, log, new LoggedPlan(plan, record), record);
		const network: MqttPlatform["network"] = {
			tcp: run.own(this.network.tcp),
			resolve: (host, done) => this.network.resolve(host, run.callback(done)),
		};
		const joined = (): boolean => this.joined;
		const sync = new Sync(target, {
			connect: (options) => new MqttClient(options, { network, clock: run.clock }),
			get joined() {
				return joined();
			},
		});
		this.reader = { run, store, log, plan, sync, target, record };
		sync.start();
		return this.reader;
	}

	/** The power goes. */
	stop(): void {
		this.reader.run.end();
		this.network.powerOff();
	}

	#log(run: FirmwareRun, store: ConfigStore): AuditLog {
		const key = store.keys![0]!;
		const own = signer(crypto, EDDSA, key.secretKey);
		const log = new AuditLog({
			...{ flash: this.logFlash, crypto, clock: run.clock, wall: this.wall },
			reader: crypto.sha256(key.publicKey).subarray(0, 8),
			sign: (message) => own.sign(message),
		});
		log.open("power-on");
		return log;
	}

	#plan(store: ConfigStore, sealed: SealedState): PlanStore {
		const plan = new PlanStore({
			...{ flash: this.planFlash, crypto, door: DOOR, held: store.lists, deviceKey: DEVICE_KEY },
			rollbackCounter: sealed,
			notices: { flash: this.noticesFlash, sealed },
			get trust() {
				return store.trust;
			},
			knownTime: () => this.wall.now(),
		});
		plan.open();
		return plan;
	}

	#target(
		run: FirmwareRun,
		store: ConfigStore,
		log: AuditLog,
		plan: PlanInstaller,
		record: EventSink,
	): SyncTarget {
		const { commands, wall } = this;
		const timekeeper = new Timekeeper({
			...{ clock: run.clock, wall, chip: undefined, store: undefined, record },
			trace: (text) => {
				this.traces.add(text);
			},
		});
		timekeeper.start();
		return {
			...{ clock: run.clock, crypto, log, random: this.random, store, timekeeper, wall, image: 1 },
			health: this.health,
			reader: {
				command: (command) => {
					commands.push(command);
					return { done: true, mode: "locked", unlocked: false };
				},
				configured: () => {
					commands.push("configured");
					return undefined;
				},
				lockDown: (ms, sequence) => {
					commands.push(`lockdown ${sequence} for ${ms / 1000} s`);
				},
				unfit: () => [],
				identify: () => {
					commands.push("identify");
				},
				get knownTime() {
					return wall.trust() === "unset" ? undefined : wall.now();
				},
				newestSigned: 0,
				plan,
				record,
				restart: () => {
					commands.push("restart");
				},
				setTime: (seconds, source) => timekeeper.set(seconds, source),
			},
			busy: () => this.busy,
			trace: (text) => {
				this.traces.add(text);
			},
		};
	}

	/** Whether both ends have a session. */
	get inSession(): boolean {
		return this.reader.sync.server !== undefined && this.site?.state(DOOR)?.inSession === true;
	}

	/** Until there is a session; false where none comes in `ms`. */
	settle(ms = 60_000): boolean {
		return this.time.runUntil(() => this.inSession, ms);
	}

	/** Until the site has the reader's whole log, and the reader knows. */
	drained(ms = 60_000): boolean {
		const { log } = this.reader;
		return this.time.runUntil(
			() => this.books.received.cursor.serial === log.last && log.acknowledged === log.last,
			ms,
		);
	}

	/** Until the reader has this version in force. */
	has(version: number, ms = 60_000): boolean {
		return this.time.runUntil(() => this.reader.plan.version === version, ms);
	}

	/** Until the books were told of another of this. */
	hears(kind: DoorNews["kind"], ms = 60_000): boolean {
		const before = this.books.count(kind);
		return this.time.runUntil(() => this.books.count(kind) > before, ms);
	}

	/** The server says this in its session. Returns what the reader answers: a refusal, or null. */
	says(what: Unsaid): string | null {
		const { session } = (this.site as unknown as Insides).links.get(DOOR)!;
		if (!this.time.runUntil(() => session.said === undefined, 60_000))
			throw new Error("the site is not free");
		session.say(what);
		const { books, time } = this;
		if (!time.runUntil(() => books.answered?.to === what, 60_000))
			throw new Error("the reader does not answer");
		return books.answered!.refusal;
	}

	/** What the reader's log has and the site lacks, or has otherwise, or twice. */
	lostOrDoubled(): string[] {
		const there = new Map<number, Uint8Array>();
		const wrong: string[] = [];
		for (const one of this.books.received.records) {
			const serial = readUint32(one, 0);
			if (there.has(serial)) wrong.push(`${serial} twice`);
			there.set(serial, one);
		}
		const cursor = this.reader.log.read(1);
		for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
			const serial = readUint32(one, 0);
			const taken = there.get(serial);
			if (taken === undefined || !equal(taken, one)) wrong.push(`${serial} ${taken ? "changed" : "lost"}`);
		}
		return wrong;
	}

	/** What the reader's log has of sessions, in words. */
	sessions(): string[] {
		const words: string[] = [];
		const cursor = this.reader.log.read(1);
		for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
			const entry = decodeRecord(one);
			if (entry.kind === EVENTS.sync) words.push(inWords(entry));
		}
		return words;
	}
}
