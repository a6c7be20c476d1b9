// SPDX-License-Identifier: Apache-2.0

import {
	scalarMult,
	scalarMult_base,
	sign_detached,
	sign_detached_verify,
	sign_keyPair_fromSeed,
} from "tweetnacl-ts";
import type { KeyPair } from "../../../protocol/crypto.js";
import { JsCrypto } from "./base.js";
import { isStrict } from "./ed25519.js";
import { need } from "./lengths.js";
import { NIST } from "./nist.js";

/**
 * The Crypto contract without native code, for any engine: TweetNaCl for Ed25519 and X25519, noble for the rest. Far too
 * slow for a device's taps (18 s for one verification on an ESP32-C3); it is the oracle for the native provider.
 *
 * Loaded as ES modules everywhere: on XS the bare names are mapped to `tweetnacl-ts/es/nacl.js` and noble's own files.
 */
export class PortableCrypto extends JsCrypto {
	readonly name = "portable";
	protected readonly nist = NIST;

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
}
