/** The world's radio, as the firmware's calls see it. */
import type { GATTCharacteristic, GATTConnection, GATTServer } from "../../hal/contracts/bluetooth.js";
import type { BluetoothUse } from "../../hal/contracts/platform.js";
import { fromHex, utf8Decode } from "../../protocol/bytes.js";
import { CALL, type Events, GATT, type Handlers, NO_RSSI, PROPERTIES, type WiredService } from "./wire.js";

/** Connections are numbered from 1 again after this many. */
const NUMBERS = 255;

export function gattOf({ io }: BluetoothUse, bus: Events): Handlers {
	const connections = new Map<number, GATTConnection>();
	const numbers = new Map<GATTConnection, number>();
	const characteristics: GATTCharacteristic[] = [];
	let server: GATTServer | undefined;
	let listener = 0;
	let last = 0;

	const tell = (
		event: number,
		connection?: GATTConnection,
		characteristic?: GATTCharacteristic,
		bytes?: Uint8Array,
	): void => {
		const number = connection === undefined ? 0 : (numbers.get(connection) ?? 0);
		const index = characteristic === undefined ? 0 : characteristics.indexOf(characteristic);
		bus.event(listener, event * 65_536 + index * 256 + number, bytes);
	};
	const properties = (wired: number): number => {
		let sum = 0;
		for (const name of Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[])
			if (wired & PROPERTIES[name]) sum |= io.properties[name];
		return sum;
	};
	const characteristicOf = (wired: WiredService["characteristics"][number]): GATTCharacteristic => {
		const hears = (name: (typeof wired.handlers)[number]): boolean => wired.handlers.includes(name);
		const characteristic: GATTCharacteristic = {
			uuid: wired.uuid,
			properties: properties(wired.properties),
			...(wired.value === undefined ? {} : { value: fromHex(wired.value) }),
			...(hears("onWrite")
				? {
						onWrite: (value, connection) => tell(GATT.write, connection, characteristic, value.slice()),
					}
				: {}),
			...(hears("onSubscribe")
				? { onSubscribe: (connection) => tell(GATT.subscribe, connection, characteristic) }
				: {}),
			...(hears("onUnsubscribe")
				? { onUnsubscribe: (connection) => tell(GATT.unsubscribe, connection, characteristic) }
				: {}),
		};
		characteristics.push(characteristic);
		return characteristic;
	};

	return {
		[CALL.gattOpen]: (id, mtu, _, json) => {
			listener = id;
			const services = JSON.parse(utf8Decode(json)!) as WiredService[];
			server = new io({
				...(mtu === 0 ? {} : { mtu }),
				services: services.map((service) => ({
					uuid: service.uuid,
					characteristics: service.characteristics.map(characteristicOf),
				})),
				onReady: () => tell(GATT.ready),
				onConnect: (connection) => {
					do last = (last % NUMBERS) + 1;
					while (connections.has(last));
					connections.set(last, connection);
					numbers.set(connection, last);
					const peer = connection.peer === undefined ? undefined : Int32Array.of(connection.peer);
					tell(GATT.connect, connection, undefined, peer && new Uint8Array(peer.buffer));
				},
				onDisconnect: (connection) => {
					tell(GATT.disconnect, connection);
					connections.delete(numbers.get(connection)!);
				},
				onWarning: () => tell(GATT.warning),
			});
		},
		[CALL.gattAdvertise]: (length, interval, _, data) => {
			const scanResponse = data.length > length ? data.subarray(length) : undefined;
			server!.startAdvertising(data.subarray(0, length), scanResponse, interval || undefined);
		},
		[CALL.gattStop]: () => server!.stopAdvertising(),
		[CALL.gattNotify]: (number, index, _, value) => {
			const connection = connections.get(number);
			if (connection === undefined) throw new Error("disconnected");
			connection.notify(characteristics[index]!, value, (error) =>
				tell(error === undefined ? GATT.notified : GATT.failed, connection),
			);
		},
		[CALL.gattRssi]: (number) => {
			const connection = connections.get(number);
			return (connection && server!.rssi(connection)) ?? NO_RSSI;
		},
		[CALL.gattMaximumWrite]: (number) => connections.get(number)?.maximumWrite ?? 20,
		[CALL.gattClose]: (number) => connections.get(number)?.close(),
	};
}
