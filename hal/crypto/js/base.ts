// SPDX-License-Identifier: Apache-2.0

/** What providers in JavaScript share: all of the contract but Curve25519, by noble. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { p256 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Crypto, Hash, KeyPair } from "../../../protocol/crypto.js";
import { open, seal } from "./ccm.js";
import { p256Sign } from "./ecdsa.js";
import { hkdfExpand } from "./hkdf.js";
import { openIn, sealIn } from "./in-place.js";
import { checkCcm, checkChaCha, need } from "./lengths.js";

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

export abstract class JsCrypto implements Crypto {
	abstract readonly name: string;
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

	xor(into: Uint8Array, stream: Uint8Array): void {
		need(stream, into.length, "key stream");
		for (let i = 0; i < into.length; i++) into[i]! ^= stream[i]!;
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
