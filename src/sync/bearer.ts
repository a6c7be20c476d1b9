// SPDX-License-Identifier: Apache-2.0

import type {
	MQTTAcknowledgement,
	MQTTClient,
	MQTTFailure,
	MQTTMessage,
	MQTTOptions,
} from "../../hal/contracts/network.js";
import type { Alarm } from "../../hal/contracts/time.js";
import { readUint32 } from "../../protocol/bytes.js";
import type { ServerSettings } from "../../protocol/config/server.js";
import { MAX_FRAME } from "../../protocol/sync/bounds.js";
import { BACK_OFF_MS, nextWait, share } from "./back-off.js";
import type { SyncTarget } from "./target.js";

/** Longest silence of the broker that is not asked after, ms. */
const KEEP_ALIVE_MS = 60_000;
/** A broker that says neither yes nor no to the subscriptions is left after this time, ms. */
const SUBSCRIBE_MS = 10_000;
/** Longest wait before the first connection for each second of the spread, ms: in the eighth that is left the last readers get their sessions. */
const FIRST_WAIT_MS = 875;
/** A session that has lasted as long was no failure, ms: two readers with one id end each other's at once, again and again. */
const SETTLED_MS = 60_000;
/** What comes while a phone is served waits, and is looked at this often, ms; so does what comes behind a signature. */
const LOOK_MS = 50;

/** Why there is no connection: a failure of MQTT, or the reader has ended it. */
export type BearerLoss = MQTTFailure | "left";

/** How a reader comes to a broker. */
export interface Uplink {
	/** The reader is in its network. */
	readonly joined: boolean;
	connect(options: MQTTOptions): MQTTClient;
}

/** Whose connection it is. One object with methods: a closure each would take 11 slots. */
export interface BearerHost {
	readonly target: SyncTarget;
	readonly uplink: Uplink;
	/** A phone comes first. */
	givesWay(): boolean;
	readonly inSession: boolean;
	subscribed(): void;
	/** A message on the topic of that number, in `buffer[0..count)`. */
	message(topic: number, count: number, retained: boolean): void;
	/** A message was too long. */
	skipped(): void;
	lost(why: BearerLoss): void;
}

type Phase = "idle" | "waiting" | "connecting" | "subscribing" | "open";

/**
 * The connection to the site's broker: made, and made again, for as long as the reader is in its network. Nothing that comes on it is
 * believed. The first wait is random over most of the spread that the site has set, after a loss too: all readers have lost a broker that fails.
 */
export class Bearer implements MQTTOptions {
	/** What has come. It stays until `onMessage` returns. */
	readonly buffer = new Uint8Array(MAX_FRAME);
	/** Client id and user name. */
	readonly id: string;
	readonly keepAlive = KEEP_ALIVE_MS;
	private readonly owner: BearerHost;
	/** Of this connection. */
	private settings: ServerSettings | undefined;
	/** Those that it subscribes to. */
	private readonly topics: readonly string[];
	private readonly publication: { readonly topic: string };
	private readonly alarm: Alarm;
	/** For a message that waits. */
	private readonly look: Alarm;
	private readonly dice = new Uint8Array(4);
	private phase: Phase = "idle";
	private mqtt: MQTTClient | undefined;
	/** When a session came of this connection; -1: none did. */
	private settledAt = -1;
	/** The wait before this attempt, ms; 0 before the first that failed. */
	private wait = 0;
	/** Of the message that waits: topic, length, and whether the broker had kept it. */
	private topic = -1;
	private count = 0;
	private retained = false;

	/** `up`: topic of the reader's frames. `topics`: those that it subscribes to. */
	constructor(owner: BearerHost, id: string, up: string, topics: readonly string[]) {
		const { clock } = owner.target;
		this.owner = owner;
		this.id = id;
		this.topics = topics;
		this.publication = Object.freeze({ topic: up });
		this.alarm = clock.alarm(() => this.tick());
		this.look = clock.alarm(() => this.lookAgain());
	}

	/** The reader is in its network. Does nothing where a connection is there or to come. */
	start(): void {
		const { server } = this.owner.target.store;
		if (this.phase !== "idle" || server === undefined) return;
		this.begin(server);
	}

	/** Gives the connection up; another follows in its time. */
	leave(): void {
		this.mqtt?.close();
		this.lost("left");
	}

	/** Ends it for good, or until `start`. */
	close(): void {
		this.mqtt?.close();
		this.reset();
		this.phase = "idle";
		this.alarm.clear();
	}

	get open(): boolean {
		return this.phase === "open";
	}

	/** A session has come of it: the next loss is the first again where that has lasted. */
	settle(): void {
		this.settledAt = this.owner.target.clock.now();
	}

	/** A random number of 2^32. */
	roll(): number {
		this.owner.target.random.fill(this.dice);
		return readUint32(this.dice, 0);
	}

	/** Sends a frame. One for which there is no room is lost, as others are: what needs an answer is said again. */
	send(frame: Uint8Array): void {
		if (this.phase !== "open") return;
		try {
			this.mqtt!.write(frame, this.publication);
		} catch (error) {
			if (!(error instanceof RangeError)) throw error;
		}
	}

	private begin({ spread }: ServerSettings): void {
		this.settledAt = -1;
		this.wait = 0;
		this.waitFor(share(Math.max(spread * FIRST_WAIT_MS, BACK_OFF_MS), this.roll()));
	}

	private waitFor(ms: number): void {
		this.phase = "waiting";
		this.alarm.set(ms);
	}

	private tick(): void {
		if (this.phase === "waiting") this.connect();
		else if (this.phase === "subscribing") {
			this.mqtt!.close();
			this.lost("silent");
		}
	}

	private connect(): void {
		const { target, uplink } = this.owner;
		const { server } = target.store;
		if (server === undefined || !uplink.joined) {
			this.phase = "idle";
			return;
		}
		this.phase = "connecting";
		this.settings = server;
		this.mqtt = uplink.connect(this);
	}

	// What the client of MQTT is told, and tells. It gets this object, as a closure each would take 11 slots.

	get host(): string {
		return this.settings!.host;
	}

	get port(): number {
		return this.settings!.port;
	}

	get user(): string {
		return this.id;
	}

	get password(): string {
		return this.settings!.password;
	}

	onControl(operation: MQTTAcknowledgement): void {
		if (operation === "SUBACK") this.subscribed();
	}

	onSkipped(count: number): void {
		if (count > MAX_FRAME) this.owner.skipped();
	}

	onError(failure: MQTTFailure): void {
		this.lost(failure);
	}

	onWritable(): void {
		if (this.phase !== "connecting") return;
		this.phase = "subscribing";
		this.alarm.set(SUBSCRIBE_MS);
		this.mqtt!.subscribe(this.topics);
	}

	private subscribed(): void {
		if (this.phase !== "subscribing") return;
		this.phase = "open";
		this.alarm.clear();
		this.owner.subscribed();
	}

	onReadable(count: number, { retain, topic }: MQTTMessage): void {
		const number = this.topics.indexOf(topic);
		// A broker may send what it kept before it grants the subscription (MQTT 3.1.1, 3.8.4).
		if ((this.phase !== "open" && this.phase !== "subscribing") || number < 0) return;
		if (this.owner.givesWay()) {
			this.topic = number;
			this.count = count;
			this.retained = retain;
		} else if (!this.tell(number, count, retain)) return;
		this.mqtt!.hold();
		this.look.set(LOOK_MS);
	}

	/**
	 * Returns whether what comes next has to wait: outside a session a message may cost up to four checks of signatures, 17 ms each, and
	 * whoever has the broker sends as many as they like.
	 */
	private tell(topic: number, count: number, retained: boolean): boolean {
		const { mqtt, owner } = this;
		owner.message(topic, count, retained);
		return mqtt === this.mqtt && (topic > 0 || !owner.inSession);
	}

	private lookAgain(): void {
		const { count, retained, topic } = this;
		if (this.owner.givesWay()) {
			this.look.set(LOOK_MS);
			return;
		}
		this.topic = -1;
		if (topic >= 0 && this.tell(topic, count, retained)) this.look.set(LOOK_MS);
		else this.mqtt?.resume();
	}

	private reset(): void {
		this.mqtt = undefined;
		this.topic = -1;
		this.look.clear();
	}

	private lost(why: BearerLoss): void {
		const { target, uplink } = this.owner;
		const { server } = target.store;
		const { settledAt } = this;
		this.settledAt = -1;
		this.reset();
		if (server === undefined || !uplink.joined) {
			this.phase = "idle";
			this.alarm.clear();
		} else if (settledAt >= 0 && target.clock.now() - settledAt >= SETTLED_MS) this.begin(server);
		else {
			this.wait = nextWait(this.wait, this.roll());
			this.waitFor(this.wait);
		}
		this.owner.lost(why);
	}
}
