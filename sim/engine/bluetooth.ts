// SPDX-License-Identifier: Apache-2.0

/** The GATT server that the firmware finds on the bus; the radio is the world's. */
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerOptions,
} from "../../hal/contracts/bluetooth.js";
import { concat, toHex } from "../../protocol/bytes.js";
import type { Bus } from "./device.js";
import { CALL, GATT, NO_RSSI, PROPERTIES, type WiredService } from "./wire.js";

// Bound once, since a property of so large an object is searched for.
const { gattNotify: GATT_NOTIFY, gattRssi: GATT_RSSI, gattAdvertising: GATT_ADVERTISING } = CALL;

class BusConnection implements GATTConnection {
	readonly id: number;
	readonly peer: number | undefined;
	readonly #bus: Bus;
	readonly #characteristics: readonly GATTCharacteristic[];
	/** What became of notifications, in their order. */
	readonly #sent: (((error?: Error) => void) | undefined)[] = [];

	constructor(
		bus: Bus,
		id: number,
		characteristics: readonly GATTCharacteristic[],
		peer: number | undefined,
	) {
		this.#bus = bus;
		this.peer = peer;
		this.id = id;
		this.#characteristics = characteristics;
	}

	get maximumWrite(): number {
		return this.#bus.call(CALL.gattMaximumWrite, this.id);
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		this.#bus.send(GATT_NOTIFY, value, this.id, this.#characteristics.indexOf(characteristic));
		this.#sent.push(callback);
	}

	notified(error: Error | undefined): void {
		this.#sent.shift()?.(error);
	}

	close(): void {
		this.#bus.call(CALL.gattClose, this.id);
	}
}

export class BusGATTServer implements GATTServer {
	static readonly properties = PROPERTIES;
	readonly #options: GATTServerOptions;
	readonly #bus: Bus;
	readonly #characteristics: readonly GATTCharacteristic[];
	readonly #connections: BusConnection[] = [];

	constructor(options: GATTServerOptions) {
		this.#options = options;
		this.#bus = options.bus as Bus;
		this.#characteristics = options.services.flatMap(characteristicsOf);
		const id = this.#bus.listen((value, length) => this.#hear(value, length));
		this.#bus.sendText(CALL.gattOpen, JSON.stringify(options.services.map(wired)), id, options.mtu ?? 0);
	}

	#hear(value: number, length: number): void {
		const options = this.#options;
		const event = value >> 16;
		const id = value & 255;
		const at = this.#connections.findIndex((connection) => connection.id === id);
		const connection = this.#connections[at];
		const characteristic = this.#characteristics[(value >> 8) & 255]!;
		if (event === GATT.ready) options.onReady();
		else if (event === GATT.warning) options.onWarning?.("the radio warns");
		else if (event === GATT.connect) {
			// In the order of the processor, which is the same on both ends of the bus.
			const peer = length === 4 ? new Int32Array(this.#bus.take(length).slice().buffer)[0] : undefined;
			const connected = new BusConnection(this.#bus, id, this.#characteristics, peer);
			this.#connections.push(connected);
			options.onConnect(connected);
		} else if (connection === undefined) return;
		else if (event === GATT.disconnect) {
			this.#connections.splice(at, 1);
			options.onDisconnect(connection);
		} else if (event === GATT.write) characteristic.onWrite?.(this.#bus.take(length), connection);
		else if (event === GATT.subscribe) characteristic.onSubscribe?.(connection);
		else if (event === GATT.unsubscribe) characteristic.onUnsubscribe?.(connection);
		else connection.notified(event === GATT.failed ? new Error("the notification was lost") : undefined);
	}

	get advertising(): boolean {
		return this.#bus.call(GATT_ADVERTISING) !== 0;
	}

	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array, interval = 0): void {
		const both = scanResponse === undefined ? advertisement : concat(advertisement, scanResponse);
		this.#bus.send(CALL.gattAdvertise, both, advertisement.length, interval);
	}

	stopAdvertising(): void {
		this.#bus.call(CALL.gattStop);
	}

	rssi(connection: GATTConnection): number | undefined {
		const dBm = this.#bus.call(GATT_RSSI, (connection as BusConnection).id);
		return dBm === NO_RSSI ? undefined : dBm;
	}

	close(): void {
		throw new Error("the SDK's server is never closed");
	}
}

function characteristicsOf(service: GATTServerOptions["services"][number]): readonly GATTCharacteristic[] {
	return service.characteristics;
}

function wired({ uuid, characteristics }: GATTServerOptions["services"][number]): WiredService {
	return {
		uuid,
		characteristics: characteristics.map((c) => ({
			uuid: c.uuid,
			properties: c.properties,
			...(c.value === undefined ? {} : { value: toHex(c.value) }),
			handlers: (["onWrite", "onSubscribe", "onUnsubscribe"] as const).filter(
				(name) => c[name] !== undefined,
			),
		})),
	};
}
