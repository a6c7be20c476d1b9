// SPDX-License-Identifier: Apache-2.0

/** What providers in JavaScript share: all of the contract but Curve25519, by noble, with NIST's part in a file of its own. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Crypto, Hash, KeyPair } from "../../../protocol/crypto.js";
import { equal } from "./equal.js";
import { hkdfExpand } from "./hkdf.js";
import { openIn, sealIn } from "./in-place.js";
import { checkChaCha, need } from "./lengths.js";
import type { NistCrypto } from "./nist.js";

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
	protected abstract readonly nist: NistCrypto;
	readonly chacha20Poly1305SealIn = sealIn;
	readonly chacha20Poly1305OpenIn = openIn;

	abstract ed25519KeyPair(seed: Uint8Array): KeyPair;
	abstract ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	abstract ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	abstract x25519KeyPair(secretKey: Uint8Array): KeyPair;
	abstract x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

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

	p256KeyPair(...args: Parameters<Crypto["p256KeyPair"]>): KeyPair | undefined {
		return this.nist.p256KeyPair(...args);
	}

	p256SharedSecret(...args: Parameters<Crypto["p256SharedSecret"]>): Uint8Array | undefined {
		return this.nist.p256SharedSecret(...args);
	}

	p256Sign(...args: Parameters<Crypto["p256Sign"]>): Uint8Array {
		return this.nist.p256Sign(...args);
	}

	p256Verify(...args: Parameters<Crypto["p256Verify"]>): boolean {
		return this.nist.p256Verify(...args);
	}

	aesCcmSeal(...args: Parameters<Crypto["aesCcmSeal"]>): Uint8Array {
		return this.nist.aesCcmSeal(...args);
	}

	aesCcmOpen(...args: Parameters<Crypto["aesCcmOpen"]>): Uint8Array | undefined {
		return this.nist.aesCcmOpen(...args);
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

	xor(into: Uint8Array, stream: Uint8Array): void {
		need(stream, into.length, "key stream");
		for (let i = 0; i < into.length; i++) into[i]! ^= stream[i]!;
	}

	equal(a: Uint8Array, b: Uint8Array): boolean {
		return equal(a, b);
	}

	wipe(secret: Uint8Array): void {
		secret.fill(0);
	}
}
