// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../crypto.js";
import type { TrustList } from "../trust/list.js";

/** Credentials that are remembered. */
const COUNT = 64;
/** Of a SHA-256, bytes. */
const SIZE = 32;

/**
 * Whose signature by the site was verified under the present trust list, by the SHA-256 of the whole CWT: a phone that comes again costs one
 * signature less. Role, limits and dates, plan and revocations are judged each time anew, so that nothing but another list makes an entry
 * worthless. 2 KB, in RAM alone.
 */
export class KnownCredentials {
	private readonly hashes = new Uint8Array(COUNT * SIZE);
	private count = 0;
	/** Where the next one goes: the oldest makes room. */
	private next = 0;
	private under: TrustList | undefined;

	/** `hash`: 32 bytes. */
	has(hash: Uint8Array, trust: TrustList, crypto: Crypto): boolean {
		if (this.under !== trust) return false;
		const hashes = this.hashes;
		const first = hash[0];
		const end = this.count * SIZE;
		for (let at = 0; at < end; at += SIZE)
			if (hashes[at] === first && crypto.equal(hashes.subarray(at, at + SIZE), hash)) return true;
		return false;
	}

	add(hash: Uint8Array, trust: TrustList): void {
		if (this.under !== trust) {
			this.under = trust;
			this.count = 0;
			this.next = 0;
		}
		this.hashes.set(hash, this.next * SIZE);
		this.next = (this.next + 1) % COUNT;
		if (this.count < COUNT) this.count++;
	}
}
