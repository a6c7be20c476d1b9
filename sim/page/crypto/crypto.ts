// SPDX-License-Identifier: Apache-2.0

import { sha512 } from "@noble/hashes/sha2.js";
import { JsCrypto } from "../../../hal/crypto/js/base.js";
import { isStrict } from "../../../hal/crypto/js/ed25519.js";
import { need } from "../../../hal/crypto/js/lengths.js";
import { concat } from "../../../protocol/bytes.js";
import type { KeyPair } from "../../../protocol/crypto.js";
import {
	affine,
	decodeEdwards,
	decodeP256,
	ED_BASE,
	edwards,
	encodeEdwards,
	fromNumber,
	fromNumberLE,
	invert,
	L,
	mod,
	multiply,
	N,
	negate,
	P256_BASE,
	p256,
	toNumber,
	toNumberLE,
	x25519,
} from "./curves.js";

/** u of Curve25519's base point. */
const NINE = fromNumberLE(9n);

/**
 * The Crypto contract for the page: Ed25519, X25519 and P-256 by BigInt, which browsers have fast, in a sixth of the code of a library for
 * all curves; 13 KB of the page's 200. Its keys are a simulation's: nothing here is in constant time, and nothing else may use it.
 */
export class BigIntCrypto extends JsCrypto {
	readonly name = "bigint";

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		need(seed, 32, "Ed25519 seed");
		const publicKey = encodeEdwards(multiply(edwards, ED_BASE, scalarOf(sha512(seed))));
		return { publicKey, secretKey: concat(seed, publicKey) };
	}

	/** RFC 8032 5.1.6. */
	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		need(secretKey, 64, "Ed25519 secret key");
		const expanded = sha512(secretKey.subarray(0, 32));
		const r = reduced(expanded.subarray(32), message);
		const point = encodeEdwards(multiply(edwards, ED_BASE, r));
		const k = reduced(point, secretKey.subarray(32), message);
		return concat(point, fromNumberLE((r + k * scalarOf(expanded)) % L));
	}

	/** By the equation without the cofactor, as the other providers: R = S·B − k·A, compared as bytes. */
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		need(publicKey, 32, "Ed25519 public key");
		if (!isStrict(signature, publicKey)) return false;
		const key = decodeEdwards(publicKey);
		if (key === undefined) return false;
		const r = signature.subarray(0, 32);
		const k = reduced(r, publicKey, message);
		const sB = multiply(edwards, ED_BASE, toNumberLE(signature.subarray(32)));
		return this.equal(encodeEdwards(edwards.add(sB, multiply(edwards, negate(key), k))), r);
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		need(secretKey, 32, "X25519 secret key");
		return { publicKey: x25519(secretKey, NINE), secretKey: secretKey.slice() };
	}

	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "X25519 secret key");
		need(publicKey, 32, "X25519 public key");
		const shared = x25519(secretKey, publicKey);
		return shared.every((byte) => byte === 0) ? undefined : shared;
	}

	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		const d = secretOf(secretKey);
		if (d === undefined) return undefined;
		const [x, y] = affine(multiply(p256, P256_BASE, d))!;
		return {
			publicKey: concat(Uint8Array.of(4), fromNumber(x), fromNumber(y)),
			secretKey: secretKey.slice(),
		};
	}

	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		const d = secretOf(secretKey);
		const theirs = publicOf(publicKey);
		if (theirs === undefined || d === undefined) return undefined;
		return fromNumber(affine(multiply(p256, theirs, d))![0]);
	}

	/** The nonce by RFC 6979 3.2. */
	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		const d = secretOf(secretKey);
		if (d === undefined) throw new RangeError("P-256 secret key: not in 1..n-1");
		const z = toNumber(this.sha256(message)) % N;
		let v: Uint8Array = new Uint8Array(32).fill(1);
		let key: Uint8Array = new Uint8Array(32);
		for (const step of [0, 1]) {
			key = this.hmacSha256(key, concat(v, Uint8Array.of(step), secretKey, fromNumber(z)));
			v = this.hmacSha256(key, v);
		}
		for (;;) {
			v = this.hmacSha256(key, v);
			const nonce = toNumber(v);
			if (nonce > 0n && nonce < N) {
				const r = affine(multiply(p256, P256_BASE, nonce))![0] % N;
				const s = mod(invert(nonce, N) * (z + r * d), N);
				if (r !== 0n && s !== 0n) return concat(fromNumber(r), fromNumber(s));
			}
			key = this.hmacSha256(key, concat(v, Uint8Array.of(0)));
			v = this.hmacSha256(key, v);
		}
	}

	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const theirs = publicOf(publicKey);
		if (theirs === undefined || signature.length !== 64) return false;
		const [r, s] = [toNumber(signature.subarray(0, 32)), toNumber(signature.subarray(32))];
		if (r === 0n || r >= N || s === 0n || s >= N) return false;
		const w = invert(s, N);
		const own = multiply(p256, P256_BASE, (toNumber(this.sha256(message)) * w) % N);
		const found = affine(p256.add(own, multiply(p256, theirs, (r * w) % N)));
		return found !== undefined && found[0] % N === r;
	}
}

/** The scalar of a secret key's hash (RFC 8032 5.1.5). */
function scalarOf(expanded: Uint8Array): bigint {
	const clamped = expanded.slice(0, 32);
	clamped[0]! &= 248;
	clamped[31] = (clamped[31]! & 127) | 64;
	return toNumberLE(clamped);
}

/** SHA-512 of the parts as a scalar. */
function reduced(...parts: readonly Uint8Array[]): bigint {
	return toNumberLE(sha512(concat(...parts))) % L;
}

/** The scalar of a P-256 key, where it is in 1..n-1. */
function secretOf(secretKey: Uint8Array): bigint | undefined {
	need(secretKey, 32, "P-256 secret key");
	const d = toNumber(secretKey);
	return d > 0n && d < N ? d : undefined;
}

function publicOf(publicKey: Uint8Array): ReturnType<typeof decodeP256> {
	if (publicKey.length !== 65 && publicKey.length !== 33)
		throw new RangeError("P-256 public key: 65 or 33 bytes");
	return decodeP256(publicKey);
}
