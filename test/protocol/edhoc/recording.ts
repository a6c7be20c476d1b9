// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import type { Crypto, Hash, KeyPair } from "../../../protocol/crypto.js";

/**
 * A provider that writes down what goes in and out, so that a spec sees every intermediate value of a session whose
 * code has no hook for it. `said` holds each call as `name(inputs) = output` in hexadecimal.
 */
export class RecordingCrypto implements Crypto {
	readonly name: string;
	readonly said: string[] = [];
	/** Every secret that the code under test handed in or was given: keys of HMAC and AEAD, shared and secret keys. */
	readonly secrets: Uint8Array[] = [];
	readonly #crypto: Crypto;

	constructor(crypto: Crypto) {
		this.name = crypto.name;
		this.#crypto = crypto;
	}

	/** Whether `name` was called with these inputs and gave this output; all hexadecimal. */
	has(name: string, inputs: readonly string[], output: string): boolean {
		return this.said.includes(line(name, inputs, output));
	}

	#say<T extends Uint8Array | undefined>(name: string, inputs: readonly Uint8Array[], output: T): T {
		this.said.push(line(name, inputs.map(toHex), output === undefined ? "undefined" : toHex(output)));
		return output;
	}

	/** Hashes serve as salts; they are no secrets. */
	readonly #hashes: Uint8Array[] = [];

	#secret<T extends Uint8Array | undefined>(secret: T): T {
		if (secret !== undefined && !this.#hashes.includes(secret)) this.secrets.push(secret);
		return secret;
	}

	sha256(data: Uint8Array): Uint8Array {
		const hash = this.#say("sha256", [data], this.#crypto.sha256(data));
		this.#hashes.push(hash);
		return hash;
	}
	hash(): Hash {
		return this.#crypto.hash();
	}
	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		this.#secret(key);
		return this.#say("hmacSha256", [key, data], this.#crypto.hmacSha256(key, data));
	}
	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
		this.#secret(prk);
		return this.#say("hkdfExpand", [prk, info], this.#crypto.hkdfExpand(prk, info, length));
	}
	ed25519KeyPair(seed: Uint8Array): KeyPair {
		return this.#crypto.ed25519KeyPair(seed);
	}
	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return this.#say("sign", [message], this.#crypto.ed25519Sign(message, secretKey));
	}
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const good = this.#crypto.ed25519Verify(signature, message, publicKey);
		this.#say("verify", [signature, message, publicKey], Uint8Array.of(good ? 1 : 0));
		return good;
	}
	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		return this.#crypto.x25519KeyPair(secretKey);
	}
	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		this.#secret(secretKey);
		return this.#secret(this.#say("agree", [publicKey], this.#crypto.x25519(secretKey, publicKey)));
	}
	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		return this.#crypto.p256KeyPair(secretKey);
	}
	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		this.#secret(secretKey);
		return this.#secret(this.#say("agree", [publicKey], this.#crypto.p256SharedSecret(secretKey, publicKey)));
	}
	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return this.#say("sign", [message], this.#crypto.p256Sign(message, secretKey));
	}
	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const good = this.#crypto.p256Verify(signature, message, publicKey);
		this.#say("verify", [signature, message, publicKey], Uint8Array.of(good ? 1 : 0));
		return good;
	}
	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array {
		this.#secret(key);
		const sealed = this.#crypto.aesCcmSeal(key, nonce, aad, plaintext, tagLength);
		return this.#say("seal", [key, nonce, aad, plaintext], sealed);
	}
	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined {
		this.#secret(key);
		const plaintext = this.#crypto.aesCcmOpen(key, nonce, aad, sealed, tagLength);
		return this.#say("open", [key, nonce, aad, sealed], plaintext);
	}
	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array {
		this.#secret(key);
		const sealed = this.#crypto.chacha20Poly1305Seal(key, nonce, aad, plaintext);
		return this.#say("seal", [key, nonce, aad, plaintext], sealed);
	}
	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined {
		this.#secret(key);
		const plaintext = this.#crypto.chacha20Poly1305Open(key, nonce, aad, sealed);
		return this.#say("open", [key, nonce, aad, sealed], plaintext);
	}
	chacha20Poly1305SealIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): void {
		this.#secret(key);
		const plaintext = bytes.slice(at, at + length - 16);
		this.#crypto.chacha20Poly1305SealIn(key, nonce, aad, bytes, at, length);
		this.#say("seal", [key, nonce, aad, plaintext], bytes.slice(at, at + length));
	}
	chacha20Poly1305OpenIn(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		bytes: Uint8Array,
		at: number,
		length: number,
	): boolean {
		this.#secret(key);
		const sealed = bytes.slice(at, at + length);
		const good = this.#crypto.chacha20Poly1305OpenIn(key, nonce, aad, bytes, at, length);
		this.#say("open", [key, nonce, aad, sealed], good ? bytes.slice(at, at + length - 16) : undefined);
		return good;
	}
	xor(into: Uint8Array, stream: Uint8Array): void {
		this.#crypto.xor(into, stream);
	}
	equal(a: Uint8Array, b: Uint8Array): boolean {
		return this.#crypto.equal(a, b);
	}
	wipe(secret: Uint8Array): void {
		this.#crypto.wipe(secret);
	}
}

function line(name: string, inputs: readonly string[], output: string): string {
	return `${name}(${inputs.join(", ")}) = ${output}`;
}
