// SPDX-License-Identifier: Apache-2.0

import { GATTServer as SDKServer } from "embedded:io/bluetoothle/peripheral";
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerOptions,
} from "../contracts/bluetooth.js";
import { advertisementOf } from "./advertisement.js";
import { chip } from "./chip.js";

const NO_RSSI = 127;
/** BLE_HS_CONN_HANDLE_NONE: the handle of a connection before its `onConnect`. */
const NO_HANDLE = 0xffff;

// The SDK's typings do not export these.
type Options = ConstructorParameters<typeof SDKServer>[0];
type Connection = Parameters<NonNullable<Options["onConnect"]>>[0];
type Characteristic = NonNullable<Options["services"][number]["characteristics"]>[number];

/** A connected central. It has one object as long as it is connected, since drivers compare by identity. */
class Central implements GATTConnection {
	private readonly connection: Connection;
	private readonly native: Map<GATTCharacteristic, object>;
	/** NimBLE's handle of the connection. */
	readonly handle: number;
	readonly peer: number | undefined;

	constructor(
		connection: Connection,
		native: Map<GATTCharacteristic, object>,
		handle: number,
		peer?: number,
	) {
		this.connection = connection;
		this.native = native;
		this.handle = handle;
		this.peer = peer;
	}

	get maximumWrite(): number {
		// The SDK's own typings (8.2.1) spell it `maxinumWrite`, its code does not.
		return (this.connection as unknown as { readonly maximumWrite: number }).maximumWrite;
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		const native = this.native.get(characteristic);
		if (native === undefined) throw new Error("no phone has subscribed to this characteristic");
		if (!chip.radioHasRoom()) throw new Error("no buffers for a notification");
		chip.notify.call(this.connection, native, value, (error) =>
			callback?.(error === 0 ? undefined : new Error(`NimBLE's error ${error}`)),
		);
	}

	close(): void {
		chip.radioDrop(this.handle);
	}
}

/**
 * The SDK's NimBLE server in the contract's shape. Handlers run while the Bluetooth task waits, and an exception that leaves one
 * restarts the chip: it is caught here and passed to `onWarning`. The advertising interval is fixed (docs/ble.md).
 */
export class Esp32GATTServer implements GATTServer {
	static readonly properties = Object.freeze({
		read: SDKServer.properties.read,
		write: SDKServer.properties.write,
		writeWithoutResponse: SDKServer.properties.writeWithOutResponse,
		notify: SDKServer.properties.notify,
	});

	private readonly server: SDKServer;
	private readonly centrals = new Map<Connection, Central>();
	/** The SDK's object of each characteristic: `this` of its handlers. */
	private readonly native = new Map<GATTCharacteristic, object>();

	constructor(options: GATTServerOptions) {
		const { mtu, services, onReady, onConnect, onDisconnect, onWarning } = options;
		const guarded = (what: string, action: () => void): void => {
			try {
				action();
			} catch (error) {
				onWarning?.(`${what}: ${(error as Error).message}`);
			}
		};
		const convert = (ours: GATTCharacteristic): Characteristic => {
			const native = this.native;
			const central = (connection: Connection): Central => this.central(connection);
			const theirs: Characteristic = { uuid: ours.uuid, properties: ours.properties };
			if (ours.value !== undefined) theirs.value = ours.value;
			if (ours.onRead) theirs.onRead = (connection) => ours.onRead!(central(connection));
			if (ours.onWrite)
				theirs.onWrite = (value, connection) =>
					guarded("write", () => ours.onWrite!(new Uint8Array(value), central(connection)));
			if (ours.onSubscribe)
				theirs.onSubscribe = function (this: object, connection) {
					native.set(ours, this);
					guarded("subscribe", () => ours.onSubscribe!(central(connection)));
				};
			if (ours.onUnsubscribe)
				// The SDK's own typings give this one a parameter too many.
				theirs.onUnsubscribe = (...[connection]: unknown[]) =>
					guarded("unsubscribe", () => ours.onUnsubscribe!(central(connection as Connection)));
			return theirs;
		};
		this.server = new SDKServer({
			...(mtu === undefined ? {} : { mtu }),
			services: services.map(({ uuid, characteristics }) => ({
				uuid,
				characteristics: characteristics.map(convert),
			})),
			onReady: () => {
				chip.radioReady();
				guarded("ready", onReady);
			},
			onConnect: (connection) => {
				const peer = chip.radioPeer();
				const central = new Central(connection, this.native, chip.radioConnected(), peer || undefined);
				this.centrals.set(connection, central);
				guarded("connect", () => onConnect(central));
			},
			onDisconnect: (connection) => {
				chip.radioGone();
				const central = this.central(connection);
				this.centrals.delete(connection);
				guarded("disconnect", () => onDisconnect(central));
			},
			onWarning: (text: string) => onWarning?.(text),
		});
		chip.radioOpened();
	}

	get advertising(): boolean {
		return chip.radioAdvertising();
	}

	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array): void {
		this.server.startAdvertising(
			advertisementOf(advertisement),
			scanResponse && advertisementOf(scanResponse),
		);
	}

	stopAdvertising(): void {
		this.server.stopAdvertising();
	}

	rssi(connection: GATTConnection): number | undefined {
		const dBm = chip.rssi((connection as Central).handle);
		return dBm === NO_RSSI ? undefined : dBm;
	}

	close(): void {
		this.server.close?.();
	}

	private central(connection: Connection): Central {
		let central = this.centrals.get(connection);
		if (central === undefined) {
			central = new Central(connection, this.native, NO_HANDLE);
			this.centrals.set(connection, central);
		}
		return central;
	}
}
