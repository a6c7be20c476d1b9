// SPDX-License-Identifier: Apache-2.0

import { type Credential, type Trust, verifyCredential } from "../credential/credential.js";
import type { Crypto } from "../crypto.js";
import { EdhocError } from "./errors.js";
import type { PeerCredential } from "./id-cred.js";
import type { Resolve } from "./session.js";

/** A peer that authenticates with a credential of the site. */
export interface SitePeer extends PeerCredential {
	readonly credential: Credential;
}

/**
 * Takes the credential that a peer sends by value (`kcwt`) and verifies the site's signature. The session then throws
 * `CredentialError` when it is not good. Other kinds are refused: "unknown-credential" for references (the peer may try
 * again by value), "unsupported-credential" for certificates and unsigned claims.
 */
export function resolveBySite(trust: Trust, crypto: Crypto): Resolve<SitePeer> {
	return (idCred) => {
		if (idCred.kind === "kid" || idCred.kind === "x5t") throw new EdhocError("unknown-credential");
		if (idCred.kind !== "kcwt") throw new EdhocError("unsupported-credential");
		const credential = verifyCredential(idCred.cwt, trust, crypto);
		const { algorithm, publicKey } = credential.key;
		return { cred: credential.cwt, algorithm, publicKey, credential };
	};
}
