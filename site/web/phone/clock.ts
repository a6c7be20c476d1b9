// SPDX-License-Identifier: Apache-2.0

import type { HeldCredential } from "./keyring.js";

/** A clock that is off by this is told, s: a scanner takes a code of the step before and after, 15 s each. */
export const CLOCK_IS_OFF_S = 10;

/** Seconds since 1970 as the site's server has them: a phone's clock that was wrong when the site answered last is put right. */
export function siteNow({ ahead }: Pick<HeldCredential, "ahead">): number {
	return Date.now() / 1000 - ahead;
}

/** By how much the phone is ahead of a server that said `now` between these two, s; the way takes half of the time. */
export function aheadOf(now: number, sent: number, received: number): number {
	const middle = (sent + received) / 2 / 1000;
	// The server's seconds are whole ones.
	const off = middle - (now + 0.5);
	return Math.abs(off) <= 1 + (received - sent) / 2000 ? 0 : off;
}
