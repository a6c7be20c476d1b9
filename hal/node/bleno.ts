// SPDX-License-Identifier: Apache-2.0

/**
 * The part of `@stoprocent/bleno` that is used, as own types: the package is optional, and the build must not need it. A spec
 * compares them with the package's types.
 */

export type ConnectionHandle = number | string;
type Property = "read" | "write" | "indicate" | "notify" | "writeWithoutResponse";
type Done = (error?: Error | null) => void;

export interface CharacteristicOptions {
	readonly uuid: string;
	readonly properties: readonly Property[];
	readonly value: Buffer | null;
	readonly onWriteRequest: (
		handle: ConnectionHandle,
		data: Buffer,
		offset: number,
		withoutResponse: boolean,
		done: (result: number) => void,
	) => void;
	readonly onSubscribe: (handle: ConnectionHandle, maximum: number, update: (value?: Buffer) => void) => void;
	readonly onUnsubscribe: (handle: ConnectionHandle) => void;
}

export interface Characteristic {
	readonly uuid: string;
}

export interface PrimaryService {
	readonly uuid: string;
}

export interface Bleno<C extends Characteristic = Characteristic, S extends PrimaryService = PrimaryService> {
	readonly state: string;
	readonly Characteristic: { new (options: CharacteristicOptions): C; readonly RESULT_SUCCESS: number };
	readonly PrimaryService: new (options: { uuid: string; characteristics: readonly C[] }) => S;
	on(event: "stateChange", listener: (state: string) => void): unknown;
	on(event: "accept" | "disconnect", listener: (address: string, handle: ConnectionHandle) => void): unknown;
	on(event: "mtuChange", listener: (mtu: number) => void): unknown;
	removeListener(
		event: "accept" | "disconnect",
		listener: (address: string, handle: ConnectionHandle) => void,
	): unknown;
	removeListener(event: "mtuChange", listener: (mtu: number) => void): unknown;
	setServices(services: readonly S[], done: Done): void;
	startAdvertisingWithEIRData(advertisement: Buffer, scanResponse: Buffer, done: Done): void;
	stopAdvertising(): void;
	/** The package's types lack the handle, and a handle of 0 means all connections. */
	disconnect(handle?: ConnectionHandle): void;
}

/** bleno's driver of an HCI adapter (Linux, Windows), which is not part of its interface; release 0.12.4. */
export interface Hci {
	/** HCI_Read_RSSI (Core 5.4, Vol 4 Part E 7.5.4); `rssiRead` brings the answer. */
	readRssi(handle: ConnectionHandle): void;
	disconnect(handle: ConnectionHandle): void;
	on(event: "rssiRead", listener: (handle: ConnectionHandle, rssi: number) => void): unknown;
	removeListener(event: "rssiRead", listener: (handle: ConnectionHandle, rssi: number) => void): unknown;
}

/** Absent on macOS, where the system has the adapter, and where a release of bleno does not have it any more. */
export function hciOf(bleno: object): Hci | undefined {
	const { _bindings: bindings } = bleno as { readonly _bindings?: { readonly _hci?: Partial<Hci> } };
	const hci = bindings?._hci;
	for (const name of ["readRssi", "disconnect", "on", "removeListener"] as const)
		if (typeof hci?.[name] !== "function") return undefined;
	return hci as Hci;
}
