// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import type { Crypto } from "../crypto.js";
import type { Reason } from "../reasons.js";
import { type KeyRefusal, KID, type TrustKey, type TrustList } from "../trust/list.js";
import { CoseError, decodeSign1, isSignedBy, type PublicKey, type Sign1 } from "./cose.js";
import { type Claims, CwtError, decodeClaims, untagged } from "./cwt.js";
import type { KnownCredentials } from "./known.js";
import { isSiteId } from "./names.js";

/**
 * The credential of a phone or of a reader: a CWT that the site signs. `docs/credential.md` has the bytes. Dates and rights are
 * checked with the access plan, not here.
 */

/** Bytes of `cti`, by which access plan and log name a credential. */
export const ID_LENGTH = 8;
/** `sub` of a credential of class `qr`: good at scanners alone, where the radios' are not. */
export const QR_ROLE = "+qr";
/** Bytes of a credential of class `qr` at most: what a code has room for (`protocol/qr/code.ts`). */
export const MAX_QR_CREDENTIAL = 181;
/** How often one of class `qr` can open at most, where that is limited. */
export const MAX_COUNT = 1000;
const DAY = 86_400;

/** A credential whose signature was verified. The byte fields are views of what was verified. */
export interface Credential {
	/** The CWT, untagged: CRED_x of EDHOC. */
	readonly cwt: Uint8Array;
	/** The site. */
	readonly issuer: string;
	/** A door, in the credential of a reader. */
	readonly subject: string | undefined;
	readonly id: Uint8Array;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly notBefore: number | undefined;
	readonly expires: number | undefined;
	readonly issuedAt: number | undefined;
	/** The key that the holder proves to have. */
	readonly key: PublicKey;
}

/** A reader's: `by` has signed it. */
export interface ReaderCredential extends Credential {
	/** The door. */
	readonly subject: string;
	readonly by: TrustKey;
}

/** A phone's at a scanner. */
export interface QrCredential extends Credential {
	/** How often it opens this door in all; `undefined`: as often as the plan allows. */
	readonly count: number | undefined;
}

export type CredentialReason = Extract<
	Reason,
	| "malformed"
	| "bad-signature"
	| "unknown-issuer"
	| "wrong-site"
	| "revoked"
	| "expired"
	| "not-yet-valid"
	| "wrong-door"
	| KeyRefusal
>;

export class CredentialError extends Error {
	override readonly name = "CredentialError";
	readonly reason: CredentialReason;
	/** The finer reason, for diagnosis: of `CborError`, `CoseError` or `CwtError`, or the claim that is missing. */
	readonly detail: string | undefined;

	constructor(reason: CredentialReason, detail?: string) {
		super(detail === undefined ? `credential: ${reason}` : `credential: ${reason} (${detail})`);
		this.reason = reason;
		this.detail = detail;
	}
}

/** A phone's credential as it came: nothing in it is to be believed before `acceptPhone`. */
export interface ClaimedCredential extends Decoded {
	/** The key that it is said to be about. */
	readonly key: PublicKey;
	/** The key of the list that it names. */
	readonly by: TrustKey;
}

/** Reads a phone's credential, tagged or not, which names a key of the list (`kid`). Throws `CredentialError`. */
export function claimPhone(bytes: Uint8Array, trust: TrustList): ClaimedCredential {
	const { claims, cwt, sign1 } = decode(bytes, trust.site);
	if (sign1.kid === undefined) throw new CredentialError("malformed", "no-kid");
	const by = trust.find(sign1.kid);
	if (by === undefined) throw new CredentialError("unknown-issuer");
	return { claims, cwt, sign1, by, key: claims.key };
}

/**
 * Verifies a claimed credential at a reader of `door`: the key that it names has signed it, has the role `issue` and keeps its limits.
 * `expires` is the earlier of its own end and its key's; under a limit of days `notBefore` is `iat` where it has no `nbf`. `known`: those
 * whose signature was verified before. Throws `CredentialError`.
 */
export function acceptPhone(
	claimed: ClaimedCredential,
	trust: TrustList,
	door: string,
	crypto: Crypto,
	known?: KnownCredentials,
): Credential {
	return acceptHolder(claimed, undefined, trust, door, crypto, known);
}

/** Both at once. Throws `CredentialError`. */
export function verifyPhone(bytes: Uint8Array, trust: TrustList, door: string, crypto: Crypto): Credential {
	return acceptPhone(claimPhone(bytes, trust), trust, door, crypto);
}

/** The same of a credential of class `qr`, at a scanner: `wrong-door` where it is for another one. Throws `CredentialError`. */
export function verifyQr(bytes: Uint8Array, trust: TrustList, door: string, crypto: Crypto): QrCredential {
	const claimed = claimPhone(bytes, trust);
	const credential = acceptHolder(claimed, QR_ROLE, trust, door, crypto, undefined);
	const { audience, count, expires } = claimed.claims;
	if (audience !== undefined && audience !== door) throw new CredentialError("wrong-door");
	if (count !== undefined && (audience === undefined || expires === undefined || !isCount(count)))
		throw new CredentialError("malformed", "count");
	return { ...credential, count };
}

export function isCount(count: number): boolean {
	return Number.isInteger(count) && count >= 1 && count <= MAX_COUNT;
}

function acceptHolder(
	claimed: ClaimedCredential,
	role: typeof QR_ROLE | undefined,
	trust: TrustList,
	door: string,
	crypto: Crypto,
	known: KnownCredentials | undefined,
): Credential {
	const { by, claims, cwt, sign1 } = claimed;
	const hash = known === undefined ? undefined : crypto.sha256(cwt);
	if (hash === undefined || !known!.has(hash, trust, crypto)) {
		checkSigned(sign1, claims, by, trust, crypto);
		if (hash !== undefined) known!.add(hash, trust);
	}
	if (claims.subject !== role)
		throw new CredentialError("wrong-role", `a credential of ${classOf(claims.subject)}`);
	const refusal = by.refusal("issue", door);
	if (refusal !== undefined) throw new CredentialError(refusal, "issue");
	const { days, until } = by;
	const { expires, issuedAt, notBefore } = claims;
	// Under a limit what has no `nbf` begins when it was issued: a date ahead would make it good from now until long after.
	const from = days === 0 ? notBefore : (notBefore ?? issuedAt);
	if (days > 0 && (expires === undefined || from === undefined || expires - from > days * DAY))
		throw new CredentialError("beyond-limits", `more than ${days} days`);
	return credentialOf(claimed, from, until === 0 ? expires : Math.min(until, expires ?? until));
}

function classOf(subject: string | undefined): string {
	if (subject === undefined) return "a phone for radios";
	return subject === QR_ROLE ? "class qr" : "a reader";
}

/**
 * Verifies a reader's credential, tagged or not: a key with the role `commission` has signed it, for a door that this key is for, and
 * neither was stolen or revoked. What an ended key has signed stays good. `now`: seconds since 1970, where known. Throws `CredentialError`.
 */
export function verifyReader(
	bytes: Uint8Array,
	trust: TrustList,
	crypto: Crypto,
	now?: number,
): ReaderCredential {
	const decoded = decode(bytes, trust.site);
	const { claims, sign1 } = decoded;
	const by = signerOf(sign1, trust, crypto);
	if (by === undefined)
		throw new CredentialError(claims.issuer === trust.site ? "bad-signature" : "unknown-issuer");
	if (claims.issuer !== trust.site) throw new CredentialError("wrong-site");
	const { expires, notBefore, subject } = claims;
	if (subject === undefined || subject === QR_ROLE)
		throw new CredentialError("wrong-role", "a credential of a phone");
	const refusal = by.refusal("commission", subject);
	if (refusal !== undefined && refusal !== "key-ended") throw new CredentialError(refusal, "commission");
	if (trust.isRevoked(claims.id)) throw new CredentialError("revoked");
	if (now !== undefined && expires !== undefined && now >= expires) throw new CredentialError("expired");
	if (now !== undefined && notBefore !== undefined && now < notBefore)
		throw new CredentialError("not-yet-valid");
	return { ...credentialOf(decoded, notBefore, expires), subject, by };
}

/** The key that has signed: a reader's credential names none, so those with the role are tried first. */
function signerOf(sign1: Sign1, trust: TrustList, crypto: Crypto): TrustKey | undefined {
	const keys = trust.keys;
	const has = (key: TrustKey): boolean =>
		(sign1.kid === undefined || equal(sign1.kid, key.publicKey.subarray(0, KID))) &&
		sign1.algorithm === key.algorithm &&
		isSignedBy(sign1, key, crypto);
	return (
		keys.find((key) => key.has("commission") && has(key)) ??
		keys.find((key) => !key.has("commission") && has(key))
	);
}

function checkSigned(
	sign1: Sign1,
	claims: SiteClaims,
	key: TrustKey,
	trust: TrustList,
	crypto: Crypto,
): void {
	if (sign1.algorithm !== key.algorithm || !isSignedBy(sign1, key, crypto))
		throw new CredentialError("bad-signature");
	if (claims.issuer !== trust.site) throw new CredentialError("wrong-site");
}

/** The claims that every credential has. */
type SiteClaims = Claims & Required<Pick<Claims, "issuer" | "id" | "key">>;

interface Decoded {
	readonly cwt: Uint8Array;
	readonly sign1: Sign1;
	readonly claims: SiteClaims;
}

function decode(bytes: Uint8Array, site: string): Decoded {
	try {
		const cwt = untagged(bytes);
		const sign1 = decodeSign1(cwt);
		if (sign1.algorithm === undefined) throw new CoseError("wrong-algorithm");
		const claims = decodeClaims(sign1.payload);
		checkClaims(claims, site);
		return { cwt, sign1, claims };
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError || error instanceof CwtError)
			throw new CredentialError("malformed", error.reason);
		throw error;
	}
}

/** The names' form is the same for both. The site's own costs no regular expression. */
function checkClaims(claims: Claims, site: string): asserts claims is SiteClaims {
	const { audience, expires, id, issuedAt, issuer, key, notBefore, subject } = claims;
	if (issuer === undefined) throw new CredentialError("malformed", "no-issuer");
	if (id === undefined || id.length !== ID_LENGTH) throw new CredentialError("malformed", "no-id");
	if (key === undefined) throw new CredentialError("malformed", "no-key");
	// RFC 8392 3.1.3: a recipient outside the audience must refuse, and radios are in none.
	if (audience !== undefined && subject !== QR_ROLE) throw new CredentialError("malformed", "audience");
	if (issuer !== site && !isSiteId(issuer)) throw new CredentialError("malformed", "issuer");
	if (subject !== undefined && !isSiteId(subject)) throw new CredentialError("malformed", "subject");
	if (!isDate(expires) || !isDate(notBefore) || !isDate(issuedAt))
		throw new CredentialError("malformed", "date");
}

/** Seconds since 1970 in 32 bits, or absent. */
export function isDate(date: number | undefined): boolean {
	return date === undefined || (Number.isInteger(date) && date >= 0 && date <= 0xffff_ffff);
}

function credentialOf(
	{ claims, cwt }: Decoded,
	notBefore: number | undefined,
	expires: number | undefined,
): Credential {
	const { id, issuedAt, issuer, key, subject } = claims;
	return { cwt, issuer, subject, id, notBefore, expires, issuedAt, key };
}
