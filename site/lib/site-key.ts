// SPDX-License-Identifier: Apache-2.0

import { EDDSA, type Signer, signer } from "../../protocol/credential/cose.js";
import type { Trust } from "../../protocol/credential/credential.js";
import { isSiteId } from "../../protocol/credential/names.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";

/** A site's Ed25519 key, which signs plans and credentials, and what readers are told to believe. */
export interface SiteKey {
	readonly site: string;
	/** The beginning of the public key. */
	readonly kid: Uint8Array;
	readonly signer: Signer;
	readonly trust: Trust;
}

const KID_LENGTH = 4;

/** RangeError where `site` is no site's identifier. */
export function siteKeyOf(site: string, { publicKey, secretKey }: KeyPair, crypto: Crypto): SiteKey {
	if (!isSiteId(site)) throw new RangeError("a site is 1 to 8 ASCII characters without spaces");
	const kid = publicKey.slice(0, KID_LENGTH);
	return {
		site,
		kid,
		signer: signer(crypto, EDDSA, secretKey),
		trust: { site, keys: [{ kid, algorithm: EDDSA, publicKey }] },
	};
}
