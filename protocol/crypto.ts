// SPDX-License-Identifier: Apache-2.0

/** Cryptographically secure bytes. On a device: the radio's noise through libsodium. In a simulation: seeded. */
export interface Random {
	fill(into: Uint8Array): void;
}

/** Incremental SHA-256 (FIPS 180-4). */
export interface Hash {
	update(data: Uint8Array): this;
	/** 32 bytes. The object must not be used afterwards. */
	digest(): Uint8Array;
}

/** A key pair in the encodings of its algorithm. */
export interface KeyPair {
	/** Ed25519 and X25519: 32 bytes. P-256: 65 bytes, uncompressed (SEC 1 2.3.3). */
	readonly publicKey: Uint8Array;
	/** Ed25519: 64 bytes, seed ‖ public key (as libsodium and NaCl have it). X25519 and P-256: 32 bytes. */
	readonly secretKey: Uint8Array;
}

/**
 * The primitives, synchronous. A wrong length is a `RangeError` (the caller's mistake); a bad signature or tag is
 * `false` or `undefined` (the peer's). Inputs are never changed, but for `xor`, `wipe` and what
 * works in place; outputs are fresh.
 */
export interface Crypto {
	readonly name: string;

	/** FIPS 180-4; 32 bytes. */
	sha256(data: Uint8Array): Uint8Array;
	hash(): Hash;
	/** RFC 2104 with SHA-256; any key length; 32 bytes. */
	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
	/** HKDF-Expand with SHA-256 (RFC 5869 2.3) to `length` bytes, at most 8160. */
	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;

	/** RFC 8032. `seed`: 32 bytes. */
	ed25519KeyPair(seed: Uint8Array): KeyPair;
	/** 64 bytes. `secretKey`: the 64 bytes of `ed25519KeyPair`. */
	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	/**
	 * RFC 8032 without the cofactor (8.4), and strict as libsodium has it: S below the group's order; R and key no point of small
	 * order, and encoded with y below p. `signature` 64 bytes (another length is simply false), `publicKey` 32.
	 */
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

	/** RFC 7748. `secretKey`: 32 random bytes, clamped inside. */
	x25519KeyPair(secretKey: Uint8Array): KeyPair;
	/** 32 bytes, or `undefined` when the result is all zero (RFC 7748 6.1: a point of small order). */
	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

	/** NIST P-256. `secretKey`: 32 bytes; `undefined` when it is not in 1..n-1. */
	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined;
	/** The x coordinate, 32 bytes; `undefined` when the point is not on the curve. `publicKey`: 65 or 33 bytes. */
	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
	/** ECDSA with SHA-256 and the nonce of RFC 6979: no random, one result. r ‖ s, 64 bytes (IEEE P1363). */
	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	/** `publicKey`: 65 or 33 bytes; a point off the curve is false. */
	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

	/** RFC 3610, key 16 bytes, nonce 13, `tagLength` 8 or 16. Ciphertext ‖ tag. */
	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array;
	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined;

	/** RFC 8439, key 32 bytes, nonce 12, tag 16. Ciphertext ‖ tag. */
	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array;
	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined;

	/**
	 * The same in place, for buffers that are used again: nothing is made. `bytes` has plaintext from `at` on, and 16 bytes behind it
	 * for the tag; `length` is that of both. RangeError outside of `bytes`.
	 */
	chacha20Poly1305SealIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): void;
	/** The reverse: `length` is that of ciphertext and tag. What is there where it is false is of no use. */
	chacha20Poly1305OpenIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): boolean;

	/** XORs `stream` into `into`, in place: the last step of a stream cipher. RangeError when they differ in length. */
	xor(into: Uint8Array, stream: Uint8Array): void;
	/** Compares in constant time; false for different lengths. */
	equal(a: Uint8Array, b: Uint8Array): boolean;
	/** Overwrites with zeros in a way no optimiser removes. */
	wipe(secret: Uint8Array): void;
}
