// SPDX-License-Identifier: Apache-2.0

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** A person has so long to answer, s. */
const LIFE_S = 300;
const NONCE = 16;
const UNTIL = 4;
const MAC = 32;

/**
 * What a passkey signs. A challenge says itself until when it is good and proves that the site made it, so that asking for one leaves nothing
 * behind: nonce, end, HMAC-SHA256 over both and what it is for.
 */
export class Challenges {
	readonly #secret: Uint8Array;

	constructor(secret: Uint8Array) {
		this.#secret = secret;
	}

	/** `purpose`: what the answer is good for, and for whom. */
	make(purpose: string, now: number): Uint8Array<ArrayBuffer> {
		const until = Buffer.alloc(UNTIL);
		until.writeUInt32BE(now + LIFE_S);
		const head = Buffer.concat([randomBytes(NONCE), until]);
		return Uint8Array.from(Buffer.concat([head, this.#mac(head, purpose)]));
	}

	/** Until when a challenge (base64url) is good for this purpose; `undefined`: it is not. */
	endOf(challenge: string, purpose: string, now: number): number | undefined {
		const bytes = Buffer.from(challenge, "base64url");
		if (bytes.length !== NONCE + UNTIL + MAC) return undefined;
		const head = bytes.subarray(0, NONCE + UNTIL);
		if (!timingSafeEqual(bytes.subarray(NONCE + UNTIL), this.#mac(head, purpose))) return undefined;
		const until = bytes.readUInt32BE(NONCE);
		return now < until ? until : undefined;
	}

	#mac(head: Uint8Array, purpose: string): Uint8Array {
		return createHmac("sha256", this.#secret).update(head).update(purpose).digest();
	}
}
