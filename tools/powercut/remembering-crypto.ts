// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";

/** Deriving the same few keys and verifying the same few signatures a hundred thousand times shows nothing new. */
export class RememberingCrypto extends NodeCrypto {
	readonly #pairs = new Map<string, KeyPair | undefined>();
	readonly #verified = new Map<string, boolean>();

	override ed25519KeyPair(seed: Uint8Array): KeyPair {
		return once(this.#pairs, `ed25519 ${toHex(seed)}`, () => super.ed25519KeyPair(seed))!;
	}

	override p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		return once(this.#pairs, `p256 ${toHex(secretKey)}`, () => super.p256KeyPair(secretKey));
	}

	override ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const name = `${toHex(signature)}${toHex(this.sha256(message))}${toHex(publicKey)}`;
		return once(this.#verified, name, () => super.ed25519Verify(signature, message, publicKey));
	}
}

function once<T>(known: Map<string, T>, name: string, find: () => T): T {
	if (!known.has(name)) known.set(name, find());
	return known.get(name)!;
}
