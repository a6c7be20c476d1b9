// SPDX-License-Identifier: Apache-2.0

import { concat, utf8Encode } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { Observation } from "./observe.js";

const BLOCK = 4096;

/** A digest of everything that was seen, in bounded memory: each block is hashed with the hash of those before it. */
export class ObservationDigest {
	readonly #crypto: Crypto;
	readonly #block = new Uint8Array(BLOCK);
	#hash = new Uint8Array(32);
	#length = 0;

	constructor(crypto: Crypto) {
		this.#crypto = crypto;
	}

	add(observation: Observation): void {
		const { head, bytes } = flat(observation);
		this.#update(utf8Encode(`\n${observation.at} ${observation.kind} ${head} `));
		for (const each of bytes) this.#update(each);
	}

	/** Of all that was added until now, and of `more`. */
	digest(more: readonly Uint8Array[]): Uint8Array {
		const hashes = more.map((bytes) => this.#crypto.sha256(bytes));
		return this.#crypto.sha256(concat(this.#hash, this.#block.subarray(0, this.#length), ...hashes));
	}

	#update(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) {
			const piece = bytes.subarray(at, at + BLOCK - this.#length);
			this.#block.set(piece, this.#length);
			this.#length += piece.length;
			at += piece.length;
			if (this.#length < BLOCK) continue;
			this.#hash.set(this.#crypto.sha256(concat(this.#hash, this.#block)));
			this.#length = 0;
		}
	}
}

function flat(observation: Observation): { head: string; bytes: readonly Uint8Array[] } {
	switch (observation.kind) {
		case "bus": {
			const { from, note = "", bytes } = observation;
			return { head: `${from} ${note}`, bytes: [bytes] };
		}
		case "apdu":
			return { head: "", bytes: [observation.command, observation.response] };
		case "frame":
			return { head: `${observation.from} ${observation.who}`, bytes: [observation.bytes] };
		case "code":
			return { head: observation.text, bytes: [] };
		case "present":
			return { head: `${observation.who} ${observation.by} ${observation.came}`, bytes: [] };
		case "flash": {
			const { address, data } = observation.change;
			return { head: `${observation.partition} ${address}`, bytes: data === undefined ? [] : [data] };
		}
		case "network":
			return { head: observation.topic, bytes: [observation.data] };
		case "compute":
			return { head: `${observation.call ?? "code"} ${observation.micros}`, bytes: [] };
		case "trace":
			return { head: observation.text, bytes: [] };
		case "relay":
			return { head: observation.on ? "on" : "off", bytes: [] };
	}
}
