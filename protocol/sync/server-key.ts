// SPDX-License-Identifier: Apache-2.0

import { EDDSA } from "../credential/cose.js";
import { CredentialError } from "../credential/credential.js";
import { encodeClaims } from "../credential/cwt.js";
import { isWeakPoint } from "../credential/ed25519-point.js";
import { EdhocError } from "../edhoc/errors.js";
import type { PeerCredential } from "../edhoc/id-cred.js";
import type { Resolve } from "../edhoc/session.js";
import type { KeyRefusal, TrustKey, TrustList } from "../trust/list.js";

/**
 * How a server authenticates: by `kid` (RFC 9528 3.5.3), since its key stands in the trust list that every reader has. CRED_R is a
 * claims set that both sides make of the list: whose key it is, and what for.
 */

/** `sub` of a server's claims set. No door has it: doors' names begin with a letter or a digit. */
const SYNC = "+sync";

/** A key of the list with the role `sync`. */
export interface ServerKey extends PeerCredential {
	readonly key: TrustKey;
}

export function claimsOf(site: string, publicKey: Uint8Array): Uint8Array {
	return encodeClaims({ issuer: site, subject: SYNC, key: { algorithm: EDDSA, publicKey } });
}

/**
 * Why a server's key may not speak for the site at `door`. It is asked again when time or list have changed. `now`: seconds since 1970;
 * `undefined` where the clock is not set, and then the key's end is still to be asked for.
 */
export function serverRefusal(
	key: TrustKey | undefined,
	door: string,
	now: number | undefined,
): KeyRefusal | "unknown-issuer" | undefined {
	return key === undefined ? "unknown-issuer" : key.refusalAt("sync", door, now ?? 0);
}

/** What a reader of `door` makes of a server's ID_CRED_R. The session throws `CredentialError` when its key is not good. */
export function resolveServer(trust: TrustList, door: string, now: number | undefined): Resolve<ServerKey> {
	return (idCred) => {
		if (idCred.kind !== "kid") throw new EdhocError("unsupported-credential");
		const key = trust.find(idCred.kid);
		const refusal = serverRefusal(key, door, now);
		if (refusal !== undefined) throw new CredentialError(refusal, "sync");
		const { algorithm, publicKey } = key!;
		if (isWeakPoint(publicKey)) throw new CredentialError("bad-signature", "a point of small order");
		return { cred: claimsOf(trust.site, publicKey), algorithm, publicKey, key: key! };
	};
}
