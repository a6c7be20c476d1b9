// SPDX-License-Identifier: Apache-2.0

/** The network that the firmware finds on the bus; its servers are the world's. */
import type { Datagram, Network, UDP } from "../../hal/contracts/network.js";
import { utf8Decode, utf8Encode } from "../../protocol/bytes.js";
import type { Bus } from "./device.js";
import { CALL } from "./wire.js";

class BusUDP implements UDP {
	readonly #bus: Bus;
	readonly #id: number;
	readonly #waiting: Datagram[] = [];

	constructor(bus: Bus, onReadable: () => void) {
		this.#bus = bus;
		this.#id = bus.listen((port, length) => {
			const packet = bus.take(length);
			const end = packet.indexOf(0);
			const address = utf8Decode(packet.subarray(0, end))!;
			this.#waiting.push(Object.assign(packet.slice(end + 1).buffer, { address, port }));
			onReadable();
		});
		bus.call(CALL.udpOpen, this.#id);
	}

	read(): Datagram | undefined {
		return this.#waiting.shift();
	}

	write(data: Uint8Array, address: string, port: number): void {
		const name = utf8Encode(address);
		const packet = new Uint8Array(name.length + 1 + data.length);
		packet.set(name);
		packet.set(data, name.length + 1);
		this.#bus.send(CALL.udpWrite, packet, this.#id, port);
	}

	close(): void {
		this.#bus.call(CALL.udpClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusNetwork implements Network {
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	udp(onReadable: () => void): UDP {
		return new BusUDP(this.#bus, onReadable);
	}

	resolve(host: string, done: (address: string | undefined) => void): void {
		const id = this.#bus.listen((_, length) => {
			this.#bus.forget(id);
			done(length === 0 ? undefined : utf8Decode(this.#bus.take(length)));
		});
		this.#bus.sendText(CALL.resolve, host, id);
	}
}
