// SPDX-License-Identifier: Apache-2.0

/**
 * How long a device computes. A simulated world has no processor, so the firmware's work would take no time in it and a
 * tap would look faster than it is. Native crypto is charged by the instructions that libsodium, mbedTLS and BearSSL took on an
 * emulated rv32imac at 160 MHz (bench/RESULTS.md); a single-threaded device stands still meanwhile, and so does this.
 */
import type { Crypto, Hash, KeyPair } from "../protocol/crypto.js";

/** µs at 160 MHz, one instruction a cycle. */
export const COSTS = Object.freeze({
	ed25519Verify: 16_700,
	ed25519Sign: 6_200,
	ed25519KeyPair: 6_000,
	x25519: 14_700,
	x25519KeyPair: 6_000,
	/** P-256 in BearSSL's plain C: an agreement takes 70 ms and a signature 54; in an agreement and to verify y is found first. */
	p256Multiply: 62_000,
	p256Verify: 120_000,
	sha256: 60,
	aead: 80,
});

export type Operation = keyof typeof COSTS;

/** Functions of hal/crypto/native that take time, and how often the operation of their cost is in them. */
export const NATIVE_COSTS: Readonly<Record<string, readonly [operation: Operation, times: number]>> =
	Object.freeze({
		sha256: ["sha256", 1],
		hashBegin: ["sha256", 1],
		hmacSha256: ["sha256", 2],
		hkdfExpand: ["sha256", 4],
		ed25519KeyPair: ["ed25519KeyPair", 1],
		ed25519Sign: ["ed25519Sign", 1],
		ed25519Verify: ["ed25519Verify", 1],
		x25519Public: ["x25519KeyPair", 1],
		x25519: ["x25519", 1],
		p256Public: ["p256Multiply", 1],
		p256SharedSecret: ["p256Multiply", 1],
		p256Sign: ["p256Multiply", 1],
		p256Verify: ["p256Verify", 1],
		aesCcmSeal: ["aead", 1],
		aesCcmOpen: ["aead", 1],
		chacha20Poly1305Seal: ["aead", 1],
		chacha20Poly1305Open: ["aead", 1],
		chacha20Poly1305SealIn: ["aead", 1],
		chacha20Poly1305OpenIn: ["aead", 1],
	});

/** The same crypto, each call charged to `spend`, which is told what it was. */
export function timed(crypto: Crypto, chargeCpu: (micros: number, operation: Operation) => void): Crypto {
	const charge = <A extends unknown[], R>(
		operation: Operation,
		work: (...args: A) => R,
		times = 1,
	): ((...args: A) => R) => {
		return (...args) => {
			chargeCpu(times * COSTS[operation], operation);
			return work(...args);
		};
	};
	const c = crypto;
	return {
		name: c.name,
		sha256: charge("sha256", (data: Uint8Array) => c.sha256(data)),
		hash: charge("sha256", (): Hash => c.hash()),
		hmacSha256: charge("sha256", (key: Uint8Array, data: Uint8Array) => c.hmacSha256(key, data), 2),
		// As for 32 bytes, whatever the length: an engine in another process tells names, no lengths.
		hkdfExpand: charge(
			"sha256",
			(prk: Uint8Array, info: Uint8Array, length: number) => c.hkdfExpand(prk, info, length),
			4,
		),
		ed25519KeyPair: charge("ed25519KeyPair", (seed: Uint8Array): KeyPair => c.ed25519KeyPair(seed)),
		ed25519Sign: charge("ed25519Sign", (m: Uint8Array, s: Uint8Array) => c.ed25519Sign(m, s)),
		ed25519Verify: charge("ed25519Verify", (s: Uint8Array, m: Uint8Array, p: Uint8Array) =>
			c.ed25519Verify(s, m, p),
		),
		x25519KeyPair: charge("x25519KeyPair", (s: Uint8Array): KeyPair => c.x25519KeyPair(s)),
		x25519: charge("x25519", (s: Uint8Array, p: Uint8Array) => c.x25519(s, p)),
		p256KeyPair: charge("p256Multiply", (s: Uint8Array) => c.p256KeyPair(s)),
		p256SharedSecret: charge("p256Multiply", (s: Uint8Array, p: Uint8Array) => c.p256SharedSecret(s, p)),
		p256Sign: charge("p256Multiply", (m: Uint8Array, s: Uint8Array) => c.p256Sign(m, s)),
		p256Verify: charge("p256Verify", (s: Uint8Array, m: Uint8Array, p: Uint8Array) => c.p256Verify(s, m, p)),
		aesCcmSeal: charge("aead", (k: Uint8Array, n: Uint8Array, a: Uint8Array, p: Uint8Array, t: number) =>
			c.aesCcmSeal(k, n, a, p, t),
		),
		aesCcmOpen: charge("aead", (k: Uint8Array, n: Uint8Array, a: Uint8Array, s: Uint8Array, t: number) =>
			c.aesCcmOpen(k, n, a, s, t),
		),
		chacha20Poly1305Seal: charge("aead", (k: Uint8Array, n: Uint8Array, a: Uint8Array, p: Uint8Array) =>
			c.chacha20Poly1305Seal(k, n, a, p),
		),
		chacha20Poly1305Open: charge("aead", (k: Uint8Array, n: Uint8Array, a: Uint8Array, s: Uint8Array) =>
			c.chacha20Poly1305Open(k, n, a, s),
		),
		chacha20Poly1305SealIn: charge("aead", (...args: Parameters<Crypto["chacha20Poly1305SealIn"]>) =>
			c.chacha20Poly1305SealIn(...args),
		),
		chacha20Poly1305OpenIn: charge("aead", (...args: Parameters<Crypto["chacha20Poly1305OpenIn"]>) =>
			c.chacha20Poly1305OpenIn(...args),
		),
		xor: (into, stream) => c.xor(into, stream),
		equal: (a, b) => c.equal(a, b),
		wipe: (secret) => c.wipe(secret),
	};
}
