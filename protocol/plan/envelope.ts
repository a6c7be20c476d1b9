// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import { CoseError, decodeSign1, isSignedBy } from "../credential/cose.js";
import type { Trust } from "../credential/credential.js";
import type { Crypto } from "../crypto.js";
import { MAX_ENVELOPE, planContext } from "./format.js";

/** Why a snapshot or a delta was refused. The plan in force stays. */
export type PlanRefusal =
	/** Not COSE, or not this format. */
	| "malformed"
	/** The signature does not verify. */
	| "bad-signature"
	/** Names a key that this reader does not know. */
	| "unknown-issuer"
	/** Signed by a trusted key for another site. */
	| "wrong-site"
	/** For another door of the site. */
	| "wrong-door"
	/** This version or a newer one is in force, or was. */
	| "not-newer"
	/** A delta to another plan than the one in force. */
	| "wrong-base"
	/** More than the slot holds. */
	| "too-large"
	/** The body is not the one that was signed. */
	| "body-mismatch"
	/** The install ended before the whole body had come. */
	| "truncated"
	/** More bytes came than the body has. */
	| "too-long"
	/** Schedules, time zone or the like are not well-formed. */
	| "bad-tables"
	/** The journal has no room for the delta until it has been merged, or a snapshot replaces it. */
	| "journal-full"
	/** Reading back gave other bytes than were written. */
	| "flash-fault"
	/** No install is under way. */
	| "no-install";

/** Refusals by their number in the log, from 1. A number never changes its meaning: add at the end. */
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

/** `detail` of the log's `plan` event: 0 for in force, else the number of the refusal. */
export function planEventDetail(result: PlanRefusal | undefined): number {
	return result === undefined ? 0 : REFUSALS.indexOf(result) + 1;
}

/** The refusal in `detail` of a `plan` event; `undefined` for 0 and for unknown numbers. */
export function planRefusalOf(detail: number): PlanRefusal | undefined {
	return REFUSALS[detail - 1];
}

/** Verifies the signature of a snapshot's header or a delta: its payload (a view), or the refusal. */
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
