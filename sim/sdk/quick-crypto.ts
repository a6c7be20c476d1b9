/**
 * Crypto of the world's people, who make many keys: the portable one with Curve25519 by @noble/curves, whose tables make
 * it several times quicker on XS once they are built (and far too large for a device). The reader keeps to the portable one,
 * so each checks the other.
 */
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { PortableCrypto } from "../../hal/crypto/js/crypto.js";
import { concat } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";

export class QuickCrypto extends PortableCrypto {
	override ed25519KeyPair(seed: Uint8Array): KeyPair {
		const publicKey = ed25519.getPublicKey(seed);
		return { publicKey, secretKey: concat(seed, publicKey) };
	}

	override ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return ed25519.sign(message, secretKey.slice(0, 32));
	}

	override ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		return signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false });
	}

	override x25519KeyPair(secretKey: Uint8Array): KeyPair {
		return { publicKey: x25519.getPublicKey(secretKey), secretKey: secretKey.slice() };
	}
}
