// SPDX-License-Identifier: Apache-2.0

import { p256 } from "@noble/curves/nist.js";
import {
	scalarMult,
	scalarMult_base,
	sign_detached,
	sign_detached_verify,
	sign_keyPair_fromSeed,
} from "tweetnacl-ts";
import type { KeyPair } from "../../../protocol/crypto.js";
import { JsCrypto } from "./base.js";
import { p256Sign } from "./ecdsa.js";
import { isStrict } from "./ed25519.js";
import { need } from "./lengths.js";

/** The point of a public key as noble has it; `undefined` when it is not on the curve. */
function point(publicKey: Uint8Array): InstanceType<typeof p256.Point> | undefined {
	if (publicKey.length !== 65 && publicKey.length !== 33)
		throw new RangeError("P-256 public key: 65 or 33 bytes");
	try {
		const decoded = p256.Point.fromBytes(publicKey);
		decoded.assertValidity();
		return decoded;
	} catch {
		return undefined;
	}
}

/**
 * The Crypto contract without native code, for any engine: TweetNaCl for Ed25519 and X25519, noble for the rest. Far too
 * slow for a device's taps (18 s for one verification on an ESP32-C3); it is the oracle for the native provider.
 *
 * Loaded as ES modules everywhere: on XS the bare names are mapped to `tweetnacl-ts/es/nacl.js` and noble's own files.
 */
export class PortableCrypto extends JsCrypto {
	readonly name = "portable";

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		need(seed, 32, "Ed25519 seed");
		const { publicKey, secretKey } = sign_keyPair_fromSeed(seed);
		return { publicKey, secretKey };
	}

	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		need(secretKey, 64, "Ed25519 secret key");
		return sign_detached(message, secretKey);
	}

	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		need(publicKey, 32, "Ed25519 public key");
		return isStrict(signature, publicKey) && sign_detached_verify(message, signature, publicKey);
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		need(secretKey, 32, "X25519 secret key");
		return { publicKey: scalarMult_base(secretKey), secretKey: secretKey.slice() };
	}

	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "X25519 secret key");
		need(publicKey, 32, "X25519 public key");
		const shared = scalarMult(secretKey, publicKey);
		let any = 0;
		for (const byte of shared) any |= byte;
		return any === 0 ? undefined : shared;
	}

	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		need(secretKey, 32, "P-256 secret key");
		if (!p256.utils.isValidSecretKey(secretKey)) return undefined;
		return { publicKey: p256.getPublicKey(secretKey, false), secretKey: secretKey.slice() };
	}

	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		need(secretKey, 32, "P-256 secret key");
		const theirs = point(publicKey);
		if (theirs === undefined || !p256.utils.isValidSecretKey(secretKey)) return undefined;
		return p256.getSharedSecret(secretKey, theirs.toBytes(true)).slice(1, 33);
	}

	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return p256Sign(message, secretKey);
	}

	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const theirs = point(publicKey);
		if (theirs === undefined || signature.length !== 64) return false;
		return p256.verify(signature, message, theirs.toBytes(true), { lowS: false });
	}
}
