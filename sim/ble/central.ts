// SPDX-License-Identifier: Apache-2.0

/**
 * A phone with the app in the background: it hears the reader's service, connects, and holds the transaction. The
 * transaction itself is the phone library's; this is what iOS or Android and the app's link code do around it.
 */

import { GattHolder } from "../../phone/gatt.js";
import type { HolderSession } from "../../phone/hce.js";
import { compare } from "../../protocol/bytes.js";
import {
	advertisement,
	SERVICE_UUID,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
} from "../../protocol/link/ble-service.js";
import type { AttributeTable } from "./att.js";
import { type Discovered, GattClient } from "./client.js";
import type { PhoneProfile } from "./profile.js";
import type { CentralSide, SimLink, SimRadio } from "./radio.js";

export interface BlePhoneOptions {
	readonly radio: SimRadio;
	readonly profile: PhoneProfile;
	readonly session: () => HolderSession;
	/** Metres; a function where the phone moves. */
	readonly distance: () => number;
	/** The user acted in the app. */
	readonly tapped?: boolean;
	/** The phone has the service's handles of an earlier visit: no discovery. */
	readonly known?: boolean;
	/** The app tries again, as long as it is not done with the reader's last message. */
	readonly persistent?: boolean;
	readonly onEnd?: (result: "finished" | "disconnected") => void;
	/** What crossed the air, for a timeline. */
	readonly onFrame?: (direction: "to-reader" | "to-phone", frame: Uint8Array) => void;
	/** The app begins to compute, for so many µs. */
	readonly onWork?: (micros: number) => void;
}

/** Where the time went, ms. */
export interface BlePhoneTimes {
	/** When the connection was made. */
	connected: number;
	/** When the phone had subscribed. */
	subscribed: number;
}

export class BlePhone implements CentralSide {
	readonly interval: number;
	readonly perEvent: number;
	readonly supervision: number;
	readonly peer: number;
	readonly times: BlePhoneTimes = { connected: 0, subscribed: 0 };
	readonly #options: BlePhoneOptions;
	#client: GattClient | undefined;
	#holder: GattHolder | undefined;
	#link: SimLink | undefined;
	#stop: (() => void) | undefined;
	/** It has gone, and does not come back. */
	#gone = false;

	constructor(options: BlePhoneOptions) {
		this.#options = options;
		this.interval = options.profile.interval;
		this.perEvent = options.profile.perEvent;
		this.supervision = options.profile.supervision;
		this.peer = options.radio.newAddress();
	}

	get link(): SimLink | undefined {
		return this.#link;
	}

	distance(): number {
		return this.#options.distance();
	}

	/** Listens until the reader is heard, then connects and transacts once. */
	start(): void {
		const { radio, profile } = this.#options;
		const phase = radio.random.below(profile.scanInterval * 1000);
		const wanted = advertisement();
		const stop = radio.scan((data) => {
			const inWindow =
				(radio.time.micros + phase) % (profile.scanInterval * 1000) < profile.scanWindow * 1000;
			if (!inWindow || this.distance() > 15 || compare(data, wanted) !== 0) return;
			stop();
			this.#stop = radio.time.after(profile.connect * 1000, () => this.connect());
		});
		this.#stop = stop;
	}

	/** Connects at once, as when the scan had already heard the reader. */
	connect(): void {
		const { radio } = this.#options;
		const link = radio.connect(this);
		// Full or not listening: the system goes on scanning.
		if (link === undefined) this.#stop = radio.time.after(100_000, () => this.start());
		else this.#connected(link);
	}

	/** Has heard the reader and waits to connect, for as long as it takes: answers the advertisements that it hears. */
	initiate(): void {
		const { radio, profile } = this.#options;
		this.#stop = radio.initiate(this, profile.initiating, (link) => this.#connected(link));
	}

	/** The user walks off, or Bluetooth is switched off. */
	disconnect(): void {
		this.#gone = true;
		this.#stop?.();
		this.#link?.close();
	}

	/** The battery dies, or the phone is carried out of range. */
	vanish(): void {
		this.#gone = true;
		this.#stop?.();
		this.#link?.vanish();
	}

	onPdu(pdu: Uint8Array): void {
		this.#client?.received(pdu);
	}

	#connected(link: SimLink): void {
		const { radio, known, session, tapped = false, profile } = this.#options;
		this.#link = link;
		this.times.connected = radio.time.micros / 1000;
		const client = new GattClient(link);
		this.#client = client;
		const table = radio.server?.table;
		let mtu = 23;
		const subscribe = ({ values, cccds }: Discovered): void => {
			const from = values.get(UUID_FROM_PHONE);
			const cccd = cccds.get(UUID_TO_PHONE);
			if (from === undefined || cccd === undefined) {
				link.close();
				return;
			}
			client.subscribe(cccd, () => {
				this.times.subscribed = radio.time.micros / 1000;
				const holder = new GattHolder({ session: session(), mtu, tapped });
				this.#holder = holder;
				client.onNotification = (value) => this.#notified(holder, from, value);
				const frames = holder.begin();
				if (holder.over) link.close();
				else this.#work(profile.message1, () => this.#send(from, frames));
			});
		};
		client.exchangeMtu(profile.mtu, (agreed) => {
			mtu = agreed;
			if (known === true && table !== undefined) subscribe(remembered(table));
			else client.discover(SERVICE_UUID, subscribe);
		});
	}

	#notified(holder: GattHolder, from: number, value: Uint8Array): void {
		this.#options.onFrame?.("to-phone", value);
		const frames = holder.received(value);
		if (holder.over) this.#link?.close();
		else if (frames.length > 0) this.#work(this.#options.profile.message3, () => this.#send(from, frames));
	}

	onDisconnect(): void {
		this.#link = undefined;
		const holder = this.#holder;
		holder?.lost();
		this.#holder = undefined;
		const finished = holder?.finished === true;
		this.#options.onEnd?.(finished ? "finished" : "disconnected");
		const { persistent, radio, profile } = this.#options;
		if (persistent === true && !finished && !this.#gone)
			this.#stop = radio.time.after(profile.connect * 1000, () => this.initiate());
	}

	#work(ms: number, then: () => void): void {
		this.#options.onWork?.(ms * 1000);
		const link = this.#link;
		this.#options.radio.time.after(ms * 1000, () => {
			if (link === this.#link && link?.open) then();
		});
	}

	/** Writes without response: as many in a connection event as the link takes. */
	#send(handle: number, frames: readonly Uint8Array[]): void {
		for (const frame of frames) {
			this.#options.onFrame?.("to-reader", frame);
			this.#client!.writeWithoutResponse(handle, frame);
		}
	}
}

/** What a phone that was here before has in its cache. */
function remembered(table: AttributeTable): Discovered {
	const value = table.value(UUID_TO_PHONE);
	return {
		values: new Map([
			[UUID_FROM_PHONE, table.value(UUID_FROM_PHONE)],
			[UUID_TO_PHONE, value],
		]),
		// The CCCD follows its value in the table.
		cccds: new Map([[UUID_TO_PHONE, value + 1]]),
	};
}
