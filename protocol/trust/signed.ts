// SPDX-License-Identifier: Apache-2.0

import { CborError } from "../cbor/reader.js";
import { CoseError, decodeSign1, isSignedBy } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";
import type { TrustKey, TrustList } from "./list.js";

/** Why what a key of a list is said to have signed is none of its words. */
export type SignedRefusal =
	/** Not COSE, or not the format that was asked for. */
	| "malformed"
	/** The signature does not verify. */
	| "bad-signature"
	/** Names a key that the list does not have. */
	| "unknown-issuer";

/**
 * Opens COSE_Sign1 by a key of the list: its payload (a view), or the refusal. `context`: external_aad, which tells one kind of thing
 * that a key signs from another. `refuses`: why this key may not have signed this payload.
 */
export function openSigned<R>(
	envelope: Uint8Array,
	context: Uint8Array,
	trust: TrustList,
	crypto: Crypto,
	refuses: (key: TrustKey, payload: Uint8Array) => R | undefined,
): Uint8Array | SignedRefusal | R {
	try {
		const sign1 = decodeSign1(envelope);
		const key = trust.find(sign1.kid);
		if (key === undefined) return "unknown-issuer";
		if (sign1.algorithm !== key.algorithm || !isSignedBy(sign1, key, crypto, context)) return "bad-signature";
		return refuses(key, sign1.payload) ?? sign1.payload;
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) return "malformed";
		throw error;
	}
}
