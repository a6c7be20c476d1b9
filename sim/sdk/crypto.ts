/** The firmware's crypto in the SDK's simulators, in place of hal/crypto/native/crypto.ts: its work is done in the world. */
import type { Crypto, Hash, KeyPair } from "../../protocol/crypto.js";
import {
	CRYPTO,
	HASH_BEGIN,
	HASH_END,
	HASH_UPDATE,
	NOTHING,
	OPERATIONS,
	type Operation,
	pack,
} from "./wire.js";

declare const host: {
	call(call: number, a: number, b: number, c: number, out?: Uint8Array, into?: Uint8Array): number;
};

const TAG = 16;

function ask(operation: Operation, parts: readonly Uint8Array[], into?: Uint8Array, number = 0): number {
	return host.call(CRYPTO, OPERATIONS.indexOf(operation), number, 0, pack(parts), into);
}

/** Bytes, `undefined` where the world has none. */
function bytes(operation: Operation, length: number, parts: readonly Uint8Array[], number = 0) {
	const into = new Uint8Array(length);
	return ask(operation, parts, into, number) === NOTHING ? undefined : into;
}

function pair(operation: Operation, publicLength: number, secretLength: number, secret: Uint8Array) {
	const both = bytes(operation, publicLength + secretLength, [secret]);
	return both && { publicKey: both.slice(0, publicLength), secretKey: both.slice(publicLength) };
}

class RemoteHash implements Hash {
	readonly #id = host.call(HASH_BEGIN, 0, 0, 0);

	update(data: Uint8Array): this {
		host.call(HASH_UPDATE, this.#id, 0, 0, data);
		return this;
	}

	digest(): Uint8Array {
		const digest = new Uint8Array(32);
		host.call(HASH_END, this.#id, 0, 0, undefined, digest);
		return digest;
	}
}

export class NativeCrypto implements Crypto {
	readonly name = "native";

	sha256(data: Uint8Array): Uint8Array {
		return bytes("sha256", 32, [data])!;
	}

	hash(): Hash {
		return new RemoteHash();
	}

	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
		return bytes("hmacSha256", 32, [key, data])!;
	}

	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
		return bytes("hkdfExpand", length, [prk, info], length)!;
	}

	ed25519KeyPair(seed: Uint8Array): KeyPair {
		return pair("ed25519KeyPair", 32, 64, seed)!;
	}

	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return bytes("ed25519Sign", 64, [message, secretKey])!;
	}

	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		return ask("ed25519Verify", [signature, message, publicKey]) === 1;
	}

	x25519KeyPair(secretKey: Uint8Array): KeyPair {
		return pair("x25519KeyPair", 32, 32, secretKey)!;
	}

	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		return bytes("x25519", 32, [secretKey, publicKey]);
	}

	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		return pair("p256KeyPair", 65, 32, secretKey);
	}

	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
		return bytes("p256SharedSecret", 32, [secretKey, publicKey]);
	}

	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
		return bytes("p256Sign", 64, [message, secretKey])!;
	}

	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		return ask("p256Verify", [signature, message, publicKey]) === 1;
	}

	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array {
		return bytes("aesCcmSeal", plaintext.length + tagLength, [key, nonce, aad, plaintext], tagLength)!;
	}

	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined {
		const length = Math.max(0, sealed.length - tagLength);
		return bytes("aesCcmOpen", length, [key, nonce, aad, sealed], tagLength);
	}

	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array {
		return bytes("chacha20Poly1305Seal", plaintext.length + TAG, [key, nonce, aad, plaintext])!;
	}

	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined {
		return bytes("chacha20Poly1305Open", Math.max(0, sealed.length - TAG), [key, nonce, aad, sealed]);
	}

	xor(into: Uint8Array, stream: Uint8Array): void {
		for (let i = 0; i < into.length; i++) into[i]! ^= stream[i]!;
	}

	equal(a: Uint8Array, b: Uint8Array): boolean {
		return ask("equal", [a, b]) === 1;
	}

	wipe(secret: Uint8Array): void {
		secret.fill(0);
	}
}
