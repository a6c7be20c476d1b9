// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../protocol/crypto.js";

/** Calls of the Crypto contract that are native work, in which a single-threaded device stands still. */
const CALLS = Object.freeze([
	"sha256",
	"hash",
	"hmacSha256",
	"hkdfExpand",
	"ed25519KeyPair",
	"ed25519Sign",
	"ed25519Verify",
	"x25519KeyPair",
	"x25519",
	"p256KeyPair",
	"p256SharedSecret",
	"p256Sign",
	"p256Verify",
	"aesCcmSeal",
	"aesCcmOpen",
	"chacha20Poly1305Seal",
	"chacha20Poly1305Open",
	"chacha20Poly1305SealIn",
	"chacha20Poly1305OpenIn",
] as const satisfies readonly (keyof Crypto)[]);

export type CryptoCall = (typeof CALLS)[number];

/** Functions of hal/crypto/native that have another name than the call which they do; what is in neither list takes no time of note. */
const NATIVE: Readonly<Record<string, CryptoCall>> = Object.freeze({
	hashBegin: "hash",
	x25519Public: "x25519KeyPair",
	p256Public: "p256KeyPair",
});

/** The call that a function of hal/crypto/native does. */
export function callOf(native: string): CryptoCall | undefined {
	return NATIVE[native] ?? CALLS.find((call) => call === native);
}

/** The same crypto; `tell` hears of each call before it is done. */
export function told(crypto: Crypto, tell: (call: CryptoCall) => void): Crypto {
	const calls = CALLS.map((call) => [
		call,
		(...args: never[]) => {
			tell(call);
			return (crypto[call] as (...args: never[]) => unknown)(...args);
		},
	]);
	return {
		name: crypto.name,
		xor: (into, stream) => crypto.xor(into, stream),
		equal: (a, b) => crypto.equal(a, b),
		wipe: (secret) => crypto.wipe(secret),
		...(Object.fromEntries(calls) as Pick<Crypto, CryptoCall>),
	};
}
