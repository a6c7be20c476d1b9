// SPDX-License-Identifier: Apache-2.0

import { equal, fromHex } from "../../../protocol/bytes.js";
import { EDDSA } from "../../../protocol/credential/cose.js";
import { QR_ROLE } from "../../../protocol/credential/credential.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { Failure } from "../../lib/files/failure.js";
import { keyFor, type SigningKey, type SiteKeys } from "../../lib/site-keys.js";
import type { InvitedPhone, Signed } from "../store/invitations.js";
import type { Pass } from "../store/passes.js";

const DAY = 86_400;
/** A CWT is renewed from this part of its life on. */
const RENEW_AFTER = 2 / 3;
/** A door whose clock is so far behind takes a phone at once, s. */
const CLOCK_BEHIND_S = 600;

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

/** What a phone's CWTs are for. */
export interface Terms {
	/** Of a visitor. */
	readonly pass: Pass | undefined;
	/** Life of a CWT, days. */
	readonly days: number;
	/** Whether those who are no visitors get one for scanners, too. */
	readonly codes: boolean;
}

/**
 * A CWT that is signed now: `days`, or what is less of the key's limit, its end and the pass. Where openings are counted it is that of the
 * pass whole, since a reader forgets a count with the CWT's end.
 */
export function lifeOf(keys: SiteKeys, key: SigningKey, { days, pass }: Terms, now: number): Signed {
	const { kid } = key;
	if (pass?.count !== undefined) return { issued: Math.max(now, pass.from), expires: pass.until, kid };
	const { days: limit, until } = keys.trust.findKey(key.publicKey)!;
	const most = limit === 0 ? undefined : now - CLOCK_BEHIND_S + limit * DAY;
	const ends = [now + days * DAY, most, until === 0 ? undefined : until, pass?.until];
	return { issued: now, expires: Math.min(...ends.filter((end) => end !== undefined)), kid };
}

/** The CWT that a phone is to have in place of this one; `undefined`: none yet. */
export function renewed(
	keys: SiteKeys,
	signed: Signed,
	key: SigningKey,
	terms: Terms,
	now: number,
): Signed | undefined {
	const { expires, issued, kid } = signed;
	const isOther = !equal(kid, key.kid);
	if (terms.pass?.count !== undefined) return isOther ? { issued, expires, kid: key.kid } : undefined;
	const isLast = terms.pass !== undefined && expires >= terms.pass.until;
	const isOld = now >= issued + (expires - issued) * RENEW_AFTER;
	return isOther || (isOld && !isLast) ? lifeOf(keys, key, terms, now) : undefined;
}

/** A phone's CWTs: for radios, which a visitor has not, and for scanners. */
export interface Cwts {
	readonly radio: Uint8Array | undefined;
	readonly code: Uint8Array | undefined;
}

export function cwtsOf(
	site: string,
	{ credential, expires, issued, publicKey }: InvitedPhone,
	key: SigningKey,
	{ codes, pass }: Terms,
): Cwts {
	const common = {
		...{ issuer: site, id: fromHex(credential), key: { algorithm: EDDSA, publicKey } as const },
		...{ notBefore: pass === undefined ? issued - CLOCK_BEHIND_S : issued, expires },
	};
	const by = { kid: key.kid };
	const [door, ...others] = pass?.doors ?? [];
	const only = door !== undefined && others.length === 0 ? { audience: door } : {};
	const counted = pass?.count === undefined ? only : { ...only, count: pass.count };
	return {
		radio: pass === undefined ? issueCredential({ ...common, issuedAt: issued }, key.signer, by) : undefined,
		code:
			codes || pass !== undefined
				? issueCredential({ ...common, ...counted, subject: QR_ROLE }, key.signer, by)
				: undefined,
	};
}
