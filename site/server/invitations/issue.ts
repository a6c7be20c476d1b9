// SPDX-License-Identifier: Apache-2.0

import { equal, fromHex } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { issueCredential, QR_ROLE } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { Failure } from "../../lib/files/failure.js";
import { keyFor, type SigningKey, type SiteKeys } from "../../lib/site-keys.js";
import type { InvitedPhone, Signed } from "../store/invitations.js";

const DAY = 86_400;
/** Life of a phone's CWT where neither settings nor the key say less. */
export const CREDENTIAL_DAYS = 30;
/** A CWT is renewed from this part of its life on. */
const RENEW_AFTER = 2 / 3;

/** The server's key for phones' credentials. Throws `Failure` where it has none that is good now. */
export function issueKey(keys: SiteKeys, now: number, crypto: Crypto): SigningKey {
	const found = keyFor(keys, "issue", undefined, now, crypto);
	if (typeof found !== "string") return found;
	throw new Failure(
		"refused",
		"no-issue-key",
		`the server may not issue credentials of phones (${found})`,
		"Who has the site's root makes a key that may: `lintel site key --role sync plan issue --days 30 --until DATE --out server-key.json`; start the server with it.",
	);
}

/** A CWT that is signed now: `days`, or what is less of the key's limit and its end. */
export function lifeOf(keys: SiteKeys, key: SigningKey, days: number, now: number): Signed {
	const { days: limit, until } = keys.trust.findKey(key.publicKey)!;
	const life = (limit === 0 ? days : Math.min(days, limit)) * DAY;
	const expires = until === 0 ? now + life : Math.min(now + life, until);
	return { issued: now, expires, kid: key.kid };
}

/** Whether a phone is to have another CWT than it has: a third of its life is left, or its key is not the server's any more. */
export function isDue({ expires, issued, kid }: Signed, key: SigningKey, now: number): boolean {
	return now >= issued + (expires - issued) * RENEW_AFTER || !equal(kid, key.kid);
}

/** A phone's CWTs: for radios, and for scanners. */
export interface Cwts {
	readonly radio: Uint8Array;
	readonly code: Uint8Array;
}

export function cwtsOf(
	site: string,
	{ credential, expires, issued, publicKey }: InvitedPhone,
	key: SigningKey,
): Cwts {
	const common = {
		...{ issuer: site, id: fromHex(credential), key: { algorithm: EDDSA, publicKey } as const },
		...{ notBefore: issued, expires },
	};
	const by = { kid: key.kid };
	return {
		radio: issueCredential({ ...common, issuedAt: issued }, key.signer, by),
		code: issueCredential({ ...common, subject: QR_ROLE }, key.signer, by),
	};
}
