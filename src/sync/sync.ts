// SPDX-License-Identifier: Apache-2.0

import type { Alarm } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { CredentialError } from "../../protocol/credential/credential.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { EdhocError } from "../../protocol/edhoc/errors.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import { EVENTS, SYNC_ENDS, type SyncEnd } from "../../protocol/events.js";
import { RECORD_HEAD, SESSION_LIFE } from "../../protocol/sync/bounds.js";
import { errorFrame, FRAME } from "../../protocol/sync/frame.js";
import { readClear } from "../../protocol/sync/messages.js";
import { ReaderHandshake } from "../../protocol/sync/reader-handshake.js";
import { serverRefusal } from "../../protocol/sync/server-key.js";
import type { SyncSession } from "../../protocol/sync/session.js";
import { clientOf, topicDown, topicUp } from "../../protocol/sync/topics.js";
import { KID, type TrustKey, type TrustList } from "../../protocol/trust/list.js";
import { TellAlarms } from "./alarms.js";
import { AskTime } from "./ask-time.js";
import { nextWait, share } from "./back-off.js";
import { Bearer, type BearerHost, type BearerLoss, type Uplink } from "./bearer.js";
import { ANSWER_MS, BUSY_MS, Conversation, type ConversationHost } from "./conversation.js";
import { TellHealth } from "./health.js";
import { Hello } from "./hello.js";
import { Lists } from "./lists.js";
import { Lockdowns } from "./lockdown.js";
import { LogSender } from "./log-sender.js";
import { PlanPull } from "./plan-pull.js";
import { RETAINED } from "./retained.js";
import { firstSettings } from "./settings.js";
import type { Speaker } from "./speaker.js";
import type { SyncTarget } from "./target.js";

/** What the broker kept has come by then, ms after it granted the subscriptions: a newer trust list goes before a session. */
export const SETTLE_MS = 1000;
/** The end of the server's key is looked for this often, ms: at each record it would cost as much as to open that. */
const JUDGE_MS = 1000;
/** An attempt at a session ends after this time, ms. */
export const ATTEMPT_MS = 20_000;

/** A session lasts for this time at least, ms, whatever the owner of the broker says. */
const DOUBT_MS = 60_000;
/** For so long sync gives way to phones, ms. */
const PATIENCE_MS = 2000;
/** A record waits for those that follow it, ms. */
const GATHER_MS = 200;

/**
 * The reader's end of sync: in its network it connects to the broker, takes what that has kept, and holds a session with the site. It
 * opens nothing by itself, and nothing of it runs long.
 */
export class Sync implements BearerHost, ConversationHost {
	readonly target: SyncTarget;
	readonly uplink: Uplink;
	readonly lists: Lists;
	readonly lockdowns: Lockdowns;
	readonly pull: PlanPull;
	settingsFrom: number;
	private readonly log: LogSender;
	private readonly hello: Hello;
	private readonly alarms: TellAlarms;
	private readonly bearer: Bearer;
	private readonly conversation: Conversation;
	private readonly alarm: Alarm;
	private handshake: ReaderHandshake | undefined;
	private session: SyncSession | undefined;
	#server: TrustKey | undefined;
	/** In which the server's key was found. */
	private list: TrustList | undefined;
	private since = 0;
	/** Since when a phone is served, ms; -1: none is, as far as was asked. */
	private busySince = -1;
	private asked = 0;
	/** The site may not know the session. */
	private doubted = false;
	/** When the server's key was judged last, ms of the clock. */
	private judged = 0;
	/** Before the next attempt, ms; 0: none has failed since the last session. */
	private wait = 0;

	/** For a reader of a site. */
	constructor(target: SyncTarget, uplink: Uplink) {
		const { door, trust } = target.store.membership!;
		const { site } = trust;
		const topics = [topicDown(site, door)];
		for (let i = 0; i < RETAINED.length; i++) topics.push(RETAINED[i]!.topic(site));
		this.target = target;
		this.uplink = uplink;
		this.lists = new Lists(target);
		this.lockdowns = new Lockdowns(this);
		this.pull = new PlanPull(this);
		this.settingsFrom = firstSettings(target);
		this.log = new LogSender(target);
		this.hello = new Hello(target, this.log);
		this.alarms = new TellAlarms(this);
		this.alarm = target.clock.alarm(() => this.tick());
		this.conversation = new Conversation(this, this.speakers());
		this.bearer = new Bearer(this, clientOf(site, door), topicUp(site, door), topics);
	}

	/** The reader is in its network: may be called again and again. */
	start(): void {
		this.bearer.start();
	}

	close(): void {
		this.bearer.close();
		this.pull.close();
		this.lockdowns.close();
		this.end("left");
	}

	get age(): number {
		return this.target.clock.now() - this.since;
	}

	get server(): TrustKey | undefined {
		return this.#server;
	}

	get inSession(): boolean {
		return this.session !== undefined;
	}

	/** Who stays, and a stranger who stays connected, keeps nothing from the site. */
	givesWay(): boolean {
		const now = this.target.clock.now();
		const { asked } = this;
		this.asked = now;
		if (!this.target.busy()) this.busySince = -1;
		else if (this.busySince < 0 || now - asked > PATIENCE_MS) this.busySince = now;
		return this.busySince >= 0 && now - this.busySince < PATIENCE_MS;
	}

	changed(): void {
		this.judged = 0;
		this.hello.changed();
		if (this.judge()) this.conversation.wake();
	}

	wake(): void {
		this.conversation.wake();
	}

	/** The site may have begun anew, and then knows of no session: another follows. */
	doubt(): void {
		if (this.session === undefined || this.doubted) return;
		this.doubted = true;
		this.alarm.set(Math.max(0, DOUBT_MS - this.age) + share(DOUBT_MS / 4, this.bearer.roll()));
	}

	/** The log has a new record. What follows it in a moment goes with it. */
	recorded(kind: number): void {
		this.alarms.recorded(kind);
		this.conversation.wake(GATHER_MS);
	}

	/** What it has to say, the most urgent first. */
	private speakers(): readonly Speaker[] {
		return [
			this.hello,
			this.lists,
			new AskTime(this),
			this.alarms,
			this.pull,
			this.log,
			new TellHealth(this),
		];
	}

	private tick(): void {
		if (this.session !== undefined) this.renew();
		else if (this.handshake !== undefined) this.failed("no answer");
		else if (this.lists.isMissing) this.ask();
		else this.greet();
	}

	/** Asks in the clear for the next trust list, which may be the one that has the server's key; without an answer it goes on. */
	private ask(): void {
		this.alarm.set(ANSWER_MS);
		this.bearer.send(this.lists.request());
	}

	private answered(frame: Uint8Array): void {
		const list = readClear(frame, "site");
		if (list?.name !== "list" || !this.lists.inTheClear(list)) return;
		// A reader that was away may lack many, and learns of each by an attempt that fails.
		this.wait = 0;
		this.changed();
		this.alarm.set(0);
	}

	/** The session has lasted as long as one may, or the site may not know it. */
	private renew(): void {
		this.end(this.doubted ? "site" : "life");
		this.greet();
	}

	/** Begins an attempt at a session. */
	private greet(): void {
		const { crypto, random, store } = this.target;
		if (!this.bearer.open) return;
		if (this.givesWay()) {
			this.alarm.set(BUSY_MS);
			return;
		}
		const { credentials, door } = store.membership!;
		const { secretKey } = store.keys![0]!;
		this.handshake = new ReaderHandshake({
			...{ crypto, random, door },
			ephemerals: new EphemeralPool(crypto, random),
			credential: { ...byKcwt(credentials[0]!), ...signer(crypto, EDDSA, secretKey) },
			trust: store.lists.newest,
			now: this.now,
		});
		this.alarm.set(ATTEMPT_MS);
		this.bearer.send(this.handshake.begin());
	}

	message(topic: number, count: number, retained: boolean): void {
		const { buffer } = this.bearer;
		if (topic > 0) RETAINED[topic - 1]!.take(this, buffer.subarray(0, count), retained);
		else if (this.session !== undefined && buffer[0] === FRAME.record) this.record(buffer, count);
		else if (this.handshake !== undefined) this.greeted(buffer.subarray(0, count));
		else if (this.session === undefined) this.answered(buffer.subarray(0, count));
	}

	private record(buffer: Uint8Array, count: number): void {
		const length = this.session!.open(buffer, count);
		if (length > 0 && this.judge())
			this.conversation.take(buffer.subarray(RECORD_HEAD, RECORD_HEAD + length));
	}

	private greeted(frame: Uint8Array): void {
		const handshake = this.handshake!;
		let answer: Uint8Array | undefined;
		try {
			answer = handshake.take(frame);
		} catch (error) {
			if (!(error instanceof EdhocError) && !(error instanceof CredentialError)) throw error;
			const told = errorFrame(handshake.id, error);
			if (told !== undefined) this.bearer.send(told);
			this.failed(error.reason, error instanceof CredentialError);
			return;
		}
		if (answer !== undefined) {
			this.alarm.set(ATTEMPT_MS);
			this.bearer.send(answer);
		}
		if (handshake.session !== undefined) this.begin(handshake.session, handshake.server!);
	}

	private begin(session: SyncSession, server: TrustKey): void {
		const { clock, reader, store, trace } = this.target;
		this.handshake = undefined;
		this.session = session;
		this.#server = server;
		this.since = clock.now();
		this.doubted = false;
		this.wait = 0;
		this.alarm.set(SESSION_LIFE * 1000);
		// A list may have come since the server's key was found.
		if (!this.judge()) return;
		this.bearer.settle();
		// The network that is tried has brought it.
		store.endTrial(true);
		trace("sync: a session");
		reader.record(EVENTS.sync, 1, 0, server.publicKey.subarray(0, 8));
		this.conversation.begin();
	}

	/** The attempt is over. Where the server's key is to blame, a newer list may be what is missing. */
	private failed(why: string, suspect = false): void {
		this.target.trace(`sync: no session: ${why}`);
		this.handshake!.close();
		this.handshake = undefined;
		if (suspect) this.lists.suspect();
		this.wait = nextWait(this.wait, this.bearer.roll());
		this.alarm.set(this.wait);
	}

	/** By which keys end: with an unset clock, the newest time that the site has signed. */
	private get now(): number {
		const { reader, store } = this.target;
		return Math.max(reader.knownTime ?? reader.newestSigned ?? 0, store.lists.newest.issued);
	}

	/** Whether the server may still speak for the site; else the session has ended. */
	private judge(): boolean {
		const { clock, store, trace } = this.target;
		const server = this.#server;
		if (server === undefined) return false;
		const { newest } = store.lists;
		const at = clock.now();
		if (newest !== this.list) this.#server = this.find(newest, server);
		else if (at - this.judged < JUDGE_MS) return true;
		this.judged = at;
		const refusal = serverRefusal(this.#server, store.membership!.door, this.now);
		if (refusal === undefined) return true;
		trace(`sync: the server's key: ${refusal}`);
		this.#server = server;
		this.end("key");
		this.wait = nextWait(0, this.bearer.roll());
		this.alarm.set(this.wait);
		return false;
	}

	/** The server's key in another list. */
	private find(list: TrustList, { publicKey }: TrustKey): TrustKey | undefined {
		const key = list.find(publicKey.subarray(0, KID));
		this.list = list;
		return key !== undefined && equal(key.publicKey, publicKey) ? key : undefined;
	}

	say(frame: Uint8Array, length: number): void {
		const size = this.session?.seal(frame, length) ?? 0;
		if (size > 0) this.bearer.send(frame.subarray(0, size));
		else this.leave("unanswered");
	}

	unanswered(): void {
		this.leave("unanswered");
	}

	subscribed(): void {
		this.alarm.set(SETTLE_MS);
	}

	skipped(): void {
		this.lists.suspect();
	}

	lost(why: BearerLoss): void {
		this.target.trace(`sync: no connection: ${why}`);
		this.end("connection");
	}

	private leave(why: SyncEnd): void {
		this.end(why);
		this.bearer.leave();
	}

	/** Session and attempt are over. */
	private end(why: SyncEnd): void {
		this.alarm.clear();
		this.handshake?.close();
		this.handshake = undefined;
		if (this.session === undefined) return;
		const server = this.#server!;
		this.session.close();
		this.session = undefined;
		this.#server = undefined;
		this.conversation.end();
		this.target.trace(`sync: the session has ended: ${why}`);
		this.target.reader.record(EVENTS.sync, SYNC_ENDS[why] << 8, 0, server.publicKey.subarray(0, 8));
	}
}
