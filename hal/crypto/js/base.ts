// SPDX-License-Identifier: Apache-2.0

/** What providers in JavaScript share: all of the contract but the curves, by noble. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Crypto, Hash, KeyPair } from "../../../protocol/crypto.js";
import { open, seal } from "./ccm.js";
import { hkdfExpand } from "./hkdf.js";
import { openIn, sealIn, xor } from "./in-place.js";
import { checkCcm, checkChaCha } from "./lengths.js";

class PortableHash implements Hash {
	private readonly hash = sha256.create();

	update(data: Uint8Array): this {
		this.hash.update(data);
		return this;
	}

	digest(): Uint8Array {
		return this.hash.digest();
	}
}

export abstract class JsCrypto implements Crypto {
	abstract readonly name: string;
	readonly chacha20Poly1305SealIn = sealIn;
	readonly chacha20Poly1305OpenIn = openIn;
	readonly xor = xor;

	abstract ed25519KeyPair(seed: Uint8Array): KeyPair;
	abstract ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	abstract ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	abstract x25519KeyPair(secretKey: Uint8Array): KeyPair;
	abstract x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
	abstract p256KeyPair(secretKey: Uint8Array): KeyPair | undefined;
	abstract p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
	abstract p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	abstract p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

	sha256(data: Uint8Array): Uint8Array {
		return sha256(data);
	}

	hash(): Hash {
		return new PortableHash();
	}

	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		return hmac(sha256, key, data);
	}

	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
		return hkdfExpand((data) => this.hmacSha256(prk, data), info, length);
	}

	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array {
		checkCcm(key, nonce, tagLength);
		return seal(key, nonce, aad, plaintext, tagLength);
	}

	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined {
		checkCcm(key, nonce, tagLength);
		return open(key, nonce, aad, sealed, tagLength, (a, b) => this.equal(a, b));
	}

	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array {
		checkChaCha(key, nonce);
		return chacha20poly1305(key, nonce, aad).encrypt(plaintext);
	}

	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined {
		checkChaCha(key, nonce);
		if (sealed.length < 16) return undefined;
		try {
			return chacha20poly1305(key, nonce, aad).decrypt(sealed);
		} catch {
			// noble throws when the tag does not verify; lengths were checked above.
			return undefined;
		}
	}

	equal(a: Uint8Array, b: Uint8Array): boolean {
		if (a.length !== b.length) return false;
		let difference = 0;
		for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
		return difference === 0;
	}

	wipe(secret: Uint8Array): void {
		secret.fill(0);
	}
}
