// SPDX-License-Identifier: Apache-2.0

/**
 * Why a door opened or stayed shut: one table for the decision, the log, the phone and the documentation. A reason keeps its
 * number for ever, because logs in flash and phone apps hold it.
 */
export const REASONS = Object.freeze({
	/** The plan allows it. */
	granted: 0,

	// 1..31: the transaction or the credential is not good.
	/** Not well-formed, or larger than allowed. */
	malformed: 1,
	/** The phone went away, or was too slow. */
	"transaction-incomplete": 2,
	/** The credential's or the phone's signature does not verify. */
	"bad-signature": 3,
	/** Signed by a key this reader does not trust. */
	"unknown-issuer": 4,
	/** Signed by a trusted key for another site. */
	"wrong-site": 5,
	/** The credential's `exp` has passed. */
	expired: 6,
	/** The credential's `nbf` is still to come. */
	"not-yet-valid": 7,
	/** A card, or a phone that has no application for this reader. */
	"no-application": 8,
	/** The phone's app speaks another version of the transaction. */
	"wrong-version": 9,
	/** The phone signed another intent than it showed to the reader. */
	"wrong-intent": 10,
	/** The site's key that signed it does not have the role for that, or it is another kind of credential. */
	"wrong-role": 11,
	/** The site's key that signed it may not sign for this door, or for so long. */
	"beyond-limits": 12,
	/** The site's key that signed it has ended. */
	"key-ended": 13,
	/** The site's key that signed it was stolen. */
	"key-stolen": 14,
	/** A code for a scanner of another moment: filmed earlier, or a clock is wrong. */
	"stale-code": 15,
	/** This code, or a later one of the same credential, was taken before. */
	"used-code": 16,
	/** The credential has opened as often as it may. */
	"uses-spent": 17,
	/** The reader has just started: what codes were taken before it does not know. */
	"just-started": 18,
	/** The reader cannot keep that the code was taken: no room, or its flash takes nothing. */
	"cannot-keep": 19,
	/** A code by which its scanner is set up. */
	"setup-code": 20,

	// 32..63: the plan says no.
	/** Not in the access plan. */
	"unknown-credential": 32,
	/** The site has revoked it. */
	revoked: 33,
	/** In the plan, but not for this door, or a credential for another one. */
	"wrong-door": 34,
	/** In the plan, but not now. */
	"outside-schedule": 35,
	/** The reader was offline for longer than its plan allows. */
	"plan-expired": 36,
	/** No plan has been installed. */
	"no-plan": 37,
	/** The decision needs the time, and the reader does not know it. */
	"clock-unset": 38,
	/** The user is paused. */
	suspended: 39,
	/** The plan in flash does not pass its checks; the site is asked for it again. */
	"plan-damaged": 40,

	// 64..95: the door says no.
	/** The door is locked down. */
	lockdown: 64,
	/** First-person-in has not happened yet. */
	"awaiting-first-person": 65,
} as const);

export type Reason = keyof typeof REASONS;

/** What the reader decided, and why. Decisions are frozen constants, so that deciding allocates nothing. */
export interface Decision {
	readonly granted: boolean;
	readonly reason: Reason;
	/** The time was needed, and only restored. */
	readonly restoredTime?: boolean;
}

export function reasonOf(code: number): Reason | undefined {
	for (const [name, value] of Object.entries(REASONS)) if (value === code) return name as Reason;
	return undefined;
}
