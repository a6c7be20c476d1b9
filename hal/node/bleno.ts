/**
 * What is used of `@stoprocent/bleno`, in types of our own: the package is optional and absent wherever it could not be
 * installed, and the build must not need it. A specification compares them with the package's.
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
	setServices(services: readonly S[], done: Done): void;
	startAdvertisingWithEIRData(advertisement: Buffer, scanResponse: Buffer, done: Done): void;
	stopAdvertising(): void;
	updateRssi(done: (error: null, rssi: number) => void): void;
	disconnect(): void;
}
