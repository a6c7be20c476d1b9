// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from "aedes";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import {
	clientOf,
	siteLevel,
	topicDown,
	topicLockdown,
	topicRevoked,
	topicTrust,
} from "../../../protocol/sync/topics.js";
import { BoundedStream } from "./bounded-stream.js";
import { type BrokerSecret, doorOfClient } from "./passwords.js";
import { type SiteTransport, stateNow, type TransportState } from "./transport.js";

export interface EmbeddedOptions {
	/** Address that it listens at. */
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
	/** Now: it changes when passwords are renewed. */
	readonly secret: () => BrokerSecret;
}

/** A door says at most one message and a few acknowledgements at a time. */
const FLOW = Object.freeze({ rate: 100, burst: 400 });
/** Connections that have not said who they are; of more the oldest ends. A door's first packet comes with its first round trip. */
const MAX_STRANGERS = 4096;
const CONNECT_MS = 10_000;
/** How long a door may not read what it is sent. */
const DRAIN_MS = 10_000;
/** Between two looks whether a silent connection is still there. */
const TCP_KEEP_ALIVE_MS = 60_000;
/** MQTT 3.1.1, table 3.1. */
const BAD_PASSWORD = 4;

/** A broker in this process, for the doors of one site alone. Nothing is kept for a door that is away, but retained messages. */
export class EmbeddedBroker implements SiteTransport {
	onMessage: SiteTransport["onMessage"] = () => {};
	onState: SiteTransport["onState"] = () => {};
	knows: SiteTransport["knows"] = () => true;
	state: TransportState = stateNow(false);
	/** Connections that were refused or cut off. */
	refused = 0;
	readonly #options: EmbeddedOptions;
	readonly #aedes: Aedes;
	readonly #server: Server;
	readonly #streams = new Set<BoundedStream>();
	/** In the order in which they came. */
	readonly #strangers = new Set<BoundedStream>();
	readonly #doors = new Map<string, Client>();
	#queued = 0;

	/** Rejects with the error of the operating system where it cannot listen there. */
	static async open(options: EmbeddedOptions): Promise<EmbeddedBroker> {
		const broker = new EmbeddedBroker(options);
		await broker.#open();
		return broker;
	}

	private constructor(options: EmbeddedOptions) {
		this.#options = options;
		this.#aedes = new Aedes({
			// Each waits for its own door alone. With a number, what waits behind it is taken up by calls in each other, as deep as the queue is long.
			concurrency: 0,
			connectTimeout: CONNECT_MS,
			drainTimeout: DRAIN_MS,
			preConnect: (_, packet, done) =>
				isPlain(packet) ? done(null, true) : done(new Error("a door keeps nothing at the broker"), false),
			authenticate: (client, user, password, done) => {
				const door = doorOfClient(options.secret(), user, password);
				if (door !== undefined && user === client.id && this.knows(door)) done(null, true);
				else done(refusal("unknown client, or a wrong password", BAD_PASSWORD), false);
			},
			authorizePublish: (client, packet, done) =>
				done(isUp(client, packet) ? null : new Error("a door may not publish this")),
			authorizeSubscribe: (client, subscription, done) =>
				done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
		});
		this.#aedes
			.on("client", (client) => {
				this.#strangers.delete(client.conn as BoundedStream);
				this.#doors.set(client.id, client);
			})
			.on("clientDisconnect", (client) => {
				if (this.#doors.get(client.id) === client) this.#doors.delete(client.id);
			})
			.on("clientError", () => this.refused++)
			.on("connectionError", () => this.refused++);
		this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
	}

	/** Doors that are connected now. */
	get connections(): number {
		return this.#doors.size;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	get queued(): number {
		return this.#queued;
	}

	publish(topic: string, bytes: Uint8Array, retain: boolean): void {
		this.#queued++;
		this.#aedes.publish(
			{ cmd: "publish", topic, payload: Buffer.from(bytes), qos: 1, dup: false, retain },
			() => {
				this.#queued--;
			},
		);
	}

	isConnected(door: string): boolean {
		return this.#doors.has(clientOf(this.#options.secret().site, door));
	}

	drop(door: string): void {
		this.#doors.get(clientOf(this.#options.secret().site, door))?.close();
	}

	async close(): Promise<void> {
		const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
		for (const stream of this.#streams) stream.destroy();
		await closed;
		this.#change(stateNow(false, "closed"));
	}

	async #open(): Promise<void> {
		const { host, port, secret } = this.#options;
		await this.#aedes.listen();
		const up = `l1/${siteLevel(secret().site)}/+/u`;
		await new Promise<void>((resolve) =>
			this.#aedes.subscribe(
				up,
				({ payload, topic }, done) => {
					this.onMessage(topic, payload as Buffer);
					done();
				},
				resolve,
			),
		);
		try {
			await new Promise<void>((resolve, reject) => {
				this.#server.once("error", reject).listen(port, host, resolve);
			});
		} catch (error) {
			this.#aedes.close();
			throw error;
		}
		this.#change(stateNow(true));
	}

	#change(state: TransportState): void {
		this.state = state;
		this.onState(state);
	}

	#accept(socket: Socket): void {
		socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
		const stream = new BoundedStream(socket, FLOW);
		this.#streams.add(stream);
		this.#strangers.add(stream);
		stream.on("close", () => {
			this.#streams.delete(stream);
			this.#strangers.delete(stream);
		});
		const [oldest] = this.#strangers;
		if (this.#strangers.size > MAX_STRANGERS) {
			this.refused++;
			oldest!.destroy();
		}
		this.#aedes.handle(stream);
	}

	#maySubscribe({ id }: Client, topic: string): boolean {
		const { site } = this.#options.secret();
		return (
			topic === topicDown(site, id.slice(id.lastIndexOf("/") + 1)) ||
			topic === topicTrust(site) ||
			topic === topicRevoked(site) ||
			topic === topicLockdown(site)
		);
	}
}

/** No session that outlives its connection, and no last will: the broker would keep for doors what must not be kept. */
function isPlain({ clean, will }: ConnectPacket): boolean {
	return clean === true && will === undefined;
}

/** Its own topic up, and nothing that is kept or stored. */
function isUp(client: Client | null, { payload, qos, retain, topic }: PublishPacket): boolean {
	return (
		client !== null && topic === `l1/${client.id}/u` && !retain && qos < 2 && payload.length <= MAX_FRAME
	);
}

function refusal(message: string, returnCode: number): AuthenticateError {
	return Object.assign(new Error(message), { returnCode });
}
