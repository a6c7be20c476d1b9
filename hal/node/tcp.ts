// SPDX-License-Identifier: Apache-2.0

import { lookup } from "node:dns";
import { connect, type Socket } from "node:net";
import type { Network, TCP, TCPOptions } from "../contracts/network.js";

/** Bytes buffered each way. */
const BUFFER = 65_536;
/** How long what was written before `close` may take to go out, ms. */
const LINGER_MS = 5000;

/** A TCP connection of the computer, as ECMA-419 has it. */
export class NodeTCP implements TCP {
	readonly #socket: Socket;
	readonly #options: TCPOptions;
	readonly #received: Uint8Array[] = [];
	#count = 0;
	#connected = false;
	#closed = false;
	/** The other end has gone; that is told when all that came from it is read. */
	#ended = false;

	constructor(options: TCPOptions) {
		this.#options = options;
		const { address: host, port } = options;
		this.#socket = connect({ host, port, noDelay: true });
		this.#socket
			.on("connect", () => {
				this.#connected = true;
				this.#tellRoom();
			})
			.on("data", (data: Uint8Array) => this.#keep(data))
			// "close" comes after it, and after the other's end.
			.on("error", () => {})
			.on("close", () => {
				this.#ended = true;
				this.#tellEnd();
			});
	}

	read(buffer: Uint8Array): number {
		if (buffer.length > this.#count) throw new RangeError("more than there is");
		let at = 0;
		while (at < buffer.length) {
			const first = this.#received[0]!;
			const some = first.subarray(0, buffer.length - at);
			buffer.set(some, at);
			at += some.length;
			if (some.length === first.length) this.#received.shift();
			else this.#received[0] = first.subarray(some.length);
		}
		this.#count -= at;
		if (this.#count < BUFFER) this.#socket.resume();
		if (this.#ended && this.#count === 0) queueMicrotask(() => this.#tellEnd());
		return at;
	}

	write(data: Uint8Array): number | undefined {
		if (this.#ended || this.#closed) return undefined;
		if (!this.#connected || data.length > this.#room) throw new RangeError("no room");
		this.#socket.write(data.slice(), () => this.#tellRoom());
		return this.#room;
	}

	/** What was written still goes out. */
	close(): void {
		this.#closed = true;
		this.#received.length = 0;
		const destroy = (): unknown => this.#socket.destroy();
		if (this.#connected) this.#socket.setTimeout(LINGER_MS, destroy).resume().end(destroy);
		else destroy();
	}

	get #room(): number {
		return Math.max(0, BUFFER - this.#socket.writableLength);
	}

	#tellRoom(): void {
		this.enter(() => {
			if (!this.#closed && !this.#ended && this.#room > 0) this.#options.onWritable(this.#room);
		});
	}

	#keep(data: Uint8Array): void {
		if (this.#closed) return;
		this.#received.push(data);
		this.#count += data.length;
		if (this.#count >= BUFFER) this.#socket.pause();
		this.enter(() => {
			if (!this.#closed && this.#count > 0) this.#options.onReadable(this.#count);
		});
	}

	#tellEnd(): void {
		this.enter(() => {
			if (this.#closed || !this.#ended || this.#count > 0) return;
			this.#closed = true;
			this.#options.onError();
		});
	}

	/** Tells of something from outside. What is told is what there is then: whoever comes first may have read and written. */
	protected enter(tell: () => void): void {
		tell();
	}
}

/** `Network.resolve` by the computer, IPv4 as on a reader. */
export const resolveByNode: Network["resolve"] = (host, done) => {
	lookup(host, { family: 4 }, (error, address) => done(error === null ? address : undefined));
};
