// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Hash, KeyPair, Random } from "../../../protocol/crypto.js";
import { native } from "./binding.js";

const TAG = 16;
const MAX_EXPAND = 8160;

class NativeHash implements Hash {
	private readonly state = new Uint8Array(native.hashSize());
	private spent = false;

	constructor() {
		native.hashBegin(this.state);
	}

	update(data: Uint8Array): this {
		if (this.spent) throw new Error("the hash is spent");
		native.hashUpdate(this.state, data);
		return this;
	}

	digest(): Uint8Array {
		if (this.spent) throw new Error("the hash is spent");
		this.spent = true;
		const digest = new Uint8Array(32);
		native.hashEnd(digest, this.state);
		return digest;
	}
}

/** A copy as a plain Uint8Array, since C also takes other views. */
function copy(secretKey: Uint8Array): Uint8Array {
	if (!(secretKey instanceof Uint8Array)) throw new TypeError("a secret key is a Uint8Array");
	return secretKey.slice();
}

/** The Crypto contract by crypto.c (libsodium, PSA Crypto for AES-CCM) and p256.c (BearSSL); on the ESP32 and on the desktop's XS. */
export class NativeCrypto implements Crypto {
	readonly name = "native";

	sha256(data: Uint8Array): Uint8Array {
		const digest = new Uint8Array(32);
		native.sha256(digest, data);
		return digest;
	}

	hash(): Hash {
		return new NativeHash();
	}

	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		const mac = new Uint8Array(32);
		native.hmacSha256(mac, key, data);
		return mac;
	}

	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
		if (!(length >= 0 && length <= MAX_EXPAND)) throw new RangeError("HKDF-Expand gives up to 8160 bytes");
		const output = new Uint8Array(length);
		native.hkdfExpand(output, prk, info);
		return output;
	}

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		const pair = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(64) };
		native.ed25519KeyPair(pair.publicKey, pair.secretKey, seed);
		return pair;
	}

	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		const signature = new Uint8Array(64);
		native.ed25519Sign(signature, message, secretKey);
		return signature;
	}

	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		return signature.length === 64 && native.ed25519Verify(signature, message, publicKey);
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		const publicKey = new Uint8Array(32);
		native.x25519Public(publicKey, secretKey);
		return { publicKey, secretKey: copy(secretKey) };
	}

	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		const shared = new Uint8Array(32);
		return native.x25519(shared, secretKey, publicKey) ? shared : undefined;
	}

	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		const publicKey = new Uint8Array(65);
		return native.p256Public(publicKey, secretKey) ? { publicKey, secretKey: copy(secretKey) } : undefined;
	}

	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		const shared = new Uint8Array(32);
		return native.p256SharedSecret(shared, secretKey, publicKey) ? shared : undefined;
	}

	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		const signature = new Uint8Array(64);
		if (!native.p256Sign(signature, message, secretKey)) throw new RangeError("a secret key is in 1..n-1");
		return signature;
	}

	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		return signature.length === 64 && native.p256Verify(signature, message, publicKey);
	}

	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array {
		if (tagLength !== 8 && tagLength !== 16) throw new RangeError("a tag has 8 or 16 bytes");
		const sealed = new Uint8Array(native.byteLength(plaintext) + tagLength);
		native.aesCcmSeal(sealed, key, nonce, aad, plaintext, tagLength);
		return sealed;
	}

	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined {
		if (tagLength !== 8 && tagLength !== 16) throw new RangeError("a tag has 8 or 16 bytes");
		const length = native.byteLength(sealed) - tagLength;
		if (length < 0) return undefined;
		const plaintext = new Uint8Array(length);
		return native.aesCcmOpen(plaintext, key, nonce, aad, sealed, tagLength) ? plaintext : undefined;
	}

	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array {
		const sealed = new Uint8Array(native.byteLength(plaintext) + TAG);
		native.chacha20Poly1305Seal(sealed, key, nonce, aad, plaintext);
		return sealed;
	}

	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined {
		const length = native.byteLength(sealed) - TAG;
		if (length < 0) return undefined;
		const plaintext = new Uint8Array(length);
		return native.chacha20Poly1305Open(plaintext, key, nonce, aad, sealed) ? plaintext : undefined;
	}

	chacha20Poly1305SealIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): void {
		native.chacha20Poly1305SealIn(bytes, key, nonce, aad, at, length);
	}

	chacha20Poly1305OpenIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): boolean {
		return native.chacha20Poly1305OpenIn(bytes, key, nonce, aad, at, length);
	}

	xor(into: Uint8Array, stream: Uint8Array): void {
		native.xor(into, stream);
	}

	equal(a: Uint8Array, b: Uint8Array): boolean {
		return native.equal(a, b);
	}

	wipe(secret: Uint8Array): void {
		native.wipe(secret);
	}
}

/** libsodium's generator: on the ESP32 `esp_fill_random`, which needs the radio on; on a desktop the kernel's. */
export class NativeRandom implements Random {
	fill(into: Uint8Array): void {
		native.random(into);
	}
}
