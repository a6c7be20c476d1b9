// SPDX-License-Identifier: Apache-2.0

/** Bytes of a packet's length at most (MQTT 3.1.1 2.2.3). */
export const LENGTH_BYTES = 4;

/** Follows the packets of a stream of MQTT by their fixed heads alone, so that one that is too long is refused unread. */
export class PacketMeter {
	readonly #most: number;
	/** Of the packet that has begun: bytes still to come; `undefined` while its head is not whole. */
	#left: number | undefined;
	/** Bytes of its head so far. */
	#head = 0;
	#length = 0;

	/** `most`: bytes of a packet behind its fixed head. */
	constructor(most: number) {
		this.#most = most;
	}

	/** The number of packets that begin in it; `undefined` where one is longer than allowed, or has no length. */
	take(chunk: Uint8Array): number | undefined {
		let packets = 0;
		for (let at = 0; at < chunk.length; ) {
			if (this.#left !== undefined) {
				const some = Math.min(this.#left, chunk.length - at);
				this.#left -= some;
				at += some;
			} else {
				if (!this.#takeHead(chunk[at]!)) return undefined;
				if (this.#head === 1) packets++;
				at++;
			}
			if (this.#left === 0) this.#begin();
		}
		return packets;
	}

	#begin(): void {
		this.#left = undefined;
		this.#head = 0;
		this.#length = 0;
	}

	#takeHead(byte: number): boolean {
		if (this.#head > 0) {
			this.#length += (byte & 0x7f) << (7 * (this.#head - 1));
			if (byte < 0x80) this.#left = this.#length;
			else if (this.#head === LENGTH_BYTES) return false;
		}
		this.#head++;
		return this.#length <= this.#most;
	}
}
