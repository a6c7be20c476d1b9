// SPDX-License-Identifier: Apache-2.0

import { isSiteId } from "../../../protocol/credential/names.js";
import type { Crypto, KeyPair } from "../../../protocol/crypto.js";
import { randomBytes } from "../random.js";

/** Bytes of an Ed25519 seed (RFC 8032 5.1.5). */
export const SEED_LENGTH = 32;

/** The Ed25519 key that signs a site's trust lists. Its daily work needs none of it. */
export interface Root extends KeyPair {
	readonly site: string;
}

/** RangeError where `site` is no site's identifier. */
export function rootOf(site: string, seed: Uint8Array, crypto: Crypto): Root {
	if (!isSiteId(site)) throw new RangeError("a site is 1 to 8 ASCII characters without spaces");
	return { site, ...crypto.ed25519KeyPair(seed) };
}

/** RangeError where `site` is no site's identifier. */
export function newRoot(site: string, crypto: Crypto): Root {
	return rootOf(site, randomBytes(SEED_LENGTH), crypto);
}

export function seedOf({ secretKey }: Root): Uint8Array {
	return secretKey.subarray(0, SEED_LENGTH);
}
