/** What the firmware's crypto calls do in the world. */

import { concat } from "../../protocol/bytes.js";
import type { Crypto, Hash, KeyPair } from "../../protocol/crypto.js";
import type { Handlers } from "../engine/wire.js";
import { CRYPTO, HASH_BEGIN, HASH_END, HASH_UPDATE, NOTHING, OPERATIONS, unpack } from "./wire.js";

type Work = (...args: readonly (Uint8Array | number)[]) => Uint8Array | KeyPair | boolean | undefined;

export function cryptoOf(crypto: Crypto): Handlers {
	const hashes = new Map<number, Hash>();
	let last = 0;
	return {
		[CRYPTO]: (index, number, _, packed) => {
			const operation = OPERATIONS[index]!;
			const parts: (Uint8Array | number)[] = unpack(packed);
			if (operation === "hkdfExpand" || operation.startsWith("aesCcm")) parts.push(number);
			const result = (crypto[operation] as unknown as Work)(...parts);
			if (result === undefined) return NOTHING;
			if (typeof result === "boolean") return result ? 1 : 0;
			return result instanceof Uint8Array ? result : concat(result.publicKey, result.secretKey);
		},
		[HASH_BEGIN]: () => {
			hashes.set(++last, crypto.hash());
			return last;
		},
		[HASH_UPDATE]: (id, _b, _c, data) => {
			hashes.get(id)!.update(data);
		},
		[HASH_END]: (id) => {
			const digest = hashes.get(id)!.digest();
			hashes.delete(id);
			return digest;
		},
	};
}
