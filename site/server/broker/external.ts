// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { MqttClient } from "mqtt";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { siteLevel } from "../../../protocol/sync/topics.js";
import { BoundedStream } from "./bounded-stream.js";
import { type SiteTransport, stateNow, type TransportState } from "./transport.js";

export interface ExternalOptions {
	/** `mqtt://` or `mqtts://`, with the user's name where it is not the site's. */
	readonly url: URL;
	readonly site: string;
	/** Where the URL has none. */
	readonly password: string;
}

const PORTS: Readonly<Record<string, number>> = Object.freeze({ "mqtt:": 1883, "mqtts:": 8883 });
const RECONNECT_MS = 2000;
const CONNECT_MS = 10_000;
const KEEP_ALIVE_S = 30;

/** Name of the site's server at a broker that others run: no door's, since those have a slash. */
export function serverUser(site: string): string {
	return siteLevel(site);
}

/** The site's connection to a broker that others run. */
export class ExternalBroker implements SiteTransport {
	onMessage: SiteTransport["onMessage"] = () => {};
	onState: SiteTransport["onState"] = () => {};
	knows: SiteTransport["knows"] = () => true;
	state: TransportState = stateNow(false, "not yet");
	readonly #client: MqttClient;
	readonly #retained = new Map<string, Uint8Array>();
	readonly #heard = new Map<string, (bytes: Uint8Array) => void>();
	readonly #prefix: string;
	#queued = 0;

	constructor({ password, site, url }: ExternalOptions) {
		this.#prefix = `l1/${siteLevel(site)}/`;
		this.#client = new MqttClient(() => new BoundedStream(socketTo(url)), {
			protocolVersion: 4,
			clean: true,
			// One of several servers of a site is not to end the others' connections.
			clientId: `${siteLevel(site)}-server-${randomBytes(4).toString("hex")}`,
			username: decodeURIComponent(url.username) || serverUser(site),
			password: decodeURIComponent(url.password) || password,
			reconnectPeriod: RECONNECT_MS,
			connectTimeout: CONNECT_MS,
			keepalive: KEEP_ALIVE_S,
			resubscribe: false,
			queueQoSZero: false,
		});
		this.#client
			.on("connect", () => this.#connected())
			.on("message", (topic, payload) => this.#take(topic, payload))
			.on("error", (error) => this.#change(stateNow(false, wordsOf(error))))
			.on("close", () => {
				if (this.state.connected) this.#change(stateNow(false, "the broker has ended the connection"));
			});
	}

	get queued(): number {
		return this.#queued;
	}

	/** A frame is said again by those who said it: one that waited for the broker would come too late. */
	publish(topic: string, bytes: Uint8Array, retain: boolean): void {
		if (retain) this.#retained.set(topic, bytes);
		if (this.#client.connected) this.#send(topic, bytes, retain);
	}

	readonly hear = (topic: string, take: (bytes: Uint8Array) => void): void => {
		this.#heard.set(topic, take);
		if (this.state.connected) this.#client.subscribe(topic, { qos: 0 });
	};

	/** Its own files say who may connect. */
	isConnected(): undefined {
		return undefined;
	}

	drop(): void {}

	async close(): Promise<void> {
		await this.#client.endAsync(true);
		this.#change(stateNow(false, "closed"));
	}

	#send(topic: string, bytes: Uint8Array, retain: boolean): void {
		this.#queued++;
		this.#client.publish(topic, Buffer.from(bytes), { qos: 1, retain }, () => {
			this.#queued--;
		});
	}

	#connected(): void {
		// Messages have acknowledgements of their own; one that is too long is left out, and with QoS 1 would wait for the broker's.
		this.#client.subscribe(`${this.#prefix}+/u`, { qos: 0 }, (error, granted) => {
			if (error || granted?.some(({ qos }) => qos > 1)) {
				this.#change(stateNow(false, "the broker does not let the site's server hear its doors"));
				return;
			}
			for (const topic of this.#heard.keys()) this.#client.subscribe(topic, { qos: 0 });
			for (const [topic, bytes] of this.#retained) this.#send(topic, bytes, true);
			this.#change(stateNow(true));
		});
	}

	#take(topic: string, payload: Buffer): void {
		if (payload.length > MAX_FRAME || !topic.startsWith(this.#prefix)) return;
		if (topic.endsWith("/u")) this.onMessage(topic, payload);
		else this.#heard.get(topic)?.(payload);
	}

	/** Each try that fails alike is one state. */
	#change(state: TransportState): void {
		const { connected, reason } = this.state;
		if (connected === state.connected && reason === state.reason) return;
		this.state = state;
		this.onState(state);
	}
}

/** A connection to an MQTT broker, by TLS where its address says so. */
export function socketTo(url: URL): Socket {
	const host = url.hostname.replace(/^\[|\]$/g, "");
	const port = Number(url.port) || PORTS[url.protocol]!;
	if (url.protocol === "mqtt:") return connect({ host, port, noDelay: true });
	return connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }) });
}

function wordsOf(error: Error & { code?: unknown }): string {
	if (error.code === 4 || error.code === 5) return "the broker refuses the server's name or password";
	return error.message || String(error.code ?? "no connection");
}
