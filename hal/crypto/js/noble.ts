// SPDX-License-Identifier: Apache-2.0

import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat } from "../../../protocol/bytes.js";
import type { KeyPair } from "../../../protocol/crypto.js";
import { JsCrypto } from "./base.js";
import { isStrict } from "./ed25519.js";
import { need } from "./lengths.js";
import type { NistCrypto } from "./nist.js";

const { Point } = ed25519;

/** A point's 32 bytes, or a scalar's, as a number (RFC 8032 5.1.2: little-endian). */
function littleEndian(bytes: Uint8Array): bigint {
	let value = 0n;
	for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
	return value;
}

/**
 * The Crypto contract by noble alone, for browsers and their fast BigInt: a verification takes a third of TweetNaCl's time there, and
 * the code is smaller. On XS BigInt is too slow.
 */
export class NobleCrypto extends JsCrypto {
	readonly name = "noble";
	/** `NIST`, where a suite is to be spoken that needs it: its code comes when it is asked for. */
	loaded: NistCrypto | undefined;

	protected get nist(): NistCrypto {
		if (this.loaded === undefined) throw new Error("P-256 and AES-CCM are not loaded");
		return this.loaded;
	}

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		need(seed, 32, "Ed25519 seed");
		const publicKey = ed25519.getPublicKey(seed);
		return { publicKey, secretKey: concat(seed, publicKey) };
	}

	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		need(secretKey, 64, "Ed25519 secret key");
		return ed25519.sign(message, secretKey.subarray(0, 32));
	}

	/** By the equation without the cofactor, as the other providers (noble's own has it): R = S·B − k·A, compared as bytes. */
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		need(publicKey, 32, "Ed25519 public key");
		if (!isStrict(signature, publicKey)) return false;
		const r = signature.subarray(0, 32);
		let key: InstanceType<typeof Point>;
		try {
			key = Point.fromBytes(publicKey, false);
		} catch {
			// noble throws where the bytes are no point of the curve; their length was checked above.
			return false;
		}
		const k = Point.Fn.create(littleEndian(sha512(concat(r, publicKey, message))));
		const s = littleEndian(signature.subarray(32));
		const found = s === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(s);
		return this.equal(found.subtract(key.multiplyUnsafe(k)).toBytes(), r);
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		need(secretKey, 32, "X25519 secret key");
		return { publicKey: x25519.getPublicKey(secretKey), secretKey: secretKey.slice() };
	}

	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "X25519 secret key");
		need(publicKey, 32, "X25519 public key");
		try {
			return x25519.getSharedSecret(secretKey, publicKey);
		} catch {
			// noble throws where the result is zero (RFC 7748 6.1); lengths were checked above.
			return undefined;
		}
	}
}
