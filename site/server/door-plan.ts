// SPDX-License-Identifier: Apache-2.0

import { equal } from "../../protocol/bytes.js";
import { compileImage, type SharedCredentials } from "../lib/plan/compile.js";
import type { PlanDocument } from "../lib/plan/document.js";
import { encodeBody, type PlanImage, type Signing, signDelta, signSnapshot } from "../lib/plan/encode.js";
import { zoneDoubt, zoneNamed } from "../lib/plan/zones.js";
import type { Delta, SignedPlan } from "./store/plans.js";

/** A plan that lacks so many notices is signed anew though nothing else has changed: readers have room for the ids of ten. */
const MAX_NOTICES_BEHIND = 5;
const MAX_VERSION = 0xffff_ffff;

/** A door's plan as the site has it in memory. */
export interface HeldPlan extends SignedPlan {
	/** SHA-256 of the body. */
	readonly bodyHash: Uint8Array;
	/** Those that lead to it, the newest last. */
	readonly deltas: readonly Delta[];
}

export interface PlanRequest {
	readonly document: PlanDocument;
	readonly door: string;
	/** The door's plan so far. */
	readonly held: HeldPlan | undefined;
	/** Of this epoch the highest version that is known at the door's reader, whoever signed it. */
	readonly known: number;
	/** Sequence of the newest notice that the plan may say it includes. */
	readonly notice: number;
	/** Seconds since 1970. */
	readonly now: number;
	readonly signing: Signing;
	/** What the doors of this document have in common. */
	readonly shared: SharedCredentials;
}

/** The plan is not possible: the door has had each version. */
export class NoVersionLeft extends Error {
	override readonly name = "NoVersionLeft";
}

/** What a door's plan would hold now. Throws `PlanDocumentError`. */
export function imageOf(
	{ document, door, notice, now, shared }: Omit<PlanRequest, "held" | "known" | "signing">,
	version: number,
): PlanImage {
	return compileImage(document, {
		...{ door, version, issued: now, notice, shared, zoneDoubt },
		zone: (name) => zoneNamed(name, now),
	});
}

/** The door's next plan, signed; `undefined` where the one that it has is as it has to be. Throws `PlanDocumentError`. */
export function nextPlan(request: PlanRequest): { plan: HeldPlan; delta: Delta | undefined } | undefined {
	const { door, held, known, now, signing } = request;
	const sameEpoch = held?.epoch === signing.epoch;
	const base = sameEpoch ? held : undefined;
	const version = Math.max(base?.image.version ?? 0, known) + 1;
	if (version > MAX_VERSION)
		throw new NoVersionLeft(`door ${door} has had each version of epoch ${signing.epoch}`);
	const image = imageOf(request, version);
	if (base !== undefined && known <= base.image.version && isGood(base.image, image, now)) return undefined;
	const { crypto } = signing;
	const snapshot = signSnapshot(image, signing);
	const bodyHash = crypto.sha256(snapshot.body);
	// A reader with another plan than this cannot use a delta from it.
	const follows = base !== undefined && known <= base.image.version;
	const delta = follows ? deltaFrom(base, image, bodyHash, signing) : undefined;
	const deltas = delta === undefined ? [] : [...base!.deltas, delta];
	return { plan: { image, epoch: signing.epoch, envelope: snapshot.envelope, bodyHash, deltas }, delta };
}

export function bodyOf({ image }: SignedPlan, crypto: Signing["crypto"]): Uint8Array {
	return encodeBody(image, crypto);
}

/** Whether a plan may stay: it says the same, is in the first half of its life, and includes most notices. */
function isGood(held: PlanImage, next: PlanImage, now: number): boolean {
	const life = held.expires - held.issued;
	if (held.expires === 0 || next.expires === 0) {
		if (held.expires !== next.expires) return false;
	} else if (life !== next.expires - next.issued || now >= held.issued + life / 2) return false;
	const behind = (next.notice ?? 0) - (held.notice ?? 0);
	if (behind < 0 || behind > MAX_NOTICES_BEHIND) return false;
	return equal(held.tables, next.tables) && equal(held.records, next.records);
}

/** `undefined` where the changes are too many for one. */
function deltaFrom(held: HeldPlan, image: PlanImage, next: Uint8Array, signing: Signing): Delta | undefined {
	try {
		const envelope = signDelta(held.image, image, signing, { old: held.bodyHash, next });
		return { base: held.image.version, version: image.version, envelope };
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}
