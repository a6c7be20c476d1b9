// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../crypto.js";
import { type ReceivedFrame, SEAL, type Sealer } from "./frame.js";

/**
 * What both ends of a cable have from a proof of authority on: a key that nothing between them knows. Their frames have a seal
 * by it, so a device in the cable can neither add one nor change one.
 */
export class CableSession implements Sealer {
	/** 8 bytes. */
	readonly client: Uint8Array;
	private readonly crypto: Crypto;
	private readonly key: Uint8Array;
	private last = 0;

	/** `key`: as `sessionKey` makes it. */
	constructor(crypto: Crypto, client: Uint8Array, key: Uint8Array) {
		this.client = client;
		this.crypto = crypto;
		this.key = key;
	}

	seal(covered: Uint8Array): Uint8Array {
		return this.crypto.hmacSha256(this.key, covered).subarray(0, SEAL);
	}

	/** Whether a frame's seal is this session's. */
	sealed({ covered, seal }: ReceivedFrame): boolean {
		return seal !== undefined && this.crypto.equal(seal, this.seal(covered));
	}

	/**
	 * The same for a request, which may come again while it is the newest, and never later. Where a client's numbers go round
	 * its session ends.
	 */
	takes(request: ReceivedFrame): boolean {
		if (request.number < this.last || !this.sealed(request)) return false;
		this.last = request.number;
		return true;
	}
}
