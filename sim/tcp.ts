// SPDX-License-Identifier: Apache-2.0

import type { TCP, TCPClass, TCPOptions } from "../hal/contracts/network.js";
import type { VirtualTime } from "./time.js";

/** What a chip's TCP takes before the other end has acknowledged it, bytes: ESP-IDF's default. */
const SEND_BUFFER = 5744;
/** Time to the next try while the network is away, and after how much of it a connection is given up, µs. */
const RETRY = 1_000_000;
const GIVE_UP = 60_000_000;

/** A connection as its server has it. */
export interface SimConnection {
	onData: (data: Uint8Array) => void;
	onEnd: () => void;
	send(data: Uint8Array): void;
	/** What was sent before still arrives. */
	close(): void;
}

/** Takes a connection, and sets what it calls. */
export type SimListener = (connection: SimConnection) => void;

/** The network between the two ends. */
export interface SimWay {
	readonly time: VirtualTime;
	/** From one end to the other, µs. */
	readonly latency: number;
	/** Packets arrive. */
	up(): boolean;
	/** Changes when the client's chip starts again: its connections are gone, which the server is not told. */
	life(): number;
	listener(address: string, port: number): SimListener | undefined;
}

/** TCP in simulated time. While the network is away nothing arrives; after a minute of that both ends have lost the connection. */
export function connectTCP(way: SimWay): TCPClass {
	return class extends SimTCP {
		constructor(options: TCPOptions) {
			super(options, way);
		}
	};
}

class SimTCP implements TCP {
	readonly #options: TCPOptions;
	readonly #way: SimWay;
	readonly #life: number;
	/** What is on its way, either way, in its order. */
	readonly #packets: { readonly due: number; readonly arrive: () => void }[] = [];
	readonly #received: Uint8Array[] = [];
	#server: SimConnection | undefined;
	#unread = 0;
	#unacknowledged = 0;
	#state: "connecting" | "open" | "ended" | "closed" = "connecting";
	#awaySince: number | undefined;

	constructor(options: TCPOptions, way: SimWay) {
		this.#options = options;
		this.#way = way;
		this.#life = way.life();
		this.#carry(() => this.#accept());
	}

	read(buffer: Uint8Array): number {
		if (buffer.length > this.#unread) throw new Error("more than there is");
		for (let at = 0; at < buffer.length; ) {
			const first = this.#received.shift()!;
			const some = first.subarray(0, buffer.length - at);
			buffer.set(some, at);
			at += some.length;
			if (some.length < first.length) this.#received.unshift(first.subarray(some.length));
		}
		this.#unread -= buffer.length;
		if (this.#state === "ended") this.#way.time.after(0, () => this.#tellEnd());
		return buffer.length;
	}

	write(data: Uint8Array): number | undefined {
		if (this.#state === "ended" || this.#state === "closed") return undefined;
		if (this.#state !== "open" || data.length > this.#room) throw new Error("no room");
		const packet = data.slice();
		this.#unacknowledged += packet.length;
		this.#carry(() => {
			this.#unacknowledged -= packet.length;
			this.#server?.onData(packet);
			if (this.#state === "open") this.#options.onWritable(this.#room);
		});
		return this.#room;
	}

	close(): void {
		if (this.#state === "closed") return;
		this.#state = "closed";
		this.#carry(() => this.#endServer());
	}

	get #room(): number {
		return SEND_BUFFER - this.#unacknowledged;
	}

	#accept(): void {
		if (this.#state === "closed") return;
		const { address, port, onWritable } = this.#options;
		const listener = this.#way.listener(address, port);
		if (listener === undefined) {
			this.#end();
			return;
		}
		this.#state = "open";
		this.#server = {
			onData: () => {},
			onEnd: () => {},
			send: (data) => {
				const packet = data.slice();
				this.#carry(() => this.#receive(packet));
			},
			close: () => {
				this.#server = undefined;
				this.#carry(() => this.#end());
			},
		};
		listener(this.#server);
		onWritable(this.#room);
	}

	#receive(packet: Uint8Array): void {
		if (this.#state !== "open" || packet.length === 0) return;
		this.#received.push(packet);
		this.#unread += packet.length;
		this.#options.onReadable(this.#unread);
	}

	#endServer(): void {
		const server = this.#server;
		this.#server = undefined;
		server?.onEnd();
	}

	#end(): void {
		if (this.#state === "closed" || this.#state === "ended") return;
		this.#state = "ended";
		this.#tellEnd();
	}

	#tellEnd(): void {
		if (this.#state !== "ended" || this.#unread > 0) return;
		this.#state = "closed";
		this.#options.onError();
	}

	#carry(arrive: () => void): void {
		const { time, latency } = this.#way;
		this.#packets.push({ due: time.micros + latency, arrive });
		if (this.#packets.length === 1) time.after(latency, () => this.#arrivals());
	}

	#arrivals(): void {
		const { time } = this.#way;
		if (this.#life !== this.#way.life()) return;
		if (!this.#way.up()) {
			this.#awaySince ??= time.micros;
			if (time.micros - this.#awaySince < GIVE_UP) time.after(RETRY, () => this.#arrivals());
			else {
				this.#endServer();
				this.#end();
			}
			return;
		}
		this.#awaySince = undefined;
		// The one that arrives stays first meanwhile, so that what it causes is not scheduled twice.
		for (let first = this.#packets[0]; first !== undefined; first = this.#packets[0]) {
			if (first.due > time.micros) {
				time.after(first.due - time.micros, () => this.#arrivals());
				return;
			}
			first.arrive();
			this.#packets.shift();
		}
	}
}
