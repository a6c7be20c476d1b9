// SPDX-License-Identifier: Apache-2.0

import { MAX_TIME, MIN_TIME } from "../../protocol/provisioning/bounds.js";
import { STEP_S } from "../time/timekeeper.js";

/** A step forward that is longer takes an installer, s: what begins or ends by date is not the server's to move. */
export const MAX_FORWARD_S = 86_400;
/** Steps back between two visits of installers, in sum, s: they make what has ended good again. */
export const MAX_BACK_S = 3600;

/** What the site's time is judged by; seconds since 1970. */
export interface TimeFacts {
	/** As `Timekeeper.least`. */
	readonly least: number;
	/** As `Timekeeper.ranOn`: where not, no step forward is too long. */
	readonly ranOn: boolean;
	/** The newest time that roots or the signer of the plan have signed. */
	readonly signed: number;
	/** The end of the server's key. */
	readonly until: number;
	/** Steps back since an installer set the clock, in sum, s. */
	readonly setBack: number;
}

/** Why the site's time is not taken. */
export type TimeRefusal =
	| "no-time"
	/** The site has signed something later. */
	| "before-signed"
	/** The server's key has ended by then. */
	| "key-ended"
	| "too-far-forward"
	| "too-far-back";

/** Whether the site's `seconds`, which came in time, may become the clock's. */
export function timeRefusal(seconds: number, facts: TimeFacts): TimeRefusal | undefined {
	if (seconds < MIN_TIME || seconds > MAX_TIME) return "no-time";
	if (seconds < facts.signed) return "before-signed";
	if (seconds >= facts.until) return "key-ended";
	if (facts.ranOn && seconds > facts.least + MAX_FORWARD_S) return "too-far-forward";
	return facts.setBack + stepBack(seconds, facts.least) > MAX_BACK_S ? "too-far-back" : undefined;
}

/** How far `seconds` is behind what is known, s; 0 where both only count in other moments. */
export function stepBack(seconds: number, least: number): number {
	const back = least - seconds;
	return back < STEP_S ? 0 : back;
}

/** By which keys end: the later of the clock and the newest time that the site has signed; `undefined` where the clock is not set. */
export function endsBy(now: number | undefined, signed: number): number | undefined {
	return now === undefined ? undefined : Math.max(now, signed);
}
