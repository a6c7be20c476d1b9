// SPDX-License-Identifier: Apache-2.0

import { fromHex } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/credential.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { Failure } from "../../lib/files/failure.js";
import { keyFor, type SigningKey, type SiteKeys } from "../../lib/site-keys.js";

const DAY = 86_400;
/** Life of a phone's CWT where neither settings nor the key say less. */
export const CREDENTIAL_DAYS = 30;

/** When a CWT begins and ends, seconds since 1970. */
export interface Life {
	readonly issued: number;
	readonly expires: number;
}

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

/** Of a CWT that is signed now: `days`, or what is less of the key's limit and its end. */
export function lifeOf(keys: SiteKeys, key: SigningKey, days: number, now: number): Life {
	const { days: limit, until } = keys.trust.findKey(key.publicKey)!;
	const life = (limit === 0 ? days : Math.min(days, limit)) * DAY;
	return { issued: now, expires: until === 0 ? now + life : Math.min(now + life, until) };
}

/** The CWT of a phone, for radios. `id`: hexadecimal. */
export function phoneCwt(
	site: string,
	id: string,
	publicKey: Uint8Array,
	{ expires, issued }: Life,
	key: SigningKey,
): Uint8Array {
	return issueCredential(
		{
			...{ issuer: site, id: fromHex(id), key: { algorithm: EDDSA, publicKey } },
			...{ issuedAt: issued, notBefore: issued, expires },
		},
		key.signer,
		{ kid: key.kid },
	);
}
