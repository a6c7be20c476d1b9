// SPDX-License-Identifier: Apache-2.0

import {
	type ClientPacket,
	connack,
	covers,
	PacketReader,
	pingresp,
	puback,
	publish,
	suback,
} from "./mqtt.js";
import { SeededRandom } from "./random.js";
import type { SimConnection } from "./tcp.js";
import type { VirtualTime } from "./time.js";

export interface BrokerMessage {
	readonly topic: string;
	readonly data: Uint8Array;
	/** It is to be kept, or was. */
	readonly retain: boolean;
}

/** What a broker does that it should not: each from 0 (never) to 1, of messages. */
export interface BrokerFaults {
	/** A client's message is acknowledged and thrown away. */
	readonly swallow: number;
	readonly lose: number;
	/** It comes later, and so after others: by up to `longest`, ms. */
	readonly late: number;
	readonly longest: number;
	readonly duplicate: number;
	/** Another of the past comes with it, wherever that once went. */
	readonly replay: number;
	/** A new subscriber gets an earlier retained message of the topic. */
	readonly stale: number;
	/** The data of another topic comes under this one's name. */
	readonly swap: number;
	readonly truncate: number;
	/** One bit of the data is another. */
	readonly alter: number;
	/** The connection ends in the middle of it. */
	readonly cut: number;
}

export const HONEST: BrokerFaults = Object.freeze({
	swallow: 0,
	lose: 0,
	late: 0,
	longest: 0,
	duplicate: 0,
	replay: 0,
	stale: 0,
	swap: 0,
	truncate: 0,
	alter: 0,
	cut: 0,
});

/** The client that a connection says it is. */
export interface BrokerClient {
	readonly id: string;
	readonly user: string;
	readonly password: string;
}

/** Where messages go: a client's session, or a program beside the broker. */
interface Subscriber {
	readonly filters: Set<string>;
	take(message: BrokerMessage, duplicate: boolean, cut: boolean): void;
}

/**
 * An MQTT broker in memory, in simulated time. Its faults come from its seed, so a run is the same every time. It keeps what was
 * retained and all of the past, and can be told to lie (`tell`).
 */
export class SimBroker {
	/** By topic. */
	readonly retained = new Map<string, BrokerMessage>();
	/** All that it was ever given, the oldest first. */
	readonly past: BrokerMessage[] = [];
	faults: BrokerFaults = HONEST;
	/** It was given this, before anything becomes of it. */
	onPublish: ((message: BrokerMessage) => void) | undefined;
	/** Code of the answer to a client (MQTT 3.1.1, table 3.1): 0 lets it in. */
	admit: (client: BrokerClient) => number = () => 0;
	maySubscribe: (client: BrokerClient, filter: string) => boolean = () => true;
	readonly #time: VirtualTime;
	readonly #random: SeededRandom;
	readonly #sessions = new Map<string, Session>();
	readonly #watchers = new Set<Subscriber>();

	constructor(time: VirtualTime, seed: number) {
		this.#time = time;
		this.#random = new SeededRandom(seed);
	}

	/** Ids of the clients that are connected. */
	get clients(): readonly string[] {
		return [...this.#sessions.keys()];
	}

	/** Takes connections as `SimNetwork.listeners` gives them. */
	readonly accept = (connection: SimConnection): void => {
		new Session(connection, this.#time, {
			admitted: (session) => {
				const code = this.admit(session.client!);
				if (code === 0) {
					this.#sessions.get(session.client!.id)?.drop();
					this.#sessions.set(session.client!.id, session);
				}
				return code;
			},
			subscribed: (session, filters) => this.#subscribe(session, filters),
			published: (message) => {
				if (!this.#chance(this.faults.swallow)) this.#publish(message);
			},
			left: ({ client }, session) => {
				if (this.#sessions.get(client.id) === session) this.#sessions.delete(client.id);
			},
		});
	};

	/** A program beside the broker publishes. Empty data takes a retained message back. */
	publish(topic: string, data: Uint8Array, retain = false): void {
		this.#publish({ topic, data: data.slice(), retain });
	}

	/** A program beside the broker subscribes; what it is given back ends that. The broker's faults meet it, too. */
	watch(filter: string, take: (message: BrokerMessage) => void): () => void {
		const watcher: Subscriber = { filters: new Set([filter]), take };
		this.#watchers.add(watcher);
		this.#retainedFor(watcher, filter);
		return () => this.#watchers.delete(watcher);
	}

	/** Sends a message to a client that nobody published, or to all clients, subscribed or not. */
	tell(message: BrokerMessage, id?: string): void {
		for (const [name, session] of this.#sessions)
			if (id === undefined || id === name) session.take(message, false, false);
	}

	/** Ends the connection of a client, or of all. */
	drop(id?: string): void {
		for (const [name, session] of [...this.#sessions]) if (id === undefined || id === name) session.drop();
	}

	#subscribe(session: Session, filters: readonly string[]): readonly number[] {
		const codes = filters.map((filter) => (this.maySubscribe(session.client!, filter) ? 1 : 0x80));
		// After the acknowledgement, as Mosquitto does.
		this.#time.after(0, () => {
			for (const [i, filter] of filters.entries())
				if (codes[i] === 1) {
					session.filters.add(filter);
					this.#retainedFor(session, filter);
				}
		});
		return codes;
	}

	#retainedFor(subscriber: Subscriber, filter: string): void {
		for (const message of [...this.retained.values()].filter(({ topic }) => covers(filter, topic))) {
			const earlier = this.past.filter(({ topic, retain }) => retain && topic === message.topic);
			const chosen = this.#chance(this.faults.stale) ? this.#any(earlier) : message;
			this.#deliver(subscriber, { ...chosen, retain: true });
		}
	}

	#publish(message: BrokerMessage): void {
		this.onPublish?.(message);
		this.past.push(message);
		if (message.retain && message.data.length > 0) this.retained.set(message.topic, message);
		else if (message.retain) this.retained.delete(message.topic);
		for (const subscriber of [...this.#watchers, ...this.#sessions.values()])
			if ([...subscriber.filters].some((filter) => covers(filter, message.topic)))
				// To those who had subscribed before, no message is a retained one (3.3.1.3).
				this.#deliver(subscriber, { ...message, retain: false });
	}

	#deliver(subscriber: Subscriber, message: BrokerMessage): void {
		const { faults } = this;
		if (this.#chance(faults.replay)) this.#later(subscriber, this.#any(this.past), false);
		if (this.#chance(faults.lose)) return;
		const told = this.#distorted(message);
		this.#later(subscriber, told, false);
		if (this.#chance(faults.duplicate)) this.#later(subscriber, told, true);
	}

	#distorted(message: BrokerMessage): BrokerMessage {
		const { faults } = this;
		let data = this.#chance(faults.swap) ? this.#any(this.past).data : message.data;
		if (data.length > 0 && this.#chance(faults.truncate))
			data = data.slice(0, this.#random.below(data.length));
		if (data.length > 0 && this.#chance(faults.alter)) {
			data = data.slice();
			data[this.#random.below(data.length)]! ^= 1 << this.#random.below(8);
		}
		return { ...message, data };
	}

	#later(subscriber: Subscriber, message: BrokerMessage, duplicate: boolean): void {
		const { late, longest, cut } = this.faults;
		const wait = this.#chance(late) ? this.#random.below(longest) : 0;
		const ends = this.#chance(cut);
		this.#time.after(wait * 1000, () => subscriber.take(message, duplicate, ends));
	}

	#chance(share: number): boolean {
		return share > 0 && this.#random.uint32() < share * 2 ** 32;
	}

	#any<T>(of: readonly T[]): T {
		return of[this.#random.below(of.length)]!;
	}
}

interface SessionEvents {
	admitted(session: Session): number;
	subscribed(session: Session, filters: readonly string[]): readonly number[];
	published(message: BrokerMessage): void;
	left(session: { readonly client: BrokerClient }, itself: Session): void;
}

/** A clean session of a client. */
class Session implements Subscriber {
	readonly filters = new Set<string>();
	client: BrokerClient | undefined;
	readonly #connection: SimConnection;
	readonly #time: VirtualTime;
	readonly #events: SessionEvents;
	readonly #packets = new PacketReader();
	#open = true;
	#lastId = 0;
	#keepAlive = 0;
	#heard = 0;

	constructor(connection: SimConnection, time: VirtualTime, events: SessionEvents) {
		this.#connection = connection;
		this.#time = time;
		this.#events = events;
		connection.onEnd = () => this.#ended();
		connection.onData = (data) => this.#read(data);
	}

	take({ topic, data, retain }: BrokerMessage, duplicate: boolean, cut: boolean): void {
		if (!this.#open) return;
		this.#lastId = (this.#lastId % 0xffff) + 1;
		const packet = publish(topic, data, { number: this.#lastId, retain, duplicate });
		this.#connection.send(cut ? packet.subarray(0, packet.length >> 1) : packet);
		if (cut) this.drop();
	}

	drop(): void {
		this.#connection.close();
		this.#ended();
	}

	#ended(): void {
		if (!this.#open) return;
		this.#open = false;
		if (this.client !== undefined) this.#events.left({ client: this.client }, this);
	}

	#read(data: Uint8Array): void {
		if (!this.#open) return;
		this.#heard = this.#time.now();
		let packets: ClientPacket[];
		try {
			packets = this.#packets.read(data);
		} catch {
			// The end of the connection is what the standard has for it (4.8).
			this.drop();
			return;
		}
		for (const packet of packets) if (this.#open) this.#take(packet);
	}

	#take(packet: ClientPacket): void {
		if ((packet.kind === "connect") === (this.client !== undefined)) {
			this.drop();
			return;
		}
		switch (packet.kind) {
			case "connect":
				this.#connect(packet, packet.keepAlive);
				break;
			case "publish":
				this.#events.published({ topic: packet.topic, data: packet.data, retain: packet.retain });
				if (packet.number > 0) this.#connection.send(puback(packet.number));
				break;
			case "subscribe":
				this.#connection.send(suback(packet.number, this.#events.subscribed(this, packet.filters)));
				break;
			case "ping":
				this.#connection.send(pingresp());
				break;
			case "disconnect":
				this.drop();
				break;
		}
	}

	#connect({ id, user, password }: BrokerClient, keepAlive: number): void {
		this.client = { id, user, password };
		const code = this.#events.admitted(this);
		this.#connection.send(connack(code));
		if (code !== 0) this.drop();
		this.#keepAlive = keepAlive * 1500;
		this.#watch();
	}

	/** Ends the session of a client that is silent for longer than it said (3.1.2.10). */
	#watch(): void {
		if (!this.#open || this.#keepAlive === 0) return;
		const left = this.#heard + this.#keepAlive - this.#time.now();
		if (left <= 0) this.drop();
		else this.#time.after(left * 1000, () => this.#watch());
	}
}
