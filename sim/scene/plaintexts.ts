// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import { TAG } from "../../protocol/sync/bounds.js";
import { told } from "../told-crypto.js";

/** Ciphertexts whose plaintexts are kept: those of the last few transactions. */
const KEPT = 128;
/** Bytes of a ciphertext by which it is known again. */
const BEGINNING = 16;

/**
 * What was encrypted in a scene, by its ciphertext. Both sides of every transaction compute in the scene, so what they encrypt and
 * decrypt is seen as it goes through `crypto`; nothing in the firmware or the phones knows of it.
 */
export class Plaintexts {
	/** Give this to the world in place of the other. */
	readonly crypto: Crypto;
	readonly #known = new Map<string, Uint8Array>();

	constructor(crypto: Crypto) {
		this.crypto = { ...told(crypto, () => {}), ...this.#sealing(crypto) };
	}

	/** What `ciphertext` carries, where that is known. */
	find(ciphertext: Uint8Array | undefined): Uint8Array | undefined {
		return ciphertext && this.#known.get(keyOf(ciphertext));
	}

	#sealing(crypto: Crypto): Partial<Crypto> {
		return {
			xor: (into, stream) => {
				const before = stream.slice();
				crypto.xor(into, stream);
				// One of the two is a ciphertext: of message_2, by whichever side comes first.
				this.#keep(into, before);
				this.#keep(before, into);
			},
			aesCcmSeal: (key, nonce, aad, plaintext, tag) =>
				this.#sealed(crypto.aesCcmSeal(key, nonce, aad, plaintext, tag), plaintext),
			aesCcmOpen: (key, nonce, aad, sealed, tag) =>
				this.#opened(sealed, crypto.aesCcmOpen(key, nonce, aad, sealed, tag)),
			chacha20Poly1305Seal: (key, nonce, aad, plaintext) =>
				this.#sealed(crypto.chacha20Poly1305Seal(key, nonce, aad, plaintext), plaintext),
			chacha20Poly1305Open: (key, nonce, aad, sealed) =>
				this.#opened(sealed, crypto.chacha20Poly1305Open(key, nonce, aad, sealed)),
			chacha20Poly1305SealIn: (key, nonce, aad, bytes, at, length) => {
				const plaintext = bytes.slice(at, at + length - TAG);
				crypto.chacha20Poly1305SealIn(key, nonce, aad, bytes, at, length);
				this.#keep(bytes.subarray(at, at + length), plaintext);
			},
			chacha20Poly1305OpenIn: (key, nonce, aad, bytes, at, length) => {
				const sealed = bytes.slice(at, at + length);
				const good = crypto.chacha20Poly1305OpenIn(key, nonce, aad, bytes, at, length);
				if (good) this.#keep(sealed, bytes.subarray(at, at + length - TAG));
				return good;
			},
		};
	}

	#sealed(sealed: Uint8Array, plaintext: Uint8Array): Uint8Array {
		this.#keep(sealed, plaintext);
		return sealed;
	}

	#opened(sealed: Uint8Array, plaintext: Uint8Array | undefined): Uint8Array | undefined {
		if (plaintext !== undefined) this.#keep(sealed, plaintext);
		return plaintext;
	}

	#keep(ciphertext: Uint8Array, plaintext: Uint8Array): void {
		this.#known.set(keyOf(ciphertext), plaintext.slice());
		if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
	}
}

function keyOf(ciphertext: Uint8Array): string {
	return `${ciphertext.length} ${toHex(ciphertext.subarray(0, BEGINNING))}`;
}
