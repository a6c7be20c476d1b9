// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";

/** The same few keys and signatures are worked out for each of a hundred thousand starts. */
export class RememberingCrypto extends NodeCrypto {
	readonly #pairs = new Map<string, KeyPair | undefined>();
	readonly #verified = new Map<string, boolean>();

	override ed25519KeyPair(seed: Uint8Array): KeyPair {
		return remember(this.#pairs, `ed25519 ${toHex(seed)}`, () => super.ed25519KeyPair(seed))!;
	}

	override p256KeyPair(secretKey: Uint8Array): KeyPair | undefined {
		return remember(this.#pairs, `p256 ${toHex(secretKey)}`, () => super.p256KeyPair(secretKey));
	}

	override ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
		const key = `${toHex(publicKey)} ${toHex(signature)} ${toHex(this.sha256(message))}`;
		return remember(this.#verified, key, () => super.ed25519Verify(signature, message, publicKey));
	}
}

/** Nothing is remembered of what comes once. */
const MAX_REMEMBERED = 5000;

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
	let value = known.get(key);
	if (value === undefined) {
		value = make();
		if (known.size < MAX_REMEMBERED) known.set(key, value);
	}
	return value;
}
