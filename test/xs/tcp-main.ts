// SPDX-License-Identifier: Apache-2.0

/** At the firmware's place on the bus: joins a network, connects, gives back what it is told, and connects anew after each end. */
import type { TCP } from "../../hal/contracts/network.js";
import { Bus } from "../../sim/engine/device.js";
import { BusNetwork } from "../../sim/engine/network.js";
import { BusWifi } from "../../sim/engine/wifi.js";
import { CALL } from "../../sim/engine/wire.js";

const bus = new Bus(() => {
	const network = new BusNetwork(bus);
	const say = (text: string): unknown => bus.sendText(CALL.trace, text);
	const write = (socket: TCP, data: Uint8Array): unknown => {
		try {
			return socket.write(data);
		} catch (error) {
			return (error as Error).message;
		}
	};
	const connect = (address: string | undefined): void => {
		let writable = false;
		const socket = new network.tcp({
			address: address!,
			port: 7,
			onReadable: (count) => {
				const bytes = new Uint8Array(count);
				socket.read(bytes);
				write(socket, bytes);
			},
			onWritable: (count) => {
				if (writable) return;
				writable = true;
				say(`room ${count}, too much: ${write(socket, new Uint8Array(count + 1))}`);
			},
			onError: () => {
				say(`ended, ${write(socket, new Uint8Array(1))}`);
				socket.close();
				network.resolve("echo", connect);
			},
		});
		say(`connecting: ${write(socket, new Uint8Array(1))}`);
	};
	new BusWifi(bus).join("Building", "correct horse", () => network.resolve("echo", connect));
});
