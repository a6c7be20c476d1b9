// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../bytes.js";
import { CborError } from "../cbor/reader.js";
import { CoseError, decodeSign1 } from "../credential/cose.js";
import type { Crypto } from "../crypto.js";
import type { KeyRefusal, TrustKey, TrustList } from "../trust/list.js";
import { openSigned, type SignedRefusal } from "../trust/signed.js";
import { isOldFormat, issuedIn, MAGIC_DELTA, MAX_ENVELOPE, planContext } from "./format.js";

/** Why a snapshot or a delta was refused. The plan in force stays. */
export type PlanRefusal =
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
	| "no-install"
	/** Of another epoch than the site's trust list. */
	| "wrong-epoch"
	/** Of a format before the present one, which readers no longer take. */
	| "old-format"
	/** The key that signed it has an end, and the reader does not know the time. */
	| "clock-unset"
	| SignedRefusal
	| KeyRefusal;

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
	"wrong-epoch",
	"old-format",
	"clock-unset",
	"wrong-role",
	"beyond-limits",
	"key-ended",
	"key-stolen",
]);

/** `detail` of the log's `plan` event: 0 for in force, else the number of the refusal. */
export function planEventDetail(result: PlanRefusal | undefined): number {
	return result === undefined ? 0 : REFUSALS.indexOf(result) + 1;
}

/** The refusal in `detail` of a `plan` event; `undefined` for 0 and for unknown numbers. */
export function planRefusalOf(detail: number): PlanRefusal | undefined {
	return REFUSALS[detail - 1];
}

/** Whether what came is a delta by its own word; nothing is checked. */
export function isDelta(envelope: Uint8Array): boolean {
	try {
		const { payload } = decodeSign1(envelope);
		return payload.length >= 4 && readUint32(payload, 0) === MAGIC_DELTA;
	} catch (error) {
		if (error instanceof CborError || error instanceof CoseError) return false;
		throw error;
	}
}

/** Why a signed payload is refused that is no snapshot or delta, as was asked for. */
export function notDecoded(payload: Uint8Array): PlanRefusal {
	return isOldFormat(payload) ? "old-format" : "malformed";
}

/**
 * Opens a snapshot's header or a delta that came in: its payload (a view), or the refusal. A key with the role `plan` has signed it and
 * may still do so. `now`: seconds since 1970; where that is unknown, no key with an end is believed.
 */
export function openEnvelope(
	envelope: Uint8Array,
	trust: TrustList,
	door: string,
	now: number | undefined,
	crypto: Crypto,
): Uint8Array | PlanRefusal {
	return open(envelope, trust, crypto, (key, payload) => refusalOf(key, payload, door, now));
}

/**
 * Opens one that is kept in flash. What a key signed before it ended, or was for other doors, stays in force where `wasCounted` says
 * of the payload that it was: what such a key signs later, a stranger may have written there.
 */
export function openKept(
	envelope: Uint8Array,
	trust: TrustList,
	door: string,
	now: number | undefined,
	crypto: Crypto,
	wasCounted: (payload: Uint8Array) => boolean,
): Uint8Array | PlanRefusal {
	return open(envelope, trust, crypto, (key, payload) => {
		const refusal = refusalOf(key, payload, door, now);
		const isVoid = refusal === "wrong-role" || refusal === "key-stolen";
		return !isVoid && wasCounted(payload) ? undefined : refusal;
	});
}

function refusalOf(
	key: TrustKey,
	payload: Uint8Array,
	door: string,
	now: number | undefined,
): PlanRefusal | undefined {
	const refusal = key.refusalAt("plan", door, now ?? 0);
	if (refusal !== undefined || key.until === 0) return refusal;
	if (now === undefined) return "clock-unset";
	// No clock goes back behind what was signed, so no key may say that a time is past which it does not live to see.
	return issuedIn(payload) >= key.until ? "key-ended" : undefined;
}

function open(
	envelope: Uint8Array,
	trust: TrustList,
	crypto: Crypto,
	refuses: (key: TrustKey, payload: Uint8Array) => PlanRefusal | undefined,
): Uint8Array | PlanRefusal {
	if (envelope.length > MAX_ENVELOPE) return "too-large";
	return openSigned(envelope, planContext(), trust, crypto, refuses);
}
