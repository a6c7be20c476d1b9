// SPDX-License-Identifier: Apache-2.0

/**
 * The reader as a BLE peripheral, on a GATT server of the SDK's shape (`embedded:io/bluetoothle/peripheral`).
 *
 * It avoids the hazards of the SDK's server, which `docs/ble.md` lists with their specs: handlers never throw and only copy into
 * a ring; one notification is in flight; one connection is served, nothing is advertised meanwhile and a second connection is
 * closed; the server is made once and never closed; the stack is asked again and again whether it advertises.
 */

import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerClass,
	GattService,
} from "../../hal/contracts/bluetooth.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { advertisement } from "../../protocol/link/ble-service.js";

/** Frames that may wait for the event loop; a message over the smallest MTU has 54. A phone that sends more is dropped. */
const RING_FRAMES = 64;
/** Bytes that may wait for the event loop. */
const RING_BYTES = 2048;
/** The longest attribute value (Core 5.4, Vol 3 Part F 3.2.9). */
const MAX_VALUE = 512;

/** Advertising interval at first, ms (Apple, Accessory Design Guidelines; then 152.5 ms or one of its successors). */
export const FAST_INTERVAL_MS = 20;
export const SLOW_INTERVAL_MS = 152.5;
/** How long the fast interval lasts after a connection, ms. */
export const FAST_PERIOD_MS = 30_000;

/** Time between two questions to the stack whether it still advertises, ms: a failed connection ends it without an event. */
export const CHECK_MS = 500;
/** Advertising that could not be started is retried after this time, ms, doubled at each failure. */
const RETRY_MS = 50;
/** Longest time between two attempts to advertise, ms. */
const LONGEST_RETRY_MS = 1000;
/** A link that the reader closed is gone from the controller after this time, ms: more than the longest supervision timeout. */
const LEAVING_MS = 40_000;

/** A notification that the stack has no room for is retried after this time, ms: about one connection event. */
const RESEND_MS = 15;

/** A connected phone, in the shape that `src/links/ble.ts` uses. */
export interface BleCarrier {
	readonly mtu: number;
	/** The low 32 bits of its address, where the platform gives it. */
	readonly peer: number | undefined;
	/** Sends one notification. `frame` must not change before `done` is called. */
	send(frame: Uint8Array, done: (error?: Error) => void): void;
	rssi(): number | undefined;
	hangUp(): void;
}

export interface BlePeripheralOptions {
	readonly clock: Clock;
	readonly server: {
		readonly io: GATTServerClass;
		readonly mtu?: number;
		readonly [platform: string]: unknown;
	};
	/** At least one. The first is advertised; a phone is served by the one that it subscribes to. */
	readonly services: readonly GattService[];
	readonly scanResponse?: Uint8Array;
	/** A phone has connected and subscribed to the service of this number, so that frames can be sent to it. */
	readonly onPhone: (carrier: BleCarrier, service: number) => void;
	/** The phone wrote a value, which is valid until the callback returns. */
	readonly onFrame: (frame: Uint8Array) => void;
	/** The phone of `onPhone` has gone. */
	readonly onGone: () => void;
	/** A phone that had not subscribed has gone, or was dropped. */
	readonly onSilent?: (peer: number | undefined) => void;
	/** Whether a phone that has just connected is to be dropped at once. Runs in a handler, so it must not throw. */
	readonly isBlocked?: (peer: number) => boolean;
	/** How long the next phone may take to subscribe, ms. Absent: `SUBSCRIBE_LIMIT_MS`. */
	readonly subscribeLimit?: () => number;
	/** It advertises, or could not begin to; the stack has reported a problem; or a phone was dropped for a violation. */
	readonly onState?: (state: "ready" | "failed" | "warning" | "dropped", detail: string) => void;
}

/** How long a connection may take to subscribe, ms: service discovery takes about 10 events of 30 ms, once. */
export const SUBSCRIBE_LIMIT_MS = 1500;

export class BlePeripheral {
	private readonly options: BlePeripheralOptions;
	private readonly server: GATTServer;
	private readonly toPhone: readonly GATTCharacteristic[];
	private readonly drain: Alarm;
	private readonly silence: Alarm;
	/** Makes sure of the advertising again. */
	private readonly again: Alarm;
	private readonly advertisement: Uint8Array;
	/** Lengths of the values in the ring. */
	private readonly lengths = new Uint16Array(RING_FRAMES);
	private readonly bytes = new Uint8Array(RING_BYTES);
	private frames = 0;
	private used = 0;
	private connection: GATTConnection | undefined;
	/** Number of the service that the phone subscribed to, -1 for none yet. */
	private service = -1;
	private announced = false;
	/** Why the phone is to be dropped from the event loop: a violation that a handler found. */
	private drop = "";
	private notifying: ((error?: Error) => void) | undefined;
	/** The notification that waits for room in the stack. */
	private frame: Uint8Array | undefined;
	private readonly resend: Alarm;
	private ready = false;
	#quiet = false;
	/** The last start of advertising failed. */
	private failing = false;
	/** The interval that advertising was started with, ms; 0 after it was stopped. */
	private interval = 0;
	private fastUntil = 0;
	/** Until then a closed link may still occupy the controller, which then refuses to advertise: no failure. */
	private leavingUntil = 0;
	private retry = RETRY_MS;
	private readonly carrier: BleCarrier;

	constructor(options: BlePeripheralOptions) {
		this.options = options;
		const { properties } = options.server.io;
		this.advertisement = advertisement(options.services[0]!.uuid);
		this.drain = options.clock.alarm(() => this.onDrain());
		this.silence = options.clock.alarm(() => this.hangUp());
		this.resend = options.clock.alarm(() => this.notify());
		this.again = options.clock.alarm(() => this.listen());
		this.toPhone = options.services.map(({ toPhone }, service) => ({
			uuid: toPhone,
			properties: properties.notify,
			onSubscribe: (connection) => this.onSubscribe(service, connection),
			onUnsubscribe: (connection) => this.onUnsubscribe(service, connection),
		}));
		const services = options.services.map(({ uuid, fromPhone, info }, service) => ({
			uuid,
			characteristics: [
				{
					uuid: fromPhone,
					properties: properties.write | properties.writeWithoutResponse,
					onWrite: (value: Uint8Array, connection: GATTConnection) =>
						this.onWrite(service, value, connection),
				},
				this.toPhone[service]!,
				{ ...info, properties: properties.read },
			],
		}));
		const driver = this;
		this.carrier = {
			get mtu() {
				return (driver.connection?.maximumWrite ?? 20) + 3;
			},
			get peer() {
				return driver.connection?.peer;
			},
			send: (frame, done) => this.send(frame, done),
			rssi: () => (this.connection ? this.server.rssi(this.connection) : undefined),
			hangUp: () => this.hangUp(),
		};
		const { io, ...platform } = options.server;
		this.server = new io({
			...platform,
			mtu: options.server.mtu ?? 517,
			services,
			onReady: () => {
				this.ready = true;
				this.listenFast();
				options.onState?.("ready", "advertising");
			},
			onConnect: (connection) => this.onConnect(connection),
			onDisconnect: (connection) => this.onDisconnect(connection),
			onWarning: (text) => options.onState?.("warning", text),
		});
	}

	/** A phone is being served. */
	get connected(): boolean {
		return this.connection !== undefined;
	}

	/** The stack advertises by its own account, or is not meant to. */
	get advertising(): boolean {
		return this.ready && (this.connection !== undefined || this.#quiet || this.server.advertising);
	}

	/** Drops the phone that is connected, if any; advertising goes on. */
	hangUp(): void {
		const connection = this.connection;
		if (connection === undefined) return;
		// Forgotten first, because the server may call back from inside close().
		this.forget();
		this.close(connection);
		this.listenFast();
	}

	/**
	 * While quiet no phone can connect. For the time in which the firmware computes: a phone would only wait, and the SDK's
	 * server survives its requests only because `hal/esp32` delays them.
	 */
	quiet(on: boolean): void {
		if (on === this.#quiet) return;
		this.#quiet = on;
		if (!on) this.listen();
		else if (this.connection === undefined) this.stop();
	}

	/** Never throws: it runs in handlers too, and an exception that leaves one restarts the chip. */
	private close(connection: GATTConnection): void {
		this.leavingUntil = this.options.clock.now() + LEAVING_MS;
		try {
			connection.close();
		} catch (error) {
			this.options.onState?.("warning", `close failed: ${(error as Error).message}`);
		}
	}

	private listenFast(): void {
		this.fastUntil = this.options.clock.now() + FAST_PERIOD_MS;
		this.retry = RETRY_MS;
		this.listen();
	}

	/** Makes sure that the stack advertises, and sets the alarm that does so again. */
	private listen(): void {
		if (this.connection !== undefined || this.#quiet || !this.ready) return;
		const fast = this.options.clock.now() < this.fastUntil;
		if (this.advertise(fast ? FAST_INTERVAL_MS : SLOW_INTERVAL_MS)) {
			this.retry = RETRY_MS;
			this.again.set(CHECK_MS);
			return;
		}
		this.again.set(this.retry);
		this.retry = Math.min(2 * this.retry, LONGEST_RETRY_MS);
	}

	/** Whether it advertises then. */
	private advertise(interval: number): boolean {
		const server = this.server;
		try {
			if (interval !== this.interval || !server.advertising) {
				server.startAdvertising(this.advertisement, this.options.scanResponse, interval);
				this.interval = interval;
				if (!server.advertising) {
					if (this.options.clock.now() < this.leavingUntil) return false;
					throw new Error("the stack does not advertise");
				}
			}
			if (this.failing) this.options.onState?.("ready", "advertising again");
			this.failing = false;
			return true;
		} catch (error) {
			this.failing = true;
			this.options.onState?.("failed", `advertising failed: ${(error as Error).message}`);
			return false;
		}
	}

	private stop(): void {
		this.again.clear();
		this.interval = 0;
		try {
			this.server.stopAdvertising();
		} catch (error) {
			this.options.onState?.("warning", `advertising goes on: ${(error as Error).message}`);
		}
	}

	private forget(): void {
		const announced = this.announced;
		const peer = this.connection?.peer;
		this.connection = undefined;
		this.service = -1;
		this.announced = false;
		this.frames = 0;
		this.used = 0;
		this.drop = "";
		this.notifying = undefined;
		this.frame = undefined;
		this.resend.clear();
		this.silence.clear();
		this.drain.clear();
		if (announced) this.options.onGone();
		else this.options.onSilent?.(peer);
	}

	private onConnect(connection: GATTConnection): void {
		if (this.connection !== undefined) {
			// The SDK's server keeps subscriptions per characteristic, not per connection: one phone at a time.
			this.close(connection);
			return;
		}
		const { peer } = connection;
		if (peer !== undefined && this.options.isBlocked?.(peer) === true) {
			this.close(connection);
			this.listenFast();
			return;
		}
		this.connection = connection;
		this.silence.set(this.options.subscribeLimit?.() ?? SUBSCRIBE_LIMIT_MS);
		// The SDK's server would advertise again by itself.
		this.stop();
	}

	private onDisconnect(connection: GATTConnection): void {
		if (connection === this.connection) this.forget();
		else this.leavingUntil = 0;
		if (this.connection === undefined) this.listenFast();
	}

	private onSubscribe(service: number, connection: GATTConnection): void {
		if (connection !== this.connection) return;
		if (this.service >= 0 && this.service !== service) {
			this.breach("subscribed to a second service");
			return;
		}
		this.service = service;
		this.drain.set(0);
	}

	private onUnsubscribe(service: number, connection: GATTConnection): void {
		if (connection !== this.connection || service !== this.service) return;
		this.service = -1;
		this.breach("unsubscribed");
	}

	/** Runs while the Bluetooth task waits: copies, never throws. */
	private onWrite(service: number, value: Uint8Array, connection: GATTConnection): void {
		if (connection !== this.connection) return;
		const length = value.length;
		if (service !== this.service) this.breach("a write before subscribing");
		else if (length > MAX_VALUE) this.breach("a value of over 512 bytes");
		else if (this.frames === RING_FRAMES || this.used + length > RING_BYTES)
			this.breach("more than may wait");
		else {
			this.bytes.set(value, this.used);
			this.used += length;
			this.lengths[this.frames++] = length;
			this.drain.set(0);
		}
	}

	private breach(what: string): void {
		if (this.drop === "") this.drop = what;
		this.drain.set(0);
	}

	private onDrain(): void {
		if (this.connection === undefined) return;
		if (this.service >= 0 && !this.announced && this.drop === "") {
			this.announced = true;
			this.silence.clear();
			this.options.onPhone(this.carrier, this.service);
		}
		const connection = this.connection;
		let at = 0;
		for (let i = 0; i < this.frames && connection === this.connection; i++) {
			const end = at + this.lengths[i]!;
			this.options.onFrame(this.bytes.subarray(at, end));
			at = end;
		}
		if (connection !== this.connection) return;
		this.frames = 0;
		this.used = 0;
		if (this.drop !== "") {
			this.options.onState?.("dropped", this.drop);
			this.hangUp();
		}
	}

	private send(frame: Uint8Array, done: (error?: Error) => void): void {
		const connection = this.connection;
		if (connection === undefined || this.notifying !== undefined) {
			done(new Error(connection ? "a notification is still in flight" : "not connected"));
			return;
		}
		this.notifying = done;
		this.frame = frame;
		this.notify();
	}

	/** Sends the waiting notification; retries until the stack takes it or the link drops the phone. */
	private notify(): void {
		const connection = this.connection;
		const done = this.notifying;
		const frame = this.frame;
		if (connection === undefined || done === undefined || frame === undefined) return;
		try {
			connection.notify(this.toPhone[this.service]!, frame, (error) => {
				// A late completion for a phone that has gone is ignored.
				if (connection !== this.connection || this.notifying !== done) return;
				this.notifying = undefined;
				this.frame = undefined;
				done(error);
			});
		} catch {
			this.resend.set(RESEND_MS);
		}
	}
}
