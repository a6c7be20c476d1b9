// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import type { Crypto } from "../crypto.js";
import type { Reason } from "../reasons.js";
import {
	CoseError,
	decodeSign1,
	encodeSign1,
	isSignedBy,
	type PublicKey,
	type Sign1,
	type Signer,
} from "./cose.js";
import { type Claims, CwtError, decodeClaims, encodeClaims, untagged } from "./cwt.js";
import { isDoorId, isSiteId, SERVICE_SUBJECT } from "./names.js";

/**
 * The credential of a phone or of a reader: a CWT that the site signs. `docs/credential.md` has the bytes. Dates and rights are
 * checked with the access plan, not here.
 */

/** Bytes of `cti`, by which access plan and log name a credential. */
export const ID_LENGTH = 8;

/** One key by which the site signs credentials. */
export interface TrustedKey extends PublicKey {
	/** Where both have one, this key is tried only for credentials with the same `kid`. */
	readonly kid?: Uint8Array;
}

/** The trust anchor of a reader: the identifier of its site and the keys by which that signs. */
export interface Trust {
	readonly site: string;
	readonly keys: readonly TrustedKey[];
}

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

export type CredentialReason = Extract<
	Reason,
	"malformed" | "bad-signature" | "unknown-issuer" | "wrong-site"
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

export interface CredentialFields {
	/** The site. */
	readonly issuer: string;
	/** The door, for the credential of a reader; `SERVICE_SUBJECT` for an installer's key. */
	readonly subject?: string;
	/** 8 random bytes. */
	readonly id: Uint8Array;
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly notBefore?: number;
	readonly expires?: number;
	readonly issuedAt?: number;
	readonly key: PublicKey;
}

/** Issues a credential, untagged. RangeError when a field is out of bounds. */
export function issueCredential(
	fields: CredentialFields,
	by: Signer,
	options?: { readonly kid?: Uint8Array },
): Uint8Array {
	const { issuer, subject } = fields;
	if (!isSiteId(issuer)) throw new RangeError("a site's identifier is 1 to 8 printable ASCII characters");
	if (subject !== undefined && subject !== SERVICE_SUBJECT && !isDoorId(subject))
		throw new RangeError("a credential's subject is a door's identifier");
	if (fields.id.length !== ID_LENGTH) throw new RangeError("a credential's id has 8 bytes");
	if (!isDate(fields.notBefore) || !isDate(fields.expires) || !isDate(fields.issuedAt))
		throw new RangeError("a date is whole seconds, 0 to 2^32-1");
	return encodeSign1(encodeClaims(fields), by, options);
}

/**
 * Verifies the site's signature on a credential, tagged or not, and that it is of this site. Throws `CredentialError`:
 * "malformed"; "bad-signature" when it says it is of this site or names one of its keys, and is not signed so;
 * "unknown-issuer" when it names another site or key and no trusted key has signed it; "wrong-site" when a trusted key
 * has signed it for another site.
 */
export function verifyCredential(bytes: Uint8Array, trust: Trust, crypto: Crypto): Credential {
	const { cwt, sign1, claims } = decode(bytes);
	const { issuer, id, key } = claims;
	if (issuer === undefined) throw new CredentialError("malformed", "no-issuer");
	if (id === undefined || id.length !== ID_LENGTH) throw new CredentialError("malformed", "no-id");
	if (key === undefined) throw new CredentialError("malformed", "no-key");
	// RFC 8392 3.1.3: a recipient outside the audience must refuse, and readers are in none.
	if (claims.audience !== undefined) throw new CredentialError("malformed", "audience");
	checkBounds(claims, trust.site);
	const found = checkSignature(sign1, trust, crypto);
	if (found === "untried") throw new CredentialError("unknown-issuer");
	if (found !== "verified")
		throw new CredentialError(
			found === "named" || issuer === trust.site ? "bad-signature" : "unknown-issuer",
		);
	if (issuer !== trust.site) throw new CredentialError("wrong-site");
	return {
		cwt,
		issuer,
		subject: claims.subject,
		id,
		notBefore: claims.notBefore,
		expires: claims.expires,
		issuedAt: claims.issuedAt,
		key,
	};
}

/** The names' form is the same for both. The site's own costs no regular expression. */
function checkBounds({ issuer, subject, expires, notBefore, issuedAt }: Claims, site: string): void {
	if (issuer !== site && !isSiteId(issuer)) throw new CredentialError("malformed", "issuer");
	if (subject !== undefined && !isSiteId(subject)) throw new CredentialError("malformed", "subject");
	if (!isDate(expires) || !isDate(notBefore) || !isDate(issuedAt))
		throw new CredentialError("malformed", "date");
}

/** Seconds since 1970 in 32 bits, or absent. */
function isDate(date: number | undefined): boolean {
	return date === undefined || (Number.isInteger(date) && date >= 0 && date <= 0xffff_ffff);
}

function decode(bytes: Uint8Array): { cwt: Uint8Array; sign1: Sign1; claims: Claims } {
	try {
		const cwt = untagged(bytes);
		const sign1 = decodeSign1(cwt);
		if (sign1.algorithm === undefined) throw new CoseError("wrong-algorithm");
		return { cwt, sign1, claims: decodeClaims(sign1.payload) };
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError || error instanceof CwtError)
			throw new CredentialError("malformed", error.reason);
		throw error;
	}
}

/**
 * "verified"; "named" when it names a trusted key by `kid` and that did not verify; "failed" when none did; "untried"
 * when no trusted key can have signed it.
 */
function checkSignature(
	sign1: Sign1,
	trust: Trust,
	crypto: Crypto,
): "verified" | "named" | "failed" | "untried" {
	let found: "named" | "failed" | "untried" = "untried";
	for (let i = 0; i < trust.keys.length; i++) {
		const key = trust.keys[i]!;
		const named = sign1.kid !== undefined && key.kid !== undefined;
		if (named && !equal(sign1.kid!, key.kid!)) continue;
		if (sign1.algorithm !== key.algorithm) continue;
		if (isSignedBy(sign1, key, crypto)) return "verified";
		if (named) found = "named";
		else if (found === "untried") found = "failed";
	}
	return found;
}
