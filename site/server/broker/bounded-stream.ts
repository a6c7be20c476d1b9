// SPDX-License-Identifier: Apache-2.0

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { MAX_FRAME } from "../../../protocol/sync/bounds.js";
import { PacketFilter } from "./packet-filter.js";
import { PacketMeter } from "./packet-meter.js";

/** Bytes of a packet behind its fixed head: a frame, a topic of the longest names, and room for a list of subscriptions. */
export const MAX_PACKET = MAX_FRAME + 256;

export interface Flow {
	/** Packets a second that are read for long; others wait in the sender's buffers. */
	readonly rate: number;
	/** Packets that may come at once. */
	readonly burst: number;
}

/**
 * A connection of MQTT whose packets are bounded before a parser keeps anything of them. Of a client one that is too long ends it, and one
 * that sends too many is read more slowly; of a broker, which passes on what others say, it is left out.
 */
export class BoundedStream extends Duplex {
	readonly #socket: Socket;
	readonly #meter = new PacketMeter(MAX_PACKET);
	readonly #filter = new PacketFilter(MAX_PACKET);
	readonly #flow: Flow | undefined;
	/** Packets that may be read now; below 0: when it has risen again. */
	#allowed: number;
	#counted = performance.now();
	#slow: NodeJS.Timeout | undefined;
	#wanted = true;

	/** `flow`: of a client; without it the other end is a broker. */
	constructor(socket: Socket, flow?: Flow) {
		super({ allowHalfOpen: false });
		this.#socket = socket;
		this.#flow = flow;
		this.#allowed = flow?.burst ?? 0;
		socket
			.on("data", (chunk: Buffer) => this.#take(chunk))
			.on("end", () => this.push(null))
			.on("error", (error) => this.destroy(error))
			.on("close", () => this.destroy());
	}

	#take(chunk: Buffer): void {
		const packets = this.#flow === undefined ? 0 : this.#meter.take(chunk);
		const kept = this.#flow === undefined ? this.#filter.take(chunk) : chunk;
		if (packets === undefined || kept === undefined) {
			this.destroy(new Error("a packet is too long"));
			return;
		}
		if (kept.length > 0 && !this.push(kept)) this.#wanted = false;
		if (this.#flow !== undefined) this.#count(packets, this.#flow);
		this.#tune();
	}

	#count(packets: number, { burst, rate }: Flow): void {
		const now = performance.now();
		this.#allowed = Math.min(burst, this.#allowed + ((now - this.#counted) * rate) / 1000) - packets;
		this.#counted = now;
		if (this.#allowed >= 0 || this.#slow !== undefined) return;
		this.#slow = setTimeout(
			() => {
				this.#slow = undefined;
				this.#tune();
			},
			(-this.#allowed * 1000) / rate,
		);
	}

	#tune(): void {
		if (this.#wanted && this.#slow === undefined) this.#socket.resume();
		else this.#socket.pause();
	}

	override _read(): void {
		this.#wanted = true;
		this.#tune();
	}

	override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
		this.#socket.write(chunk, done);
	}

	override _writev(chunks: { readonly chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
		this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
	}

	override _final(done: () => void): void {
		this.#socket.end(done);
	}

	override _destroy(error: Error | null, done: (error: Error | null) => void): void {
		clearTimeout(this.#slow);
		this.#socket.destroy();
		done(error);
	}
}
