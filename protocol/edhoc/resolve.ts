// SPDX-License-Identifier: Apache-2.0

import type { PublicKey } from "../credential/cose.js";
import { EdhocError } from "./errors.js";
import type { PeerCredential } from "./id-cred.js";
import type { Resolve } from "./session.js";

/** What a peer authenticates with: the CWT as CRED_x, and the key that it is about. */
export interface SiteCredential {
	readonly cwt: Uint8Array;
	readonly key: PublicKey;
}

/** A peer that authenticates with a credential of the site. */
export interface SitePeer<C extends SiteCredential> extends PeerCredential {
	readonly credential: C;
}

/**
 * Takes the credential that a peer sends by value (`kcwt`) and has it judged: by `verify`, whose `CredentialError` the session throws, or by
 * the caller when the peer has proved to have the key. Other kinds are refused: "unknown-credential" for references (the peer may try again by value),
 * "unsupported-credential" for certificates and unsigned claims.
 */
export function resolveBy<C extends SiteCredential>(verify: (cwt: Uint8Array) => C): Resolve<SitePeer<C>> {
	return (idCred) => {
		if (idCred.kind === "kid" || idCred.kind === "x5t") throw new EdhocError("unknown-credential");
		if (idCred.kind !== "kcwt") throw new EdhocError("unsupported-credential");
		const credential = verify(idCred.cwt);
		const { algorithm, publicKey } = credential.key;
		return { cred: credential.cwt, algorithm, publicKey, credential };
	};
}
