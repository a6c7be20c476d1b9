// SPDX-License-Identifier: Apache-2.0

/** A Bluetooth LE peripheral: the shape of the SDK's `embedded:io/bluetoothle/peripheral`. */
import type { Closable, IOClass } from "./io.js";

/** A UUID as the SDK takes it: 4 hexadecimal digits, or 36 characters with hyphens. */
export type BluetoothUUID = string;

/** A connected central. Handlers get it as an argument; it must not be used after `onDisconnect`. */
export interface GATTConnection {
	/** Bytes that one notification or write carries now: ATT MTU - 3. */
	readonly maximumWrite: number;
	/** The low 32 bits of the phone's address, signed; absent where the platform gives none. Any radio can use any address. */
	readonly peer?: number | undefined;
	/** Queues one notification. `callback` is called when the stack took it off the queue, or with an `error`. */
	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void;
	/** Requests the end of the connection. `onDisconnect` follows the phone's answer or its time-out. */
	close(): void;
}

/** Handlers must match `properties`: notify needs `onSubscribe` and `onUnsubscribe`, write needs `onWrite`. */
export interface GATTCharacteristic {
	readonly uuid: BluetoothUUID;
	/** Sum of `GATTServerClass.properties`. */
	readonly properties: number;
	/** A constant, for characteristics that are only read. */
	readonly value?: Uint8Array;
	/** Runs while the Bluetooth task waits, so it may only queue and must not throw. `value` is valid until it returns. */
	onWrite?(value: Uint8Array, connection: GATTConnection): void;
	onRead?(connection: GATTConnection): Uint8Array;
	onSubscribe?(connection: GATTConnection): void;
	onUnsubscribe?(connection: GATTConnection): void;
}

/** A service through which a phone and the reader exchange values: one characteristic each way, and one to read before. */
export interface GattService {
	readonly uuid: BluetoothUUID;
	/** Write, with or without response. */
	readonly fromPhone: BluetoothUUID;
	/** Notify. */
	readonly toPhone: BluetoothUUID;
	/** Read: `value` says what the reader speaks. */
	readonly info: { readonly uuid: BluetoothUUID; readonly value: Uint8Array };
}

export interface GATTServerOptions {
	readonly services: readonly {
		readonly uuid: BluetoothUUID;
		readonly characteristics: readonly GATTCharacteristic[];
	}[];
	/** Largest ATT MTU to offer, 23 to 517. */
	readonly mtu?: number;
	readonly onReady: () => void;
	readonly onConnect: (connection: GATTConnection) => void;
	readonly onDisconnect: (connection: GATTConnection) => void;
	readonly onWarning?: (text: string) => void;
	[platform: string]: unknown;
}

export interface GATTServer extends Closable {
	/**
	 * Whether it advertises now, by the stack's own account where the platform can ask it. A connection ends advertising, one that
	 * fails to be established too, and of that one no handler is called.
	 */
	readonly advertising: boolean;
	/**
	 * Starts connectable advertising. Data are raw, at most 31 bytes each (Core 5.4, Vol 3 Part C 11); `interval` in ms. A stack
	 * may refuse without an error, as where the controller has no room for a connection: `advertising` tells.
	 */
	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array, interval?: number): void;
	stopAdvertising(): void;
	/** Signal strength of a connection, dBm (-127 to 20); `undefined` when the controller gives none. */
	rssi(connection: GATTConnection): number | undefined;
}

export interface GATTServerClass extends IOClass<GATTServerOptions, GATTServer> {
	readonly properties: {
		readonly read: number;
		readonly write: number;
		readonly writeWithoutResponse: number;
		readonly notify: number;
	};
}
