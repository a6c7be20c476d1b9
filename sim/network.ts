// SPDX-License-Identifier: Apache-2.0

import type { Datagram, Network, TCPClass, UDP } from "../hal/contracts/network.js";
import { connectTCP, type SimListener } from "./tcp.js";
import type { VirtualTime } from "./time.js";

/** From a datagram to its answer, µs. */
const LATENCY = 30_000;

/** What is at an address and port: the answers to a datagram. */
export type SimServer = (data: Uint8Array) => readonly Uint8Array[];

/** The network behind the access points. */
export class SimNetwork implements Network {
	/** Address by name. */
	readonly names = new Map<string, string>();
	/** By "address:port". */
	readonly servers = new Map<string, SimServer>();
	/** What takes TCP connections, likewise. */
	readonly listeners = new Map<string, SimListener>();
	readonly tcp: TCPClass;
	/** Of datagrams that readers have sent. */
	sent = 0;
	readonly #time: VirtualTime;
	readonly #joined: () => boolean;
	#life = 0;

	constructor(time: VirtualTime, joined: () => boolean) {
		this.#time = time;
		this.#joined = joined;
		this.tcp = connectTCP({
			time,
			latency: LATENCY,
			up: joined,
			life: () => this.#life,
			listener: (address, port) => this.listeners.get(`${address}:${port}`),
		});
	}

	/** The reader's chip starts again: its sockets are gone. */
	powerOff(): void {
		this.#life++;
	}

	resolve(host: string, done: (address: string | undefined) => void): void {
		this.#later(() => done(this.#joined() ? this.names.get(host) : undefined));
	}

	udp(onReadable: () => void): UDP {
		const waiting: Datagram[] = [];
		let open = true;
		return {
			read: () => waiting.shift(),
			write: (data, address, port) => {
				if (!this.#joined()) throw new Error("not joined");
				this.sent++;
				const answers = this.servers.get(`${address}:${port}`)?.(data.slice()) ?? [];
				for (const answer of answers)
					this.#later(() => {
						if (!open) return;
						waiting.push(Object.assign(answer.slice().buffer, { address, port }));
						onReadable();
					});
			},
			close: () => {
				open = false;
			},
		};
	}

	#later(action: () => void): void {
		const life = this.#life;
		this.#time.after(LATENCY, () => {
			if (life === this.#life) action();
		});
	}
}

/** A time server of stratum 2 by RFC 5905, whose clock says `seconds()`. */
export function timeServer(seconds: () => number): SimServer {
	return (request) => {
		if (request.length < 48 || (request[0]! & 7) !== 3) return [];
		const answer = new Uint8Array(48);
		const view = new DataView(answer.buffer);
		answer.set([(request[0]! & 0x38) | 4, 2, 6, 0xec]);
		view.setUint32(8, 0x0100);
		const now = (seconds() + 2_208_988_800) % 2 ** 32;
		for (const at of [16, 32, 40]) view.setUint32(at, now);
		answer.set(request.subarray(40, 48), 24);
		return [answer];
	};
}
