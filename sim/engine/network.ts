// SPDX-License-Identifier: Apache-2.0

/** The network that the firmware finds on the bus; its servers are the world's. */
import type { Datagram, Network, TCP, TCPClass, TCPOptions, UDP } from "../../hal/contracts/network.js";
import { utf8Decode, utf8Encode } from "../../protocol/bytes.js";
import type { Bus } from "./device.js";
import { CALL, ENDED } from "./wire.js";

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

class BusTCP implements TCP {
	readonly #bus: Bus;
	readonly #id: number;

	constructor(bus: Bus, { address, port, onError, onReadable, onWritable }: TCPOptions) {
		this.#bus = bus;
		this.#id = bus.listen((count) => {
			if (count > 0) onReadable(count);
			else if (count < 0) onWritable(-count);
			else onError();
		});
		bus.sendText(CALL.tcpOpen, address, this.#id, port);
	}

	read(buffer: Uint8Array): number {
		return this.#bus.receive(CALL.tcpRead, buffer, this.#id, buffer.length);
	}

	write(data: Uint8Array): number | undefined {
		const room = this.#bus.send(CALL.tcpWrite, data, this.#id);
		return room === ENDED ? undefined : room;
	}

	close(): void {
		this.#bus.call(CALL.tcpClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusNetwork implements Network {
	readonly tcp: TCPClass;
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
		// A class of its own would have its code in RAM.
		this.tcp = BusTCP.bind(undefined, bus);
	}

	udp(onReadable: () => void): UDP {
		return new BusUDP(this.#bus, onReadable);
	}

	resolve(host: string, done: (address: string | undefined) => void): void {
		const id = this.#bus.listen((_, length) => {
			this.#bus.forget(id);
			done(length === 0 ? undefined : this.#bus.text());
		});
		this.#bus.sendText(CALL.resolve, host, id);
	}
}
