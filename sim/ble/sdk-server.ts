// SPDX-License-Identifier: Apache-2.0

/**
 * The SDK's GATT server over the simulated radio, with the hazards that its C has (`modules/io/ble/server/esp32` of
 * Moddable SDK 8.2): two tasks, a queue between them, one record a connection that only JavaScript's task makes, one
 * subscription a characteristic, one list of notifications. Where the C would read through a null pointer or leave a
 * callback by an exception, the chip is gone here, too: `SimRadio.crashes` says why.
 *
 * The Bluetooth task is the radio's events; JavaScript's task is what runs by `time.after(0)`, so that what becomes due
 * while the firmware computes (`VirtualTime.spend`) is done by the Bluetooth task first, as on the chip. Where `hal/esp32`
 * makes the Bluetooth task wait for JavaScript (radio.c), it waits here, and what comes meanwhile stands behind.
 */
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerOptions,
} from "../../hal/contracts/bluetooth.js";
import { ATT_ERROR, AttributeTable, AttServer, PDU, PROPERTIES } from "./att.js";
import type { SimLink } from "./link.js";
import type { SimRadio } from "./radio.js";
import { signalStrength } from "./signal.js";

/** Buffers that NimBLE has for what is sent (CONFIG_BT_NIMBLE_MSYS_1_BLOCK_COUNT), its default. */
const BUFFERS = 12;
/** `hal/esp32` sends nothing where fewer are free. */
const RESERVE = 6;
/** The longest that the Bluetooth task waits for JavaScript, ms; then `hal/esp32` restarts the chip. */
const WAIT_MS = 6000;

interface Notification {
	readonly link: SimLink;
	readonly characteristic: GATTCharacteristic;
	readonly value: Uint8Array;
	readonly done: ((error?: Error) => void) | undefined;
}

/** What JavaScript has of a connection. */
class Connection implements GATTConnection {
	readonly #server: SdkServer;
	readonly link: SimLink;
	readonly peer: number;
	maximumWriteNow: number;
	dropped = false;

	constructor(server: SdkServer, link: SimLink, maximumWrite: number) {
		this.#server = server;
		this.link = link;
		this.peer = link.peer;
		this.maximumWriteNow = maximumWrite;
	}

	get maximumWrite(): number {
		if (this.dropped) throw new Error("no connection");
		return this.maximumWriteNow;
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		if (this.dropped) throw new Error("no connection");
		this.#server.notify({ link: this.link, characteristic, value: value.slice(), done: callback });
	}

	close(): void {
		if (this.dropped) throw new Error("no connection");
		this.#server.closeConnection(this);
	}
}

export class SdkServer implements GATTServer {
	readonly table: AttributeTable;
	/** For specifications: a connection is about to be told to the firmware. */
	onConnection: ((connection: GATTConnection) => unknown) | undefined;
	/** The same of its end. */
	onDisconnection: ((connection: GATTConnection) => unknown) | undefined;
	/** Most notifications that waited for the radio at once. */
	mostBuffers = 0;
	readonly #radio: SimRadio;
	readonly #options: GATTServerOptions;
	readonly #preferredMtu: number;
	/** By link, at the Bluetooth task. */
	readonly #bearers = new Map<SimLink, AttServer>();
	/** By link, at JavaScript's task. */
	readonly #records = new Map<SimLink, Connection>();
	/** Shared by all connections: hazard 4. */
	readonly #notify = new Set<GATTCharacteristic>();
	readonly #notifications: Notification[] = [];
	readonly #queue: (() => void)[] = [];
	/** What the Bluetooth task has still to do, while it waits. */
	readonly #host: (() => void)[] = [];
	#cancelWait: (() => void) | undefined;
	/** Connections, subscriptions and ends that JavaScript is not done with. */
	#untold = 0;
	/** When the last of a link's events comes to JavaScript, µs. */
	readonly #told = new WeakMap<SimLink, number>();
	#wanted: { data: Uint8Array; interval: number } | undefined;
	#gone = false;

	constructor(radio: SimRadio, options: GATTServerOptions) {
		for (const { characteristics } of options.services)
			for (const { properties, onSubscribe, onUnsubscribe, onWrite } of characteristics) {
				const notifies = (properties & PROPERTIES.notify) !== 0;
				const writes = (properties & (PROPERTIES.write | PROPERTIES.writeWithoutResponse)) !== 0;
				if (notifies !== (onSubscribe !== undefined && onUnsubscribe !== undefined))
					throw new TypeError("inconsistent onSubscribe");
				if (writes !== (onWrite !== undefined)) throw new TypeError("inconsistent write");
			}
		this.#radio = radio;
		this.#options = options;
		this.#preferredMtu = options.mtu ?? 256;
		this.table = new AttributeTable(options.services);
	}

	// What the firmware calls, in JavaScript's task

	get advertising(): boolean {
		return this.#radio.isAdvertising;
	}

	startAdvertising(data: Uint8Array, scanResponse?: Uint8Array, interval = 100): void {
		for (const part of scanResponse === undefined ? [data] : [data, scanResponse]) {
			// The SDK takes `data.buffer` of what is no view, which an ArrayBuffer has not: hazard 5.
			if (!ArrayBuffer.isView(part)) throw new TypeError("cannot coerce undefined to object");
			if (part.length > 31) throw new RangeError("invalid adv");
		}
		if (this.#radio.refuses === true) throw new Error("the controller refuses");
		if (this.#wanted?.interval !== interval) this.#radio.stop();
		this.#wanted = { data: data.slice(), interval };
		this.#ensureAdvertising();
	}

	stopAdvertising(): void {
		this.#wanted = undefined;
		this.#radio.stop();
	}

	rssi(connection: GATTConnection): number | undefined {
		const { link } = connection as Connection;
		return link.open ? signalStrength(link.central.distance(), this.#radio.random) : undefined;
	}

	/** Frees the server and leaves the stack pointing to it: hazard 6. */
	close(): void {
		this.#gone = true;
	}

	notify(notification: Notification): void {
		this.#radio.work?.meet("notify", notification.value.length);
		// Of the notifications that it was given, the stack has those that the list does not have any more.
		if (this.#radio.cured && this.#buffers + this.#notifications.length > BUFFERS - RESERVE)
			throw new Error("no buffers for a notification");
		if (!this.#notify.has(notification.characteristic)) throw new Error("disabled");
		this.#notifications.push(notification);
		if (this.#notifications.length === 1) this.#post(() => this.#send(notification));
	}

	closeConnection(connection: Connection): void {
		connection.link.close();
		// `hal/esp32` terminates the link and leaves the record to the disconnection.
		if (this.#radio.cured) return;
		connection.dropped = true;
		this.#records.delete(connection.link);
	}

	// What the radio calls, in the Bluetooth task

	ready(): void {
		this.#post(() => this.#options.onReady());
	}

	connected(link: SimLink): void {
		if (this.#freed("a connection")) return;
		this.#inHost(() => {
			this.#bearers.set(link, this.#bearer(link));
			this.#deliver(link, () => this.#deliverConnect(link));
		});
	}

	received(link: SimLink, pdu: Uint8Array): void {
		this.#inHost(() => this.#receive(link, pdu));
	}

	/** A CONNECT with an error status, and no DISCONNECT: the SDK does nothing. Hazard 9. */
	connectionFailed(): void {}

	disconnected(link: SimLink): void {
		this.#inHost(() => this.#disconnected(link));
	}

	#inHost(task: () => void): void {
		if (this.#cancelWait === undefined) task();
		else this.#host.push(task);
	}

	#receive(link: SimLink, pdu: Uint8Array): void {
		const bearer = this.#bearers.get(link);
		if (this.#radio.cured && this.#untold > 0 && bearer?.reaches(pdu) === true) {
			this.#host.unshift(() => this.#receive(link, pdu));
			this.#cancelWait = this.#radio.time.after(WAIT_MS * 1000, () =>
				this.#crash("JavaScript was not told of a connection"),
			);
			return;
		}
		const answer = bearer?.receive(pdu);
		if (answer !== undefined) link.toPhone(answer);
	}

	/** JavaScript is done with one of those that it was told of: the Bluetooth task goes on once it is with all. */
	#heard(): void {
		this.#untold--;
		if (this.#untold === 0 && this.#cancelWait !== undefined) this.#radio.time.after(0, () => this.#goOn());
	}

	#goOn(): void {
		if (this.#untold > 0) return;
		this.#cancelWait?.();
		this.#cancelWait = undefined;
		while (this.#cancelWait === undefined && this.#host.length > 0) this.#host.shift()!();
	}

	#disconnected(link: SimLink): void {
		const bearer = this.#bearers.get(link);
		if (bearer === undefined || this.#freed("a disconnection")) return;
		this.#bearers.delete(link);
		// NimBLE unsubscribes a central that leaves, and tells so before the disconnection.
		const left = bearer.subscriptions;
		this.#deliver(link, () => {
			for (const characteristic of left) this.#deliverSubscribe(link, characteristic, false);
			this.#deliverDisconnect(link);
		});
	}

	#bearer(link: SimLink): AttServer {
		const write = (characteristic: GATTCharacteristic, value: Uint8Array): number => {
			const record = this.#records.get(link);
			if (record === undefined) return this.#crash("a write without a record of its connection");
			// The Bluetooth task waits until JavaScript has done it.
			this.#flush();
			return this.#call("onWrite", () => characteristic.onWrite!(value, record))
				? 0
				: ATT_ERROR.insufficientResources;
		};
		const read = (characteristic: GATTCharacteristic): Uint8Array | number => {
			const record = this.#records.get(link);
			if (record === undefined) return this.#crash("a read without a record of its connection");
			this.#flush();
			let value: Uint8Array | undefined;
			this.#call("onRead", () => {
				value = characteristic.onRead!(record);
			});
			return value ?? ATT_ERROR.insufficientResources;
		};
		const subscribed = (characteristic: GATTCharacteristic, on: boolean): void =>
			this.#deliver(link, () => this.#deliverSubscribe(link, characteristic, on));
		const mtu = (value: number): void => {
			const record = this.#records.get(link);
			if (record === undefined) this.#crash("an MTU exchange without a record of its connection");
			else record.maximumWriteNow = value - 3;
		};
		return new AttServer(this.table, { write, read, subscribed, mtu }, this.#preferredMtu);
	}

	// JavaScript's task

	#deliverConnect(link: SimLink): void {
		const bearer = this.#bearers.get(link);
		const connection = new Connection(this, link, (bearer?.mtu ?? 23) - 3);
		this.#records.set(link, connection);
		this.onConnection?.(connection);
		this.#call("onConnect", () => this.#options.onConnect(connection));
		this.#ensureAdvertising();
	}

	#deliverDisconnect(link: SimLink): void {
		const record = this.#records.get(link);
		// A connection that the SDK's `close` ended leaves without a callback, and advertising does not go on.
		if (record === undefined) return;
		this.onDisconnection?.(record);
		this.#call("onDisconnect", () => this.#options.onDisconnect(record));
		this.#records.delete(link);
		record.dropped = true;
		this.#ensureAdvertising();
	}

	#deliverSubscribe(link: SimLink, characteristic: GATTCharacteristic, on: boolean): void {
		if (on) this.#notify.add(characteristic);
		else this.#notify.delete(characteristic);
		const record = this.#records.get(link);
		if (record === undefined) {
			this.#crash("a subscription without a record of its connection");
			return;
		}
		this.#call(on ? "onSubscribe" : "onUnsubscribe", () =>
			on ? characteristic.onSubscribe!(record) : characteristic.onUnsubscribe!(record),
		);
	}

	#send(notification: Notification): void {
		const { link, characteristic, value } = notification;
		let failed: Error | undefined;
		if (link.open) {
			this.mostBuffers = Math.max(this.mostBuffers, this.#buffers + 1);
			if (this.#buffers >= BUFFERS) {
				this.#crash(
					"no buffer for a notification: the SDK sends the attribute's own value and waits for itself",
				);
				return;
			}
			const handle = this.table.value(characteristic.uuid);
			const room = (this.#bearers.get(link)?.mtu ?? 23) - 3;
			link.toPhone(Uint8Array.of(PDU.notification, handle & 255, handle >> 8, ...value.subarray(0, room)));
		} else failed = new Error("not connected");
		// Told as soon as the stack has it, not when the phone has.
		this.#post(() => this.#completed(failed));
	}

	/** The first of the list is taken for the one that was sent, unchecked: hazard 3. */
	#completed(error: Error | undefined): void {
		const first = this.#notifications[0];
		if (first === undefined) {
			this.#crash("a completion without a notification");
			return;
		}
		this.#call("onNotified", () => first.done?.(error));
		this.#notifications.shift();
		const next = this.#notifications[0];
		if (next !== undefined) this.#send(next);
	}

	/** In use by what waits for the radio. */
	get #buffers(): number {
		let used = 0;
		for (const { queued } of this.#bearers.keys()) used += queued;
		return used;
	}

	#ensureAdvertising(): void {
		if (this.#wanted !== undefined) this.#radio.advertise(this.#wanted.data, this.#wanted.interval);
	}

	/** Runs a handler; an exception that leaves one restarts the chip: hazard 2. */
	#call(what: string, handler: () => void): boolean {
		const { work } = this.#radio;
		work?.enter(what);
		try {
			handler();
			return true;
		} catch (error) {
			this.#crash(`${what} threw: ${(error as Error).message}`);
			return false;
		} finally {
			work?.leave();
		}
	}

	#post(message: () => void): void {
		this.#queue.push(message);
		const { time } = this.#radio;
		const posted = time.micros;
		const run = (): void => this.#queue.shift()?.();
		// JavaScript computes: what the radio did in the meantime came before this.
		time.after(0, () => (time.micros > posted ? time.after(0, run) : run()));
	}

	#flush(): void {
		for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
	}

	/** A connection, its subscription or its end on its way to JavaScript: late where the radio is in disorder, one link's in order. */
	#deliver(link: SimLink, tell: () => void): void {
		const { disorder, time, random } = this.#radio;
		this.#untold++;
		const message = (): void => {
			tell();
			this.#heard();
		};
		if (disorder === 0) {
			this.#post(message);
			return;
		}
		const at = Math.max(time.micros + random.below(disorder * 1000), (this.#told.get(link) ?? 0) + 1);
		this.#told.set(link, at);
		time.after(at - time.micros, message);
	}

	#freed(what: string): boolean {
		if (this.#gone) this.#crash(`${what} after the server was closed`);
		return this.#gone;
	}

	#crash(why: string): number {
		if (this.#radio.server === this) this.#radio.crash(why);
		return ATT_ERROR.insufficientResources;
	}
}
