/** The GATT server that the firmware finds on the bus; the radio is the world's. */
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerClass,
	GATTServerOptions,
} from "../../hal/contracts.js";
import { concat, toHex } from "../../src/bytes.js";
import type { Bus } from "./device.js";
import { CALL, GATT, NO_RSSI, PROPERTIES, type WiredService } from "./wire.js";

class BusConnection implements GATTConnection {
	readonly id: number;
	readonly #bus: Bus;
	readonly #characteristics: readonly GATTCharacteristic[];
	/** What became of notifications, in their order. */
	readonly #sent: (((error?: Error) => void) | undefined)[] = [];

	constructor(bus: Bus, id: number, characteristics: readonly GATTCharacteristic[]) {
		this.#bus = bus;
		this.id = id;
		this.#characteristics = characteristics;
	}

	get maximumWrite(): number {
		return this.#bus.call(CALL.gattMaximumWrite, this.id);
	}

	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void {
		this.#bus.send(CALL.gattNotify, value, this.id, this.#characteristics.indexOf(characteristic));
		this.#sent.push(callback);
	}

	notified(error: Error | undefined): void {
		this.#sent.shift()?.(error);
	}

	close(): void {
		this.#bus.call(CALL.gattClose, this.id);
	}
}

export function bluetoothOnBus(bus: Bus): GATTServerClass {
	return class implements GATTServer {
		static readonly properties = PROPERTIES;

		constructor(options: GATTServerOptions) {
			const characteristics = options.services.flatMap((service) => service.characteristics);
			const connections = new Map<number, BusConnection>();
			const id = bus.listen((value, length) => {
				const event = value >> 16;
				if (event === GATT.ready) return options.onReady();
				if (event === GATT.warning) return options.onWarning?.("the radio warns");
				const number = value & 255;
				const characteristic = characteristics[(value >> 8) & 255]!;
				if (event === GATT.connect) {
					const connection = new BusConnection(bus, number, characteristics);
					connections.set(number, connection);
					return options.onConnect(connection);
				}
				const connection = connections.get(number);
				if (connection === undefined) return;
				if (event === GATT.disconnect) {
					connections.delete(number);
					options.onDisconnect(connection);
				} else if (event === GATT.write) characteristic.onWrite?.(bus.take(length), connection);
				else if (event === GATT.subscribe) characteristic.onSubscribe?.(connection);
				else if (event === GATT.unsubscribe) characteristic.onUnsubscribe?.(connection);
				else connection.notified(event === GATT.failed ? new Error("the notification was lost") : undefined);
			});
			bus.sendText(CALL.gattOpen, JSON.stringify(options.services.map(wired)), id, options.mtu ?? 0);
		}

		startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array, interval = 0): void {
			const both = scanResponse === undefined ? advertisement : concat(advertisement, scanResponse);
			bus.send(CALL.gattAdvertise, both, advertisement.length, interval);
		}

		stopAdvertising(): void {
			bus.call(CALL.gattStop);
		}

		rssi(connection: GATTConnection): number | undefined {
			const dBm = bus.call(CALL.gattRssi, (connection as BusConnection).id);
			return dBm === NO_RSSI ? undefined : dBm;
		}

		close(): void {
			throw new Error("the SDK's server is never closed");
		}
	};
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
