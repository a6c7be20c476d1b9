// SPDX-License-Identifier: Apache-2.0

/**
 * Simulated Bluetooth LE around a reader: advertising that a scan may hear or miss, several connections at once up to
 * the controller's limit, connection events, loss that costs an event (the link layer sends again), signal strength by
 * distance. It gives the firmware a `GATTServerClass` (`sdk-server.ts`), so that the driver under test is the driver on
 * the device.
 */
import type { GATTServerClass, GATTServerOptions } from "../../hal/contracts/bluetooth.js";
import type { SeededRandom } from "../random.js";
import type { VirtualTime } from "../time.js";
import type { Work } from "../work.js";
import { PROPERTIES } from "./att.js";
import { type CentralSide, SimLink } from "./link.js";
import { SdkServer } from "./sdk-server.js";

export type { CentralSide, SimLink } from "./link.js";

/** From power-on to the stack being up, ms. */
const START_MS = 5;

export interface RadioOptions {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	/** Share of connection events that get nothing through, 0 to 1. */
	readonly loss?: number;
	/** Connections that the controller carries; 3 as in our sdkconfig (CONFIG_BT_NIMBLE_MAX_CONNECTIONS). */
	readonly connections?: number;
	/** Connections and disconnections are told up to this late, ms, each by itself: so in another order, too. */
	readonly disorder?: number;
	/** False: the SDK's server bare, without what `hal/esp32` (radio.c, ble.ts) cures of it. */
	readonly cured?: boolean;
}

/** What the controller tells of its connections to: the SDK's server, or another host at the end of a cable. */
export interface RadioHost {
	connected(link: SimLink): void;
	/** An ATT PDU of the phone. */
	received(link: SimLink, pdu: Uint8Array): void;
	/** A PDU that the host gave for the phone has gone out. */
	sent?(link: SimLink): void;
	disconnected(link: SimLink): void;
	/** A connection could not be established. */
	connectionFailed?(): void;
}

/** A central that answers the next advertisement it hears by a connection. */
interface Initiator {
	readonly central: CentralSide;
	/** Share of advertisements that it hears, 0 to 1. */
	readonly duty: number;
	readonly connected: (link: SimLink) => void;
}

export class SimRadio {
	readonly time: VirtualTime;
	readonly random: SeededRandom;
	readonly connectionLimit: number;
	readonly disorder: number;
	readonly cured: boolean;
	loss: number;
	/** The controller does not answer: the stack never comes up. */
	dead = false;
	/** The stack refuses to start advertising: with an error, or without, as the SDK ignores that of `ble_gap_adv_start`. */
	refuses: boolean | "silently" = false;
	/** Meddles with each PDU: what comes out in its place, often itself. */
	intercept:
		| ((from: "phone" | "reader", pdu: Uint8Array, link: SimLink) => readonly Uint8Array[])
		| undefined;
	/** What would have restarted the chip, in words. A specification of the driver wants it empty. */
	readonly crashes: string[] = [];
	/** Of the firmware, which meets the radio. */
	work: Work | undefined;
	#server: SdkServer | undefined;
	#host: RadioHost | undefined;
	#addresses = 0;
	#advertising: { readonly data: Uint8Array; readonly interval: number } | undefined;
	#cancelAdvertising: (() => void) | undefined;
	readonly #links: SimLink[] = [];
	readonly #scanners = new Set<(data: Uint8Array) => void>();
	readonly #initiators = new Set<Initiator>();

	constructor(options: RadioOptions) {
		this.time = options.time;
		this.random = options.random;
		this.loss = options.loss ?? 0;
		this.connectionLimit = options.connections ?? 3;
		this.disorder = options.disorder ?? 0;
		this.cured = options.cured ?? true;
	}

	/** An address that was not given before. */
	newAddress(): number {
		return ++this.#addresses;
	}

	get connections(): number {
		return this.#links.length;
	}

	get isAdvertising(): boolean {
		return this.#advertising !== undefined;
	}

	/** Milliseconds between advertisements; `undefined` while there are none. */
	get advertisingInterval(): number | undefined {
		return this.#advertising?.interval;
	}

	/** The server that the firmware made. */
	get server(): SdkServer | undefined {
		return this.#server;
	}

	/** The class that the firmware makes its server of. */
	serverClass(): GATTServerClass {
		const radio = this;
		return class extends SdkServer {
			static readonly properties = PROPERTIES;

			constructor(options: GATTServerOptions) {
				super(radio, options);
				radio.#opened(this);
			}
		};
	}

	/** Handle of a characteristic's value in the reader's table; 0 where there is none. */
	handle(uuid: string): number {
		return this.#server?.table.value(uuid) ?? 0;
	}

	/** Hears every advertisement until the function that is given back is called. */
	scan(heard: (data: Uint8Array) => void): () => void {
		this.#scanners.add(heard);
		return () => this.#scanners.delete(heard);
	}

	/** A central connects at once, as if it had just heard an advertisement; `undefined` where there is none. */
	connect(central: CentralSide, at = this.time.micros): SimLink | undefined {
		if (this.#advertising === undefined || this.#links.length >= this.connectionLimit) return undefined;
		// A connection ends the advertising that it came of (Vol 6 Part B 4.5.4).
		this.stop();
		const link = new SimLink(this, central, at);
		this.#links.push(link);
		this.#host?.connected(link);
		return link;
	}

	/**
	 * A connection that fails to be established (Core 5.4, Vol 1 Part F 2.59): it ended the advertising, and the host hears of no
	 * connection and of no end of one.
	 */
	failConnection(): void {
		this.stop();
		this.#host?.connectionFailed?.();
	}

	/**
	 * A central waits to connect. Of several that hear the same advertisement one gets through, by chance: which of two
	 * colliding requests a receiver takes is a matter of their strength, and an attacker may be the stronger one.
	 */
	initiate(central: CentralSide, duty: number, connected: (link: SimLink) => void): () => void {
		const initiator: Initiator = { central, duty, connected };
		this.#initiators.add(initiator);
		return () => this.#initiators.delete(initiator);
	}

	/** An event got nothing through. */
	loses(): boolean {
		return this.random.uint32() / 0x1_0000_0000 < this.loss;
	}

	/** A PDU of the phone has come to the reader's host. */
	received(link: SimLink, pdu: Uint8Array): void {
		for (const one of this.intercept?.("phone", pdu, link) ?? [pdu]) this.#host?.received(link, one);
	}

	/** A PDU of the reader has come to the phone's host. */
	sent(link: SimLink, pdu: Uint8Array): void {
		this.#host?.sent?.(link);
		for (const one of this.intercept?.("reader", pdu, link) ?? [pdu]) if (link.open) link.central.onPdu(one);
	}

	/** The link is no more: both hosts hear of it. */
	ended(link: SimLink): void {
		const at = this.#links.indexOf(link);
		if (at < 0) return;
		this.#links.splice(at, 1);
		link.end();
		this.#host?.disconnected(link);
		link.central.onDisconnect();
	}

	/** Host command; refused while it runs or all connections are taken, which the SDK does not tell. */
	advertise(data: Uint8Array, interval: number): boolean {
		if (this.refuses || this.#advertising !== undefined || this.#links.length >= this.connectionLimit)
			return false;
		this.#advertising = { data, interval };
		const due = this.time.micros;
		this.#cancelAdvertising = this.time.after(0, () => this.#advertisement(due));
		return true;
	}

	stop(): void {
		this.#cancelAdvertising?.();
		this.#advertising = undefined;
	}

	/** The chip panics and starts anew; what it carried is gone. */
	crash(why: string): void {
		this.crashes.push(why);
		this.powerOff();
	}

	/** The reader's power is cut: everybody is cut off and nothing is advertised. */
	powerOff(): void {
		this.stop();
		this.#server = undefined;
		this.#host = undefined;
		for (const link of this.#links.splice(0)) {
			link.end();
			this.time.after((link.central.supervision ?? 4000) * 1000, () => link.central.onDisconnect());
		}
	}

	/** Another host than the firmware's server: `sim/ble/hci.ts`. */
	attach(host: RadioHost): void {
		if (this.#host !== undefined) throw new Error("only one");
		this.#host = host;
	}

	#opened(server: SdkServer): void {
		this.attach(server);
		this.#server = server;
		this.time.after(START_MS * 1000, () => {
			if (this.#server === server && !this.dead) server.ready();
		});
	}

	/**
	 * One advertisement, `due` at this µs, however late it is simulated: the controller does not wait for a firmware that computes.
	 * Heard by scanners, answered by at most one who waits to connect.
	 */
	#advertisement(due: number): void {
		const advertising = this.#advertising;
		if (advertising === undefined) return;
		for (const heard of [...this.#scanners]) heard(advertising.data);
		const answering = [...this.#initiators].filter(
			({ duty }) => this.random.uint32() / 0x1_0000_0000 < duty && !this.loses(),
		);
		const chosen = answering[answering.length > 1 ? this.random.below(answering.length) : 0];
		if (chosen !== undefined && this.#advertising === advertising) {
			this.#initiators.delete(chosen);
			const link = this.connect(chosen.central, due);
			if (link !== undefined) chosen.connected(link);
		}
		// The delay of 0 to 10 ms that each event adds (Vol 6 Part B 4.4.2.2.1).
		if (this.#advertising !== advertising) return;
		const next = due + (advertising.interval + this.random.below(11)) * 1000;
		this.#cancelAdvertising = this.time.after(next - this.time.micros, () => this.#advertisement(next));
	}
}
