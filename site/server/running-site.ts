// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { NodeRandom } from "../../hal/node/random.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { RECORD_SIZE } from "../../protocol/log/record.js";
import { topicRevoked } from "../../protocol/sync/topics.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { traceOf } from "../lib/files/failure.js";
import type { SiteClock } from "../lib/sync/ports.js";
import { SiteSync } from "../lib/sync/site-sync.js";
import { SiteAddress } from "./address.js";
import type { Caller } from "./api/caller.js";
import type { Site } from "./api/site.js";
import type { SiteBooks } from "./books.js";
import type { SiteTransport } from "./broker/transport.js";
import type { Cluster } from "./cluster/cluster.js";
import { Follower } from "./cluster/follower.js";
import { DoorReports } from "./door-reports.js";
import { DOOR_STATES, type DoorStanding, type DoorState, type NewestPlan, standingOf } from "./door-state.js";
import { FeedWatch } from "./events/feed-watch.js";
import { InvitationMessages } from "./invitations/messages.js";
import { Outbox } from "./messages/outbox.js";
import { Metrics } from "./metrics.js";
import type { NoticeArchive } from "./notice-archive.js";
import type { PlanCache } from "./plan-cache.js";
import type { PlanProblem } from "./plan-maker.js";
import type { Planner } from "./planner.js";
import type { ServerKeys } from "./server-keys.js";
import { Passkeys } from "./sign-in/passkeys.js";
import { Passwords } from "./sign-in/passwords.js";
import { openCore, type SiteCore } from "./site-core.js";
import type { Action } from "./store/actions.js";
import type { Door } from "./store/doors.js";
import type { SiteStore } from "./store/store.js";

export interface SiteParts {
	readonly store: SiteStore;
	readonly keys: ServerKeys;
	readonly transport: SiteTransport;
	/** Where doors find the broker. */
	readonly broker: Site["broker"];
	readonly archive: NoticeArchive;
	/** Of the site's processes, where there may be several. */
	readonly cluster?: Cluster | undefined;
	/** Seconds since 1970. */
	readonly now: () => number;
	/** Of the process where absent. */
	readonly clock?: SiteClock;
	/** A line for the server's own log. */
	readonly log: (line: string) => void;
}

/** A failure that comes again is told again after this, s. */
const REPEAT_S = 60;

const CLOCK: SiteClock = {
	now: () => Math.floor(performance.now()),
	after: (ms, run) => {
		const timer = setTimeout(run, ms);
		return () => clearTimeout(timer);
	},
};

/** A site at work: what its administrators change goes to its doors, and what its doors say is kept. */
export class RunningSite implements Site {
	readonly id: string;
	readonly store: SiteStore;
	readonly keys: ServerKeys;
	readonly transport: SiteTransport;
	readonly broker: Site["broker"];
	readonly now: () => number;
	readonly crypto: NodeCrypto;
	readonly metrics: Metrics;
	readonly feed: FeedWatch;
	readonly outbox: Outbox;
	readonly messages: InvitationMessages;
	readonly passwords: Passwords;
	readonly passkeys: Passkeys;
	/** It is known once the server listens. */
	address = new SiteAddress("http://localhost");
	readonly #log: (line: string) => void;
	/** By door; "": of the site. */
	readonly #problems = new Map<string, PlanProblem>();
	#told = { text: "", at: 0 };
	readonly #clock: SiteClock;
	readonly #cluster: Cluster | undefined;
	#follower: Follower | undefined;
	#core!: SiteCore;
	#sync!: SiteSync;
	#reports!: DoorReports;

	/** Doors are served when it resolves. */
	static async open(parts: SiteParts): Promise<RunningSite> {
		const site = new RunningSite(parts);
		await site.#open(parts.archive);
		return site;
	}

	private constructor({ broker, clock = CLOCK, cluster, keys, log, now, store, transport }: SiteParts) {
		this.id = keys.site;
		this.store = store;
		this.keys = keys;
		this.transport = transport;
		this.broker = broker;
		this.now = now;
		this.#clock = clock;
		this.#cluster = cluster;
		this.#log = log;
		this.feed = new FeedWatch(store.feed, (error) => this.#failed(error));
		this.metrics = new Metrics({
			doors: () => this.#countDoors(),
			sessions: () => this.#sessions,
			brokerConnected: () => transport.state.connected,
			brokerQueue: () => transport.queued,
			eventStreams: () => this.feed.watchers - (cluster === undefined ? 0 : 1),
			keyEnds: () => keys.endOr(0, now()),
		});
		this.messages = new InvitationMessages(this);
		this.outbox = new Outbox({
			...{ store, clock, now },
			failed: (error) => this.#failed(error),
			idle: () => this.messages.idle(),
		});
		this.outbox.register("invitation", this.messages);
		this.passkeys = new Passkeys(this.id, store, now);
		this.passwords = new Passwords(() => this.metrics.passwords.inc());
		this.crypto = new CountingCrypto(() => this.metrics.signatures.inc());
	}

	get planner(): Planner {
		return this.#core.planner;
	}

	get plans(): PlanCache {
		return this.#core.plans;
	}

	get books(): SiteBooks {
		return this.#core.books;
	}

	/** Doors of other processes are commanded by those. */
	get sync(): Site["sync"] {
		return this.#follower ?? this.#sync;
	}

	/** What other processes have changed is here from then on. */
	async catchUp(): Promise<void> {
		await this.#follower?.catchUp();
	}

	get problems(): readonly PlanProblem[] {
		return [...this.#problems.values()];
	}

	standing({ configuration, id, reader, settings }: Door, plan: NewestPlan | undefined): DoorStanding {
		const inSession = this.sync.state(id)?.inSession === true && this.transport.isConnected(id) !== false;
		const report = this.report(id);
		const quiet = this.#quietOf(id, report);
		const heard = Math.max(report.heard ?? 0, Math.floor(this.now() - quiet));
		const standing = standingOf(reader, inSession, heard > 0 ? { ...report, heard } : report, {
			list: this.keys.trust.version,
			plan,
			notice: this.books.notice,
			lockdown: this.books.lockdownFor(id)?.sequence ?? 0,
			pending: [
				...(settings ? ["settings" as const] : []),
				...(configuration ? ["configuration" as const] : []),
			],
			unsigned: (this.#problems.get(id) ?? this.#problems.get(""))?.reason,
		});
		const held = this.books.heldLog(id);
		return held === undefined ? standing : { ...standing, words: `${standing.words}; ${held}` };
	}

	/** Since when nothing was heard of a door, s. */
	#quietOf(door: string, { heard }: ReturnType<DoorReports["of"]>): number {
		if (this.#cluster?.owns(door) === false)
			return heard === undefined ? Number.POSITIVE_INFINITY : this.now() - heard;
		const here = this.#sync.state(door)?.heard;
		return here === undefined ? Number.POSITIVE_INFINITY : (this.#clock.now() - here) / 1000;
	}

	report(door: string): ReturnType<DoorReports["of"]> {
		return this.#reports.of(door);
	}

	action(by: Pick<Caller, "id">, what: string, to?: string, details: unknown = {}): Action {
		return { at: this.now(), by: by.id, what, to, details };
	}

	async act(...action: Parameters<Site["act"]>): Promise<void> {
		await this.store.actions.add(this.action(...action), this.crypto);
	}

	async doorChanged(door: string): Promise<void> {
		await this.books.doorChanged(door);
		this.#reports.again(door, await this.store.doors.reports(door));
		this.#sync.changed(door);
		this.transport.drop(door);
		await this.#follower?.tell("door", door);
	}

	async takeList(signed: Uint8Array): Promise<TrustList> {
		const list = this.keys.takeList(signed);
		await this.#follower?.tellLists();
		await this.planner.keysChanged();
		this.#sync.changed();
		return list;
	}

	/** Sessions end, and what was begun is kept; the store and the broker stay open. */
	async close(): Promise<void> {
		this.transport.onMessage = () => {};
		this.transport.onState = () => {};
		await this.outbox.close();
		await this.#follower?.close();
		this.feed.close();
		this.#sync.close();
		await this.#core.close();
	}

	async #open(archive: NoticeArchive): Promise<void> {
		const { crypto, keys, store, transport } = this;
		const shared = this.#cluster;
		const clock = this.#clock;
		const seconds = this.now;
		this.#reports = new DoorReports(await store.doors.reports());
		this.#core = await openCore({
			...{ store, archive, crypto, clock, seconds, shared },
			keys: () => keys.keys,
			newId: () => randomBytes(8).toString("hex"),
			changed: (door) => this.#changed(door),
			fed: () => this.feed.look(),
			problem: (problem) => this.#problem(problem),
			failed: (error) => this.#failed(error),
		});
		this.#count(this.#core.books);
		const ephemerals = new EphemeralPool(crypto, new NodeRandom());
		const publish = transport.publish.bind(transport);
		const guarded: SiteClock = {
			now: () => clock.now(),
			after: (ms, run) => clock.after(ms, () => this.#guarded(run)),
		};
		this.#sync = new SiteSync({ crypto, ephemerals, clock: guarded, seconds, publish }, this.#core.books);
		transport.knows = (door) => this.books.registered(door) !== undefined;
		transport.onMessage = (topic, frame) => this.#guarded(() => this.#sync.take(topic, frame));
		transport.onState = ({ connected, reason }) => {
			if (connected) this.#sync.connected();
			this.#log(connected ? "the broker is there: doors are served" : `doors are not reached: ${reason}`);
		};
		if (this.planner.isHeld) transport.hear?.(topicRevoked(this.id), (notice) => this.#recover(notice));
		if (transport.state.connected) this.#sync.connected();
		if (shared !== undefined)
			this.#follower = await Follower.open({
				...{ cluster: shared, core: this.#core, sync: this.#sync, reports: this.#reports },
				...{ keys, store, feed: this.feed, seconds },
				failed: (error) => this.#failed(error),
			});
	}

	/** A broker has kept the newest notice of before the backup was restored. Once that is confirmed the server's own stand there. */
	#recover(notice: Uint8Array): void {
		if (this.planner.isHeld)
			this.planner.recover([notice.slice()]).catch((error: unknown) => this.#failed(error));
	}

	/** A defect that one door meets is not to end the sessions of all. */
	#guarded(run: () => void): void {
		try {
			run();
		} catch (error) {
			this.#failed(error);
		}
	}

	/** Doors tell of their session's begin and end; what was stored of a server that was killed is not counted. */
	#sessions = 0;

	#count(books: SiteBooks): void {
		const { metrics } = this;
		const told = books.told.bind(books);
		books.told = (door, news) => {
			this.#reports.told(door, news, this.now());
			if (news.kind === "begun") {
				metrics.handshakes.inc();
				this.#sessions++;
			} else if (news.kind === "ended") this.#sessions--;
			else if (news.kind === "refused") metrics.refusedHandshakes.inc({ reason: news.reason });
			else if (news.kind === "alarm") metrics.alarms.inc();
			told(door, news);
		};
		const takeLog = books.takeLog.bind(books);
		books.takeLog = (door, reader, message, done) => {
			const count = message.name === "log" ? message.records.length / RECORD_SIZE : 0;
			takeLog(door, reader, message, (result) => {
				if (typeof result !== "string") metrics.logRows.inc(count);
				done(result);
			});
		};
	}

	#changed(door: string | undefined): void {
		this.#problems.delete(door ?? "");
		this.#sync?.changed(door);
	}

	#problem(problem: PlanProblem): void {
		const { door = "", message } = problem;
		if (this.#problems.get(door)?.message === message) return;
		this.#problems.set(door, problem);
		this.#log(message);
	}

	/** What each of many doors meets is told once a minute. */
	#failed(error: unknown): void {
		const text = traceOf(error);
		const now = this.now();
		if (text === this.#told.text && now < this.#told.at + REPEAT_S) return;
		this.#told = { text, at: now };
		this.#log(text);
	}

	async #countDoors(): Promise<Record<DoorState, number>> {
		const counts = Object.fromEntries(DOOR_STATES.map((state) => [state, 0])) as Record<DoorState, number>;
		const heads = new Map((await this.store.plans.heads()).map((head) => [head.door, head]));
		for (const door of await this.store.doors.list()) counts[this.standing(door, heads.get(door.id)).state]++;
		return counts;
	}
}

class CountingCrypto extends NodeCrypto {
	readonly #signed: () => void;

	constructor(signed: () => void) {
		super();
		this.#signed = signed;
	}

	override ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		this.#signed();
		return super.ed25519Sign(message, secretKey);
	}
}
