// SPDX-License-Identifier: Apache-2.0

/** The world's radio, as the firmware's calls see it. */
import type {
	GATTCharacteristic,
	GATTConnection,
	GATTServer,
	GATTServerClass,
} from "../../hal/contracts/bluetooth.js";
import type { BluetoothUse } from "../../hal/contracts/platform.js";
import { fromHex, utf8Decode } from "../../protocol/bytes.js";
import { CALL, type Events, GATT, type Handlers, NO_RSSI, PROPERTIES, type WiredService } from "./wire.js";

/** Connections are numbered from 1 again after this many. */
const NUMBERS = 255;

export function gattOf({ io }: BluetoothUse, bus: Events): Handlers {
	const gatt = new WiredGatt(io, bus);
	return {
		[CALL.gattOpen]: (id, mtu, _, json) => gatt.open(id, mtu, JSON.parse(utf8Decode(json)!)),
		[CALL.gattAdvertise]: (length, interval, _, data) => {
			const scanResponse = data.length > length ? data.subarray(length) : undefined;
			gatt.server!.startAdvertising(data.subarray(0, length), scanResponse, interval || undefined);
		},
		[CALL.gattAdvertising]: () => (gatt.server!.advertising ? 1 : 0),
		[CALL.gattStop]: () => gatt.server!.stopAdvertising(),
		[CALL.gattNotify]: (number, index, _, value) => gatt.notify(number, index, value),
		[CALL.gattRssi]: (number) => {
			const connection = gatt.connections.get(number);
			return (connection && gatt.server!.rssi(connection)) ?? NO_RSSI;
		},
		[CALL.gattMaximumWrite]: (number) => gatt.connections.get(number)?.maximumWrite ?? 20,
		[CALL.gattClose]: (number) => gatt.connections.get(number)?.close(),
	};
}

/** The firmware's server in the world: connections and characteristics by number. */
class WiredGatt {
	readonly connections = new Map<number, GATTConnection>();
	server: GATTServer | undefined;
	readonly #io: GATTServerClass;
	readonly #bus: Events;
	readonly #numbers = new Map<GATTConnection, number>();
	readonly #characteristics: GATTCharacteristic[] = [];
	#listener = 0;
	#last = 0;

	constructor(io: GATTServerClass, bus: Events) {
		this.#io = io;
		this.#bus = bus;
	}

	/** `mtu`: 0 where the firmware leaves it to the platform. */
	open(listener: number, mtu: number, services: readonly WiredService[]): void {
		this.#listener = listener;
		this.server = new this.#io({
			...(mtu === 0 ? {} : { mtu }),
			services: services.map(({ uuid, characteristics }) => ({
				uuid,
				characteristics: characteristics.map((wired) => this.#characteristicOf(wired)),
			})),
			onReady: () => this.#tell(GATT.ready),
			onConnect: (connection) => this.#connected(connection),
			onDisconnect: (connection) => {
				this.#tell(GATT.disconnect, connection);
				this.connections.delete(this.#numbers.get(connection)!);
			},
			onWarning: () => this.#tell(GATT.warning),
		});
	}

	notify(number: number, index: number, value: Uint8Array): void {
		const connection = this.connections.get(number);
		if (connection === undefined) throw new Error("disconnected");
		connection.notify(this.#characteristics[index]!, value, (error) =>
			this.#tell(error === undefined ? GATT.notified : GATT.failed, connection),
		);
	}

	#connected(connection: GATTConnection): void {
		do this.#last = (this.#last % NUMBERS) + 1;
		while (this.connections.has(this.#last));
		this.connections.set(this.#last, connection);
		this.#numbers.set(connection, this.#last);
		const peer = connection.peer === undefined ? undefined : Int32Array.of(connection.peer);
		this.#tell(GATT.connect, connection, undefined, peer && new Uint8Array(peer.buffer));
	}

	#tell(
		event: number,
		connection?: GATTConnection,
		characteristic?: GATTCharacteristic,
		bytes?: Uint8Array,
	): void {
		const number = connection === undefined ? 0 : (this.#numbers.get(connection) ?? 0);
		const index = characteristic === undefined ? 0 : this.#characteristics.indexOf(characteristic);
		this.#bus.event(this.#listener, event * 65_536 + index * 256 + number, bytes);
	}

	#characteristicOf(wired: WiredService["characteristics"][number]): GATTCharacteristic {
		const handlers: Pick<GATTCharacteristic, (typeof wired.handlers)[number]> = {
			onWrite: (value, connection) => this.#tell(GATT.write, connection, characteristic, value.slice()),
			onSubscribe: (connection) => this.#tell(GATT.subscribe, connection, characteristic),
			onUnsubscribe: (connection) => this.#tell(GATT.unsubscribe, connection, characteristic),
		};
		const characteristic: GATTCharacteristic = {
			uuid: wired.uuid,
			properties: this.#properties(wired.properties),
			...(wired.value === undefined ? {} : { value: fromHex(wired.value) }),
			...Object.fromEntries(wired.handlers.map((name) => [name, handlers[name]])),
		};
		this.#characteristics.push(characteristic);
		return characteristic;
	}

	#properties(wired: number): number {
		let sum = 0;
		for (const name of Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[])
			if (wired & PROPERTIES[name]) sum |= this.#io.properties[name];
		return sum;
	}
}
