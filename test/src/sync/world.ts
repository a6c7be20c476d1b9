// SPDX-License-Identifier: Apache-2.0

/** A reader without radios, its site's server and the broker between them, for specs: all in simulated time, all from one seed. */

import { MqttClient } from "../../../drivers/mqtt/client.js";
import type { Network } from "../../../hal/contracts/network.js";
import { equal } from "../../../protocol/bytes.js";
import { checkConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { EphemeralPool } from "../../../protocol/edhoc/ephemeral.js";
import type { EventSink } from "../../../protocol/events.js";
import { RECORD_SIZE } from "../../../protocol/log/record.js";
import { NO_END } from "../../../protocol/plan/format.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
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
import { type LogRefusal, NO_LOG, type SiteCursor, takeLog } from "../../../site/lib/log/intake.js";
import { type PlanImage, type RecordModel, signDelta, signSnapshot } from "../../../site/lib/plan/encode.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import type { Books, DoorNews, DoorPlan } from "../../../site/lib/sync/books.js";
import { SiteSync } from "../../../site/lib/sync/site-sync.js";
import { type KeyModel, modelOf, type TrustModel } from "../../../site/lib/trust/model.js";
import { loggedPlan } from "../../../src/app/logged-plan.js";
import type { ConfigStore } from "../../../src/config/store.js";
import { AuditLog } from "../../../src/log/log.js";
import { PlanStore } from "../../../src/plan/store.js";
import type { PlanInstaller } from "../../../src/service/target.js";
import { Sync } from "../../../src/sync/sync.js";
import type { SyncTarget } from "../../../src/sync/target.js";
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
export const SERVER_1 = pairOf(2);
export const SERVER_2 = pairOf(3);
const serverKey = ({ publicKey }: typeof OFFICE): KeyModel => ({
	publicKey,
	roles: ["sync"],
	until: BEGIN + 80 * DAY,
});

export const record = (id: Uint8Array): RecordModel => ({ id, access: 0, flags: 0, from: 0, until: NO_END });
export const idOf = (n: number): Uint8Array => new SeededRandom(n + 1).bytes(8);
export const many = (count: number): RecordModel[] =>
	Array.from({ length: count }, (_, n) => record(idOf(n)));

/** What the site has, in memory. */
export class TestBooks implements Books {
	keys: PracticeKeys;
	server = SERVER_1;
	readonly images: PlanImage[] = [];
	/** Told of all that happens at the door. */
	readonly news: DoorNews[] = [];
	/** Of the log, by serial. */
	readonly records = new Map<number, Uint8Array>();
	readonly problems: string[] = [];
	/** Records that came though the site had them. */
	repeated = 0;
	cursorNow: SiteCursor = NO_LOG;
	reader: Uint8Array | undefined;
	/** The site gives deltas. */
	deltas = true;
	/** Log batches are taken. */
	takes = true;
	readonly newestNotice = null;
	readonly newestLockdown = null;
	readonly notice = 0;
	readonly lockdownSequence = 0;
	/** The epoch of what it signs. */
	epoch = 1;
	private signed: DoorPlan | undefined;

	constructor(keys: PracticeKeys) {
		this.keys = keys;
	}

	get trust() {
		return this.keys.trust;
	}

	get lists() {
		return this.keys.lists;
	}

	get serverKey() {
		return signingKey(this.server, crypto);
	}

	get signing() {
		return { crypto, ...signingKey(OFFICE, crypto), epoch: this.epoch };
	}

	/** The next version of the plan has these records. */
	plans(records: readonly RecordModel[]): void {
		this.images.push(image((this.images.at(-1)?.version ?? 0) + 1, records, { issued: BEGIN }));
		this.signed = undefined;
	}

	/** What is signed anew by the list's epoch. */
	resign(epoch: number, records: readonly RecordModel[]): void {
		this.epoch = epoch;
		this.images.splice(0, this.images.length, image(1, records, { issued: BEGIN }));
		this.signed = undefined;
	}

	/** The next list is in the site's books. */
	list(change: Partial<TrustModel>): void {
		this.keys = withNextList(this.keys, change);
	}

	/** The keys of the next list: those of the newest, with the servers' state changed. */
	withServers(state: "good" | "ended" | "stolen", ...next: (typeof OFFICE)[]): KeyModel[] {
		const [office] = modelOf(this.trust).keys;
		return [office!, { ...serverKey(SERVER_1), state }, ...next.map(serverKey)];
	}

	registered(door: string) {
		return door === DOOR ? this.reader : undefined;
	}

	plan(door: string): DoorPlan | undefined {
		const newest = this.images.at(-1);
		if (door !== DOOR || newest === undefined) return undefined;
		if (this.signed === undefined) {
			const { body, envelope } = signSnapshot(newest, this.signing);
			const { version } = newest;
			this.signed = { epoch: this.epoch, version, notice: 0, envelope, body, bodyHash: crypto.sha256(body) };
		}
		return this.signed;
	}

	delta(_: string, epoch: number, version: number) {
		const old = this.images.find((one) => one.version === version);
		const newest = this.images.at(-1)!;
		if (!this.deltas || epoch !== this.epoch || old === undefined || old === newest) return undefined;
		try {
			return { version: newest.version, envelope: signDelta(old, newest, this.signing) };
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
			return undefined;
		}
	}

	noticeOf(): undefined {
		return undefined;
	}

	lockdown(): undefined {
		return undefined;
	}

	settings(): undefined {
		return undefined;
	}

	configuration(): undefined {
		return undefined;
	}

	cursor(): SiteCursor {
		return this.cursorNow;
	}

	takeLog(
		_: string,
		reader: Uint8Array,
		message: MessageOf<"log" | "checkpoint">,
		done: (result: SiteCursor | LogRefusal) => void,
	): void {
		if (!this.takes) return;
		const taken = takeLog(this.cursorNow, message, reader, crypto);
		if (typeof taken === "string") {
			done(taken);
			return;
		}
		if (message.name === "log")
			this.repeated += (message.records.length - taken.records.length) / RECORD_SIZE;
		for (let at = 0; at < taken.records.length; at += RECORD_SIZE) {
			const one = taken.records.slice(at, at + RECORD_SIZE);
			const serial = new DataView(one.buffer).getUint32(0);
			if (this.records.has(serial)) throw new Error(`the record ${serial} came twice as new`);
			this.records.set(serial, one);
		}
		for (const { from, reason, to } of taken.problems) this.problems.push(`${reason} ${from}..${to}`);
		this.cursorNow = {
			...taken.cursor,
			link: taken.cursor.link.slice(),
			before: taken.cursor.before.slice(),
		};
		done(this.cursorNow);
	}

	told(_: string, news: DoorNews): void {
		this.news.push(news);
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
	readonly wall = new SimWallClock(this.time);
	readonly traces: string[] = [];
	/** Commands that reached the door. */
	readonly commands: string[] = [];
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
		this.books = new TestBooks(practiceKeys(SITE, OFFICE, crypto, [serverKey(SERVER_1)]));
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
		this.books.reader = publicKey.slice();
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
		const store = this.self.open(crypto, this.random);
		const log = this.#log(run, store);
		const record: EventSink = (kind, detail, value, subject) => {
			log.append(kind, detail, value, subject);
			sync.recorded();
		};
		store.lists.record = record;
		const plan = this.#plan(store);
		const target = this.#target(run, store, log, loggedPlan(plan, record), record);
		const io = run.own(this.network.tcp);
		const network: Pick<Network, "resolve"> = {
			resolve: (host, done) => this.network.resolve(host, run.callback(done)),
		};
		const sync = new Sync({
			target,
			connect: (options) => new MqttClient({ ...options, io, network, clock: run.clock }),
			joined: () => this.joined,
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

	#plan(store: ConfigStore): PlanStore {
		const plan = new PlanStore({
			...{ flash: this.planFlash, crypto, door: DOOR, held: store.lists, deviceKey: DEVICE_KEY },
			rollbackCounter: this.self.sealed(crypto),
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
		return {
			...{ clock: run.clock, crypto, log, random: this.random, store, wall, image: 1 },
			reader: {
				command: (command) => {
					commands.push(command);
					return { done: true, mode: "locked", unlocked: false };
				},
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
				setTime: (seconds) => wall.set(seconds, "synced"),
			},
			busy: () => this.busy,
			trace: (text) => this.traces.push(text),
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
			() => this.books.cursorNow.serial === log.last && log.acknowledged === log.last,
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

	/** The reader's own log, which has to be what the site has of it. */
	compareLog(): string {
		const cursor = this.reader.log.read(1);
		for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
			const serial = new DataView(one.buffer, one.byteOffset).getUint32(0);
			const there = this.books.records.get(serial);
			if (there === undefined) return `the site lacks ${serial}`;
			if (!equal(there, one)) return `the site has another ${serial}`;
		}
		return "same";
	}
}
