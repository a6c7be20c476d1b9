// SPDX-License-Identifier: Apache-2.0

import { EDDSA, type Signer, signer } from "../../protocol/credential/cose.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { type KeyRefusal, KID, type Role, type TrustList } from "../../protocol/trust/list.js";

/** A person's keys of a site, and the lists that say what each of them may do. */
export interface SiteKeys {
	readonly site: string;
	/** Ed25519. */
	readonly keys: readonly KeyPair[];
	/** Every version as its roots signed it, from the first on. */
	readonly lists: readonly Uint8Array[];
	/** The newest of them. */
	readonly trust: TrustList;
}

/** One of them, to sign with. */
export interface SigningKey extends KeyPair {
	readonly kid: Uint8Array;
	readonly signer: Signer;
}

/** A key that may act in `role` at `door`, or at any where none is given, now (seconds since 1970), or why none may. */
export function keyFor(
	{ keys, trust }: SiteKeys,
	role: Role,
	door: string | undefined,
	now: number,
	crypto: Crypto,
): SigningKey | KeyRefusal {
	let why: KeyRefusal = "wrong-role";
	for (const pair of keys) {
		const listed = trust.findKey(pair.publicKey);
		const refusal =
			listed === undefined ? "wrong-role" : listed.refusalAt(role, door ?? listed.doors[0] ?? "", now);
		if (refusal === undefined) return signingKey(pair, crypto);
		if (refusal !== "wrong-role") why = refusal;
	}
	return why;
}

export function signingKey(pair: KeyPair, crypto: Crypto): SigningKey {
	return {
		...pair,
		kid: pair.publicKey.slice(0, KID),
		signer: signer(crypto, EDDSA, pair.secretKey),
	};
}
