// SPDX-License-Identifier: Apache-2.0

import { LENGTH_BYTES } from "./packet-meter.js";

/** PUBLISH with QoS 0, which waits for no answer (MQTT 3.1.1 3.3.1). */
const PUBLISH = 0x30;
const TYPE_AND_QOS = 0xf6;

/**
 * Leaves messages that are too long out of what a broker sends: one that ended the connection would end it again at each connect where it is
 * retained, and who may publish anything would keep the site from all of its doors.
 */
export class PacketFilter {
	readonly #most: number;
	/** Of the packet that has begun, while it is not whole. */
	#head: number[] = [];
	/** Bytes of the packet still to come. */
	#left = 0;
	#isLeftOut = false;

	/** `most`: bytes of a packet behind its fixed head. */
	constructor(most: number) {
		this.#most = most;
	}

	/** What is to be read of it; `undefined` where a packet has no length, or is too long and waits for an answer. */
	take(chunk: Uint8Array): Uint8Array | undefined {
		const kept: Uint8Array[] = [];
		for (let at = 0; at < chunk.length; ) {
			if (this.#left > 0) {
				const some = Math.min(this.#left, chunk.length - at);
				if (!this.#isLeftOut) kept.push(chunk.subarray(at, at + some));
				this.#left -= some;
				at += some;
			} else {
				const byte = chunk[at++]!;
				this.#head.push(byte);
				if (this.#head.length === 1) continue;
				if (byte >= 0x80 && this.#head.length > LENGTH_BYTES) return undefined;
				if (byte < 0x80 && !this.#begins(kept)) return undefined;
			}
		}
		return Buffer.concat(kept);
	}

	/** Its head is whole. False: it cannot be left out. */
	#begins(kept: Uint8Array[]): boolean {
		const head = Uint8Array.from(this.#head);
		this.#head = [];
		this.#left = head.subarray(1).reduce((sum, byte, i) => sum + (byte & 0x7f) * 128 ** i, 0);
		this.#isLeftOut = this.#left > this.#most;
		if (this.#isLeftOut) return (head[0]! & TYPE_AND_QOS) === PUBLISH;
		kept.push(head);
		return true;
	}
}
