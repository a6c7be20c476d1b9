import { equal } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import { CoseError, decodeSign1, isSignedBy } from "../credential/cose.js";
import type { Trust } from "../credential/credential.js";
import type { Crypto } from "../crypto.js";
import { MAX_ENVELOPE, planContext } from "./format.js";

/** Why a snapshot or a delta was not taken. What was in force stays. */
export type PlanRefusal =
	/** Not what this format says, or not even COSE. */
	| "malformed"
	/** The signature does not verify. */
	| "bad-signature"
	/** Names a key that this reader does not know. */
	| "unknown-issuer"
	/** Signed by a trusted key for another site. */
	| "wrong-site"
	/** For another door of the site. */
	| "wrong-door"
	/** This version, or a newer one, is in force or was. */
	| "not-newer"
	/** A delta to another plan than the one in force. */
	| "wrong-base"
	/** More than the slot holds. */
	| "too-large"
	/** The body is not the one that was signed. */
	| "body-mismatch"
	/** The end came before all of the body. */
	| "truncated"
	/** More came than the body. */
	| "too-long"
	/** Schedules, time zone or the like are not well-formed. */
	| "bad-tables"
	/** No room for a delta until what is in flash was compacted, or a snapshot came. */
	| "journal-full"
	/** What was read back is not what was written. */
	| "flash-fault"
	/** Nothing was begun. */
	| "no-install";

/** Numbers of refusals in the log, from 1; they keep them for ever. */
const REFUSALS: readonly PlanRefusal[] = Object.freeze([
	"malformed",
	"bad-signature",
	"unknown-issuer",
	"wrong-site",
	"wrong-door",
	"not-newer",
	"wrong-base",
	"too-large",
	"body-mismatch",
	"truncated",
	"too-long",
	"bad-tables",
	"journal-full",
	"flash-fault",
	"no-install",
]);

/** `detail` of the log's `plan` event: 0 in force, else why not. */
export function planEventDetail(result: PlanRefusal | undefined): number {
	return result === undefined ? 0 : REFUSALS.indexOf(result) + 1;
}

/** The other way; `undefined` for 0 and what this version does not know. */
export function planRefusalOf(detail: number): PlanRefusal | undefined {
	return REFUSALS[detail - 1];
}

/** The signed payload (a view), or why not. */
export function openEnvelope(envelope: Uint8Array, trust: Trust, crypto: Crypto): Uint8Array | PlanRefusal {
	if (envelope.length > MAX_ENVELOPE) return "too-large";
	try {
		const sign1 = decodeSign1(envelope);
		let known = false;
		for (const key of trust.keys) {
			if (sign1.kid !== undefined && key.kid !== undefined && !equal(sign1.kid, key.kid)) continue;
			known = true;
			if (sign1.algorithm !== key.algorithm) continue;
			if (isSignedBy(sign1, key, crypto, planContext())) return sign1.payload;
		}
		return known ? "bad-signature" : "unknown-issuer";
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) return "malformed";
		throw error;
	}
}
