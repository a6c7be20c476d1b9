import {
	type Characteristic,
	type Connection,
	GATTServer as SDKServer,
} from "embedded:io/bluetoothle/peripheral";
import type { GATTCharacteristic, GATTConnection, GATTServer, GATTServerOptions } from "../contracts.js";
import { advertisementOf } from "./advertisement.js";
import { chip } from "./chip.js";

const NO_RSSI = 127;

/** One central; one object as long as it is connected, since drivers compare. */
class Central implements GATTConnection {
	readonly #connection: Connection;
	readonly #native: Map<GATTCharacteristic, object>;

	constructor(connection: Connection, native: Map<GATTCharacteristic, object>) {
		this.#connection = connection;
		this.#native = native;
	}

	get maximumWrite(): number {
		return this.#connection.maximumWrite;
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		const native = this.#native.get(characteristic);
		if (native === undefined) throw new Error("nobody has subscribed to this characteristic");
		this.#connection.notify(native, value, (error) => callback?.(error ?? undefined));
	}

	close(): void {
		this.#connection.close();
	}
}

/**
 * The SDK's NimBLE server in the contract's shape. Its handlers run while the Bluetooth task waits, and an exception in
 * one restarts the chip: it is caught here and told to `onWarning`. Its advertising interval cannot be chosen.
 */
export class Esp32GATTServer implements GATTServer {
	static readonly properties = Object.freeze({
		read: SDKServer.properties.read,
		write: SDKServer.properties.write,
		writeWithoutResponse: SDKServer.properties.writeWithOutResponse,
		notify: SDKServer.properties.notify,
	});

	readonly #server: SDKServer;
	readonly #centrals = new Map<Connection, Central>();
	/** What the SDK knows a characteristic by: `this` of its handlers. */
	readonly #native = new Map<GATTCharacteristic, object>();

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
			const native = this.#native;
			const central = (connection: Connection): Central => this.#central(connection);
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
				theirs.onUnsubscribe = (connection) =>
					guarded("unsubscribe", () => ours.onUnsubscribe!(central(connection)));
			return theirs;
		};
		this.#server = new SDKServer({
			...(mtu === undefined ? {} : { mtu }),
			services: services.map(({ uuid, characteristics }) => ({
				uuid,
				characteristics: characteristics.map(convert),
			})),
			onReady,
			onConnect: (connection) => guarded("connect", () => onConnect(this.#central(connection))),
			onDisconnect: (connection) => {
				const central = this.#central(connection);
				this.#centrals.delete(connection);
				guarded("disconnect", () => onDisconnect(central));
			},
			onWarning: (text) => onWarning?.(text),
		});
	}

	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array): void {
		this.#server.startAdvertising(
			advertisementOf(advertisement),
			scanResponse && advertisementOf(scanResponse),
		);
	}

	stopAdvertising(): void {
		this.#server.stopAdvertising();
	}

	/** Of the one connection that sdkconfig allows. */
	rssi(): number | undefined {
		const dBm = chip.rssi();
		return dBm === NO_RSSI ? undefined : dBm;
	}

	close(): void {
		this.#server.close();
	}

	#central(connection: Connection): Central {
		let central = this.#centrals.get(connection);
		if (central === undefined) {
			central = new Central(connection, this.#native);
			this.#centrals.set(connection, central);
		}
		return central;
	}
}
