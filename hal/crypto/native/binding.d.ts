// SPDX-License-Identifier: Apache-2.0

/** The functions of crypto.c. The result is the first argument; C checks kinds (TypeError) and lengths (RangeError). */
export declare const native: {
	/** Bytes of an array of bytes, a DataView or an ArrayBuffer. */
	byteLength(data: Uint8Array): number;
	sha256(digest: Uint8Array, data: Uint8Array): void;
	/** Bytes of an incremental hash's state. */
	hashSize(): number;
	hashBegin(state: Uint8Array): void;
	hashUpdate(state: Uint8Array, data: Uint8Array): void;
	hashEnd(digest: Uint8Array, state: Uint8Array): void;
	hmacSha256(mac: Uint8Array, key: Uint8Array, data: Uint8Array): void;
	/** `output`: up to 8160 bytes. */
	hkdfExpand(output: Uint8Array, prk: Uint8Array, info: Uint8Array): void;
	ed25519KeyPair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
	ed25519Sign(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	x25519Public(publicKey: Uint8Array, secretKey: Uint8Array): void;
	x25519(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): boolean;
	p256Public(publicKey: Uint8Array, secretKey: Uint8Array): boolean;
	p256SharedSecret(shared: Uint8Array, secretKey: Uint8Array, publicKey: Uint8Array): boolean;
	p256Sign(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): boolean;
	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
	aesCcmSeal(
		sealed: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): void;
	aesCcmOpen(
		plaintext: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): boolean;
	chacha20Poly1305Seal(
		sealed: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): void;
	chacha20Poly1305Open(
		plaintext: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): boolean;
	chacha20Poly1305SealIn(
		bytes: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		at: number,
		length: number,
	): void;
	chacha20Poly1305OpenIn(
		bytes: Uint8Array,
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		at: number,
		length: number,
	): boolean;
	random(into: Uint8Array): void;
	xor(into: Uint8Array, stream: Uint8Array): void;
	equal(a: Uint8Array, b: Uint8Array): boolean;
	wipe(secret: Uint8Array): void;
};
