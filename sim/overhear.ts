// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../protocol/crypto.js";
import { TAG } from "../protocol/sync/bounds.js";
import { told } from "./told-crypto.js";

/** The same crypto, which tells what each message of a session is before it is sealed, and once it was opened. */
export function overheard(
	crypto: Crypto,
	{ opened, sealed }: Readonly<Record<"sealed" | "opened", (content: Uint8Array) => void>>,
): Crypto {
	return {
		...told(crypto, () => {}),
		chacha20Poly1305SealIn: (key, nonce, aad, bytes, at, length) => {
			sealed(bytes.slice(at, at + length - TAG));
			crypto.chacha20Poly1305SealIn(key, nonce, aad, bytes, at, length);
		},
		chacha20Poly1305OpenIn: (key, nonce, aad, bytes, at, length) => {
			const good = crypto.chacha20Poly1305OpenIn(key, nonce, aad, bytes, at, length);
			if (good) opened(bytes.slice(at, at + length - TAG));
			return good;
		},
	};
}
