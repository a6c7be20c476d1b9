// SPDX-License-Identifier: Apache-2.0

/**
 * The GATT server contract on the computer's own Bluetooth adapter, by bleno: for real phones at the simulated reader. On Linux it
 * needs exclusive access to the adapter (`sudo setcap cap_net_raw+eip $(which node)`), on macOS the permission.
 */
import { existsSync, readFileSync } from "node:fs";
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerOptions,
} from "../contracts/bluetooth.js";
import {
	type Bleno,
	type Characteristic,
	type ConnectionHandle,
	type Hci,
	hciOf,
	type PrimaryService,
} from "./bleno.js";

const PROPERTIES = Object.freeze({ read: 2, writeWithoutResponse: 4, write: 8, notify: 16 });
/** Period of reading a phone's signal strength, ms. */
const RSSI_MS = 100;
/** Advertising interval, ms: the driver's fast one. */
const ADVERTISING_MS = 20;
/** How long an adapter may take to report its state, ms. */
const STATE_MS = 5000;

const PACKAGE: string = "@stoprocent/bleno";

/** No adapter can be used; `advice` says what to do. */
export class BluetoothUnavailable extends Error {
	override readonly name = "BluetoothUnavailable";
	readonly advice: string;

	constructor(message: string, advice: string) {
		super(message);
		this.advice = advice;
	}
}

/**
 * How to install the package where npm left it out. Without its install script, which compiles on Linux what is not used there; the
 * prebuilt parts of other platforms need no script.
 */
function installing(): string {
	const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
	const release = (JSON.parse(manifest) as { optionalDependencies: Record<string, string> })
		.optionalDependencies[PACKAGE];
	return `Install it without compiling: npm install --no-save --ignore-scripts ${PACKAGE}@${release}`;
}

/** What to do about a state of the adapter, as bleno names it. */
function advice(state: string): string {
	switch (state) {
		case "poweredOff":
			return "Switch it on.";
		case "unauthorized":
			return process.platform === "darwin"
				? "Allow the terminal to use Bluetooth: System Settings, Privacy & Security, Bluetooth."
				: "Let Node use it: sudo setcap cap_net_raw+eip $(which node)";
		default:
			if (process.env.BLUETOOTH_HCI_SOCKET_UART_PORT)
				return `Nothing answers at BLUETOOTH_HCI_SOCKET_UART_PORT=${process.env.BLUETOOTH_HCI_SOCKET_UART_PORT}.`;
			return "Plug one in and switch it on; of several, BLENO_HCI_DEVICE_ID=1 takes the second.";
	}
}

/** bleno on an adapter that is switched on. Throws `BluetoothUnavailable` where it or the adapter is missing. */
export async function findBluetooth(): Promise<Bleno> {
	// bleno reads this once, when it sets the adapter up.
	process.env.BLENO_ADVERTISING_INTERVAL ??= String(ADVERTISING_MS);
	const port = process.env.BLUETOOTH_HCI_SOCKET_UART_PORT;
	// bleno would wait for a missing port for ever. COM3 is no path.
	if (port?.startsWith("/") && !existsSync(port))
		throw new BluetoothUnavailable(
			`there is no serial port ${port}`,
			"BLUETOOTH_HCI_SOCKET_UART_PORT names it; without that it is the computer's own adapter.",
		);
	const bleno = await import(PACKAGE).then(
		(module) => module.default as Bleno,
		(error: NodeJS.ErrnoException) => {
			const absent = error.code === "ERR_MODULE_NOT_FOUND";
			const why = absent ? "is not installed here" : `does not load (${error.message.split("\n")[0]})`;
			throw new BluetoothUnavailable(`${PACKAGE} ${why}`, installing());
		},
	);
	const state = await quietly(() => adapterState(bleno));
	if (state !== "poweredOn")
		throw new BluetoothUnavailable(`no Bluetooth adapter that can be used (${state})`, advice(state));
	return bleno;
}

function adapterState(bleno: Bleno): Promise<string> {
	return new Promise((resolve) => {
		const limit = setTimeout(() => resolve("silent"), STATE_MS);
		bleno.on("stateChange", (now) => {
			if (now === "unknown" || now === "resetting") return;
			clearTimeout(limit);
			resolve(now);
		});
		if (bleno.state === "poweredOn") resolve(bleno.state);
	});
}

/** Suppresses what bleno prints on standard output, which is advice on its own examples. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
	const { log } = console;
	console.log = () => undefined;
	try {
		return await work();
	} finally {
		console.log = log;
	}
}

class NodeConnection implements GATTConnection {
	readonly peer: number | undefined;
	/** The function that sends a value, by characteristic, once the phone has subscribed. */
	readonly senders = new Map<GATTCharacteristic, (value: Buffer) => void>();
	readonly #hangUp: () => void;
	readonly #run: (action: () => void) => void;
	maximumWrite = 20;
	rssi: number | undefined;

	constructor(address: string, hangUp: () => void, run: (action: () => void) => void) {
		this.peer = lowBits(address);
		this.#hangUp = hangUp;
		this.#run = run;
	}

	/** `callback` reports that bleno took the value. bleno queues it for the adapter and does not report when it was sent. */
	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		const send = this.senders.get(characteristic);
		if (send === undefined) throw new Error("not subscribed");
		send(Buffer.from(value));
		setImmediate(() => this.#run(() => callback?.()));
	}

	close(): void {
		this.#hangUp();
	}
}

/** The low 32 bits of `aa:bb:cc:dd:ee:ff`, or of the identifier that macOS gives in place of an address. */
function lowBits(address: string): number | undefined {
	const digits = address.replace(/[^0-9a-f]/gi, "").slice(-8);
	return digits.length === 8 ? Number.parseInt(digits, 16) | 0 : undefined;
}

/** Whether this adapter reports signal strength. Where it does not, no phone is ever near. */
export function tellsSignal(bleno: Bleno): boolean {
	return hciOf(bleno) !== undefined;
}

export interface NodeGattOptions {
	readonly bleno: Bleno;
	/** How callbacks enter the firmware: at once, or in a simulated world's time. */
	readonly run?: (action: () => void) => void;
}

/** The adapter that the servers share, one after the other. */
class Adapter {
	readonly bleno: Bleno;
	readonly hci: Hci | undefined;
	readonly run: (action: () => void) => void;
	/** Servers that are not closed. */
	servers = 0;

	constructor(bleno: Bleno, run: (action: () => void) => void) {
		this.bleno = bleno;
		this.hci = hciOf(bleno);
		this.run = run;
		// A phone may connect while there is no server, such as when advertising ends.
		bleno.on("accept", (_address, handle) => {
			if (this.servers === 0) this.hci?.disconnect(handle);
		});
	}

	/** Disconnects by the HCI adapter where possible, since bleno takes handle 0 for all connections. */
	hangUp(handle: ConnectionHandle): void {
		if (this.hci) this.hci.disconnect(handle);
		else this.bleno.disconnect(handle);
	}
}

class NodeGattServer implements GATTServer {
	readonly #adapter: Adapter;
	readonly #options: GATTServerOptions;
	readonly #connections = new Map<ConnectionHandle, NodeConnection>();
	#advertising = false;
	#closed = false;
	readonly #sampling: NodeJS.Timeout;

	constructor(adapter: Adapter, options: GATTServerOptions) {
		const { bleno, hci, run } = adapter;
		this.#adapter = adapter;
		this.#options = options;
		adapter.servers++;
		bleno.on("accept", this.#accept);
		bleno.on("disconnect", this.#gone);
		bleno.on("mtuChange", this.#mtu);
		hci?.on("rssiRead", this.#heard);
		this.#sampling = setInterval(() => {
			for (const handle of this.#connections.keys()) hci?.readRssi(handle);
		}, RSSI_MS);
		bleno.setServices(
			options.services.map(({ uuid, characteristics }) => this.#service(uuid, characteristics)),
			(error) => {
				if (this.#closed) return;
				if (error) options.onWarning?.(`services: ${error.message}`);
				else run(() => options.onReady());
			},
		);
	}

	/** As it was asked for: bleno cannot be asked, and takes it up again by itself after each connection. */
	get advertising(): boolean {
		return this.#advertising;
	}

	/** Ignores an interval, which is fixed by `findBluetooth`. */
	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array): void {
		// The driver may ask again while advertising goes on, which the adapter would refuse.
		if (this.#advertising) return;
		this.#advertising = true;
		const scan = Buffer.from(scanResponse ?? new Uint8Array(0));
		this.#adapter.bleno.startAdvertisingWithEIRData(Buffer.from(advertisement), scan, (error) => {
			if (!error || this.#closed) return;
			this.#advertising = false;
			this.#options.onWarning?.(`advertising: ${error.message}`);
		});
	}

	stopAdvertising(): void {
		this.#advertising = false;
		this.#adapter.bleno.stopAdvertising();
	}

	rssi(connection: GATTConnection): number | undefined {
		return (connection as NodeConnection).rssi;
	}

	/** Drops the phones without calling back, as a loss of power does. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		const { bleno, hci } = this.#adapter;
		clearInterval(this.#sampling);
		bleno.removeListener("accept", this.#accept);
		bleno.removeListener("disconnect", this.#gone);
		bleno.removeListener("mtuChange", this.#mtu);
		hci?.removeListener("rssiRead", this.#heard);
		this.#adapter.servers--;
		bleno.stopAdvertising();
		for (const handle of this.#connections.keys()) this.#adapter.hangUp(handle);
		this.#connections.clear();
	}

	readonly #accept = (address: string, handle: ConnectionHandle): void => {
		// macOS reports a phone again whose link outlived the server's end of it.
		if (this.#connections.has(handle)) return;
		const connection = new NodeConnection(address, () => this.#adapter.hangUp(handle), this.#adapter.run);
		this.#connections.set(handle, connection);
		this.#adapter.run(() => this.#options.onConnect(connection));
	};

	readonly #gone = (_address: string, handle: ConnectionHandle): void => {
		const connection = this.#connections.get(handle);
		if (connection === undefined) return;
		this.#connections.delete(handle);
		connection.senders.clear();
		this.#adapter.run(() => this.#options.onDisconnect(connection));
	};

	/** bleno does not say of which connection. Where there are two, each subscription gives its own. */
	readonly #mtu = (mtu: number): void => {
		if (this.#connections.size === 1)
			for (const one of this.#connections.values()) one.maximumWrite = mtu - 3;
	};

	readonly #heard = (handle: ConnectionHandle, rssi: number): void => {
		const connection = this.#connections.get(handle);
		if (connection) connection.rssi = rssi;
	};

	#service(uuid: string, characteristics: readonly GATTCharacteristic[]): PrimaryService {
		return new this.#adapter.bleno.PrimaryService({
			uuid: uuid.replaceAll("-", ""),
			characteristics: characteristics.map((characteristic) => this.#characteristic(characteristic)),
		});
	}

	#characteristic(characteristic: GATTCharacteristic): Characteristic {
		const { bleno, run } = this.#adapter;
		const { properties } = characteristic;
		const has = (name: keyof typeof PROPERTIES): boolean => (properties & PROPERTIES[name]) !== 0;
		const success = bleno.Characteristic.RESULT_SUCCESS;
		const names = (Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[]).filter(has);
		return new bleno.Characteristic({
			uuid: characteristic.uuid.replaceAll("-", ""),
			properties: names,
			value: characteristic.value ? Buffer.from(characteristic.value) : null,
			onWriteRequest: (handle, data, _offset, _without, done) => {
				const connection = this.#connections.get(handle);
				if (connection) run(() => characteristic.onWrite?.(new Uint8Array(data), connection));
				done(success);
			},
			onSubscribe: (handle, maximum, update) => {
				const connection = this.#connections.get(handle);
				if (connection === undefined) return;
				connection.maximumWrite = maximum;
				connection.senders.set(characteristic, update);
				run(() => characteristic.onSubscribe?.(connection));
			},
			onUnsubscribe: (handle) => {
				const connection = this.#connections.get(handle);
				if (connection === undefined) return;
				connection.senders.delete(characteristic);
				run(() => characteristic.onUnsubscribe?.(connection));
			},
		});
	}
}

/** A `GATTServerClass` on one adapter, with an ATT MTU of 256 at most. Making a server ends the previous one. */
export function nodeGattServer({ bleno, run = (action) => action() }: NodeGattOptions) {
	const adapter = new Adapter(bleno, run);
	return class extends NodeGattServer {
		static readonly properties = PROPERTIES;

		constructor(options: GATTServerOptions) {
			super(adapter, options);
		}
	};
}
