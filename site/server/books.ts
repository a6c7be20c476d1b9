// SPDX-License-Identifier: Apache-2.0

import { equal, toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { decodeRecord } from "../../protocol/log/record.js";
import type { MessageOf } from "../../protocol/sync/messages.js";
import type { KeyRefusal, TrustList } from "../../protocol/trust/list.js";
import { type LogRefusal, NO_LOG, type SiteCursor } from "../lib/log/intake.js";
import { keyFor, type SigningKey, type SiteKeys } from "../lib/site-keys.js";
import type { Books, DoorNews, DoorPlan, Settings } from "../lib/sync/books.js";
import { alarmsOfNews } from "./alarms.js";
import type { Shared } from "./cluster/cluster.js";
import { answerOf, NO_SETTINGS } from "./door-settings.js";
import { type Fork, Forks } from "./forks.js";
import { type IntakePorts, type LogGate, MAX_DAILY, ReaderLog } from "./log-intake.js";
import { NewsKeeper } from "./news-keeper.js";
import type { PlanCache } from "./plan-cache.js";
import type { Planner } from "./planner.js";
import type { SiteNotices } from "./site-notices.js";
import { lengthenSpread, spreadFor, spreadIn } from "./spread.js";
import type { Door, Reader } from "./store/doors.js";
import type { Lockdown } from "./store/notices.js";
import type { Store } from "./store/store.js";

export interface BooksPorts extends IntakePorts {
	readonly crypto: Crypto;
	readonly plans: PlanCache;
	readonly notices: SiteNotices;
	readonly planner: Planner;
	/** `undefined`: this process has all doors. */
	readonly shared?: Shared | undefined;
	/** The server's keys, with the newest list. */
	keys(): SiteKeys;
	/** There is something new for this door, or for all. */
	changed(door?: string): void;
	/** What was said could not be kept. */
	failed(error: unknown): void;
}

const SETTINGS = ["sounds", "spread", "ssid", "password"] as const;

/** What a door waits for besides its plan. */
interface Pending {
	settings: Settings | undefined;
	configuration: Uint8Array | undefined;
}

/** The books of the server: its store, as far as sync asks for it, in memory. */
export class SiteBooks implements Books {
	readonly #ports: BooksPorts;
	/** By door. */
	readonly #logs = new Map<string, ReaderLog>();
	readonly #pending = new Map<string, Pending>();
	readonly #keeper: NewsKeeper;
	readonly #forks = new Forks();
	readonly #gate: LogGate = {
		isHeld: (reader) => this.#forks.of(reader) !== undefined,
		forked: (reader, serial) => this.#forked(reader, serial),
	};

	private constructor(ports: BooksPorts) {
		this.#ports = ports;
		this.#keeper = new NewsKeeper(ports);
	}

	static async open(ports: BooksPorts): Promise<SiteBooks> {
		const books = new SiteBooks(ports);
		await books.readAll();
		return books;
	}

	/** Doors that other processes have had are read anew, and what is told of them. */
	async readAll(): Promise<void> {
		const { shared, store } = this.#ports;
		await this.#forks.read(store);
		for (const door of await store.doors.list()) {
			if (shared?.owns(door.id) === false) this.#logs.delete(door.id);
			this.#hold(door);
		}
	}

	get trust(): TrustList {
		return this.#ports.keys().trust;
	}

	get lists(): readonly Uint8Array[] {
		return this.#ports.keys().lists;
	}

	/** The server does not start without one, and the check of its keys' end tells in time. */
	get serverKey(): SigningKey | KeyRefusal {
		const { crypto, keys, seconds } = this.#ports;
		return keyFor(keys(), "sync", undefined, seconds(), crypto);
	}

	/** What a broker has retained of a restored server may be newer than its own: it stays until the server is confirmed. */
	get newestNotice(): Uint8Array | null | undefined {
		const { notices, planner } = this.#ports;
		if (planner.isHeld) return undefined;
		return notices.noticeOf(notices.sequence) ?? null;
	}

	/** A restored server does not know of those since its backup: none ends by that. */
	get newestLockdown(): Uint8Array | null | undefined {
		const { notices, planner, seconds } = this.#ports;
		return notices.newestLockdown(seconds()) ?? (planner.isHeld ? undefined : null);
	}

	registered(door: string): Uint8Array | undefined {
		if (this.#ports.shared?.owns(door) === false) return undefined;
		return this.#logs.get(door)?.reader.publicKey;
	}

	/** What is not in memory is read, and `changed` tells when it is. */
	plan(door: string): DoorPlan | undefined {
		const { changed, failed, planner, plans } = this.#ports;
		const plan = plans.shown(door);
		if (plan === undefined) {
			plans.load(door).then((loaded) => loaded !== undefined && changed(door), failed);
			return undefined;
		}
		return planner.mayHave(door, plan) ? plan : undefined;
	}

	delta(door: string, epoch: number, version: number): { version: number; envelope: Uint8Array } | undefined {
		const plan = this.#ports.plans.held(door);
		if (plan?.epoch !== epoch) return undefined;
		return plan.deltas.find(({ base }) => base === version);
	}

	get notice(): number {
		return this.#ports.notices.sequence;
	}

	noticeOf(sequence: number): Uint8Array | undefined {
		return this.#ports.notices.noticeOf(sequence);
	}

	get lockdownSequence(): number {
		return this.#ports.notices.lockdownSequence;
	}

	/** The lockdown that stands for a door. */
	lockdownFor(door: string): Lockdown | undefined {
		const { notices, seconds } = this.#ports;
		return notices.standingFor(door, seconds());
	}

	lockdown(door: string): Uint8Array | null | undefined {
		const { notices, planner, seconds } = this.#ports;
		return notices.lockdownOf(door, seconds()) ?? (planner.isHeld ? undefined : null);
	}

	/** What a restored server still has to set may have been set, and set otherwise since. */
	settings(door: string): Settings | undefined {
		return this.#ports.planner.isHeld ? undefined : this.#pending.get(door)?.settings;
	}

	configuration(door: string): Uint8Array | undefined {
		return this.#ports.planner.isHeld ? undefined : this.#pending.get(door)?.configuration;
	}

	cursor(door: string, reader: Uint8Array): SiteCursor {
		return this.#logOf(door, reader)?.cursor ?? NO_LOG;
	}

	takeLog(
		door: string,
		reader: Uint8Array,
		message: MessageOf<"log" | "checkpoint">,
		done: (result: SiteCursor | LogRefusal) => void,
	): void {
		// The message's bytes are views into what the bearer uses again.
		const kept =
			message.name === "log"
				? { ...message, records: message.records.slice() }
				: { ...message, checkpoint: message.checkpoint.slice() };
		// Where the store can not keep it the reader has no answer, and says it again.
		this.#logOf(door, reader)?.take(kept).then(done, this.#ports.failed);
	}

	told(door: string, news: DoorNews): void {
		const { planner, seconds, shared } = this.#ports;
		// Its owner tells.
		if (shared?.owns(door) === false) return;
		if (news.kind === "other-log") {
			const reader = this.#logs.get(door)?.reader;
			if (reader !== undefined) this.#forked(reader, news.serial);
			return;
		}
		if (news.kind === "hello") planner.heard(door, news.hello);
		this.#keeper.add({
			...{ door, at: seconds(), kind: kindOf(news), report: reportOf(news), body: bodyOf(news) },
			settled: news.kind === "answered" ? this.#settled(door, news) : undefined,
			alarms: alarmsOfNews(door, this.#logs.get(door)?.reader.id, news, seconds()),
		});
	}

	/** Told once, until an administrator has decided. */
	#forked(reader: Reader, serial: number): void {
		const { failed, seconds, store } = this.#ports;
		if (this.#forks.of(reader.id) !== undefined) return;
		const at = seconds();
		this.#forks.add(store, reader.id, { serial, since: at }).catch(failed);
		const { door } = reader;
		this.#keeper.add({
			door,
			at,
			kind: "other-log",
			report: "other-log",
			body: { serial },
			settled: undefined,
			alarms: alarmsOfNews(door, reader.id, { kind: "other-log", serial }, at),
		});
	}

	/** Where the log of a door's reader and what is here of it part; `undefined`: it is one. */
	fork(door: string): Fork | undefined {
		const log = this.#logs.get(door);
		return log && this.#forks.of(log.reader.id);
	}

	/** What is here of the reader's log is the door's: it goes on from there, and what differs is a fork again. */
	async endFork(door: string, note: (tx: Store) => Promise<void>): Promise<void> {
		const log = this.#logs.get(door);
		if (log === undefined) return;
		await this.#change(door, async (tx) => {
			await this.#forks.end(tx, log.reader.id);
			await note(tx);
		});
	}

	/** What keeps a door's log from being taken, in words. */
	heldLog(door: string): string | undefined {
		const fork = this.fork(door);
		if (fork !== undefined)
			return `its log has another history than the server's from record ${fork.serial} on: two readers may have one identity, and nothing of it is taken until an administrator decides`;
		return this.#logs.get(door)?.isOver
			? `it has brought more than ${this.#ports.maxDaily ?? MAX_DAILY} records of its log today, and the rest is taken tomorrow`
			: undefined;
	}

	/** Resolves when all that was told is kept. */
	ended(): Promise<void> {
		return this.#keeper.ended();
	}

	/** The reader with this key is the door's from now on; the door is there. What `check` throws leaves all as it is. */
	async register(
		door: string,
		reader: Pick<Reader, "publicKey" | "credential">,
		check?: (tx: Store) => Promise<void>,
	): Promise<void> {
		await this.#spreadDoors();
		await this.#keeper.ended();
		const isAnother = this.#logs.has(door) && this.#logOf(door, reader.publicKey) === undefined;
		await this.#change(door, async (tx) => {
			await check?.(tx);
			await tx.doors.register(door, reader, this.#ports.seconds());
			if (isAnother) this.#ports.planner.hasAnotherReader(door);
		});
	}

	/** The spread that a door's reader is to have, s: as an administrator has set it, else by the number of doors. */
	async spreadOf(door: string): Promise<number> {
		const { own, told } = await spreadIn(this.#ports.store);
		return own[door] ?? Math.max(told, spreadFor(this.#pending.size));
	}

	async #spreadDoors(): Promise<void> {
		const { changed, store } = this.#ports;
		const doors = await lengthenSpread(store, this.#pending.size, (tx, door) => this.#noteChange(tx, door));
		for (const door of doors) await this.doorChanged(door);
		if (doors.length > 0) changed();
	}

	/** With what is pending; `undefined`: what is pending is withdrawn. The door is there. */
	async setSettings(door: string, given: Partial<Settings> | undefined): Promise<void> {
		const { settings: before } = await this.#pendingOf(door);
		const settings = given && { ...NO_SETTINGS, ...before, ...given };
		await this.#change(door, async (tx) => {
			await tx.doors.setSettings(door, settings);
			if (typeof given?.spread !== "number") return;
			const { own, told } = await spreadIn(tx);
			await tx.facts.set("spread", { told, own: { ...own, [door]: given.spread } });
		});
	}

	/** In place of what is pending, which `undefined` withdraws. The door is there. */
	async setConfiguration(door: string, envelope: Uint8Array | undefined): Promise<void> {
		await this.#change(door, (tx) => tx.doors.setConfiguration(door, envelope));
	}

	/** A door that came with a plan is held from the first time on that anything is to be set there. */
	async #pendingOf(door: string): Promise<Pending> {
		if (!this.#pending.has(door)) await this.doorChanged(door);
		return this.#pending.get(door)!;
	}

	/** A door came, or was removed. */
	async doorChanged(id: string): Promise<void> {
		await this.#forks.read(this.#ports.store);
		const door = await this.#ports.store.doors.find(id);
		if (door !== undefined) this.#hold(door);
		else {
			this.#logs.delete(id);
			this.#pending.delete(id);
		}
	}

	/** Changes a door in the store, here, and at its owner. */
	async #change(door: string, work: (tx: Store) => Promise<void>): Promise<void> {
		const { changed, store } = this.#ports;
		await store.transaction(async (tx) => {
			await work(tx);
			await this.#noteChange(tx, door);
		});
		await this.doorChanged(door);
		changed(door);
	}

	/** The other processes of the site read the door anew. */
	async #noteChange(tx: Store, door: string): Promise<void> {
		const { seconds, shared } = this.#ports;
		if (shared !== undefined)
			await tx.feed.add({ at: seconds(), kind: "door", door, body: { by: shared.id } });
	}

	#hold({ id, configuration, reader, settings }: Door): void {
		this.#pending.set(id, { settings, configuration });
		const held = this.#logs.get(id)?.reader;
		// A log that is being taken goes on with its own cursor.
		if (reader !== undefined && reader.id === held?.id) return;
		if (reader === undefined) this.#logs.delete(id);
		else this.#logs.set(id, new ReaderLog(reader, this.#ports, this.#gate));
	}

	#logOf(door: string, reader: Uint8Array): ReaderLog | undefined {
		const log = this.#logs.get(door);
		return log !== undefined && equal(log.reader.publicKey, reader) ? log : undefined;
	}

	/** What was to be set was set, or refused for good: it is not said again. */
	#settled(door: string, { to }: DoorNews & { kind: "answered" }): "settings" | "configuration" | undefined {
		const pending = this.#pending.get(door);
		if (pending === undefined) return undefined;
		const { configuration, settings } = pending;
		if (to.name === "configuration" && configuration && equal(configuration, to.envelope))
			pending.configuration = undefined;
		else if (to.name === "settings" && settings && SETTINGS.every((field) => to[field] === settings[field]))
			pending.settings = undefined;
		else return undefined;
		return to.name;
	}
}

/** Under which name watchers hear of it. A session begins and ends under one. */
function kindOf({ kind }: DoorNews): string {
	return kind === "begun" || kind === "ended" ? "session" : kind;
}

/** Under which name a door's newest report of the kind is kept. */
function reportOf(news: DoorNews): string {
	if (news.kind !== "answered") return kindOf(news);
	const { name } = news.to;
	return name === "settings" || name === "configuration" ? name : news.kind;
}

/** As JSON: byte strings in hexadecimal, secrets left out. */
function bodyOf(news: DoorNews): unknown {
	switch (news.kind) {
		case "begun":
			return { up: true };
		case "ended":
			return { up: false, why: news.why };
		case "hello":
			return plain(news.hello);
		case "health":
			return plain(news.health);
		case "alarm":
			return plain(decodeRecord(news.record));
		case "answered":
			return { to: news.to.name, ...answerOf(news) };
		default: {
			const { kind: _, ...rest } = news;
			return plain(rest);
		}
	}
}

function plain(value: object): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(value).map(([name, part]) => [name, part instanceof Uint8Array ? toHex(part) : part]),
	);
}
