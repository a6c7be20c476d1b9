// SPDX-License-Identifier: Apache-2.0

import { EDDSA, ES256, type SignatureAlgorithm } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";

/** The cipher suites of EDHOC (RFC 9528 10.2) that are spoken, all with SHA-256. */

export type Curve = "x25519" | "p256";
export type Aead = "aes-ccm" | "chacha20-poly1305";

export interface Suite {
	/** The value in SUITES_I. */
	readonly id: number;
	readonly aead: Aead;
	/** Bytes. */
	readonly keyLength: number;
	readonly ivLength: number;
	readonly tagLength: number;
	readonly curve: Curve;
	readonly signature: SignatureAlgorithm;
}

const CHACHA = Object.freeze({
	aead: "chacha20-poly1305",
	keyLength: 32,
	ivLength: 12,
	tagLength: 16,
} as const);
/** AES-CCM-16-64-128, RFC 9053 4.2. */
const CCM_8 = Object.freeze({ aead: "aes-ccm", keyLength: 16, ivLength: 13, tagLength: 8 } as const);

/** The preferred suite first. */
export const SUITES: readonly Suite[] = Object.freeze([
	Object.freeze({ id: 4, ...CHACHA, curve: "x25519", signature: EDDSA }),
	Object.freeze({ id: 5, ...CHACHA, curve: "p256", signature: ES256 }),
	Object.freeze({ id: 2, ...CCM_8, curve: "p256", signature: ES256 }),
	Object.freeze({ id: 0, ...CCM_8, curve: "x25519", signature: EDDSA }),
] as const);

/** The values of all suites, for those who speak each of them. */
export const SUITE_IDS: readonly number[] = Object.freeze(SUITES.map(({ id }) => id));

/** Length of G_X and G_Y on every curve of the table: an x coordinate. */
export const PUBLIC_LENGTH = 32;

export function suiteOf(id: number): Suite | undefined {
	// By index: this runs several times a tap, and `for`…`of` costs 1,500 instructions a turn on XS.
	for (let i = 0; i < SUITES.length; i++) if (SUITES[i]!.id === id) return SUITES[i];
	return undefined;
}

export function seal(
	crypto: Crypto,
	suite: Suite,
	key: Uint8Array,
	iv: Uint8Array,
	aad: Uint8Array,
	plaintext: Uint8Array,
): Uint8Array {
	return suite.aead === "aes-ccm"
		? crypto.aesCcmSeal(key, iv, aad, plaintext, suite.tagLength)
		: crypto.chacha20Poly1305Seal(key, iv, aad, plaintext);
}

/** `undefined` when the tag does not verify. */
export function open(
	crypto: Crypto,
	suite: Suite,
	key: Uint8Array,
	iv: Uint8Array,
	aad: Uint8Array,
	sealed: Uint8Array,
): Uint8Array | undefined {
	if (sealed.length < suite.tagLength) return undefined;
	return suite.aead === "aes-ccm"
		? crypto.aesCcmOpen(key, iv, aad, sealed, suite.tagLength)
		: crypto.chacha20Poly1305Open(key, iv, aad, sealed);
}
