// SPDX-License-Identifier: Apache-2.0

import { CAUSES } from "../../protocol/events.js";
import { NEVER, Release } from "./release.js";

/** The release for those who come in, and the granted entries whose outcome is not known yet. */
export class EntryRelease extends Release {
	/** Why it was given, of CAUSES. */
	cause: number = CAUSES.none;
	/** Until here a holder with extended time is on the way in; taps of others neither shorten nor lengthen that. */
	extendedUntil = -1;
	/** Granted entries without an outcome. */
	pending = 0;
	/** When their outcome is decided. */
	settleAt = NEVER;

	/** All pending entries have their outcome: how many there were. */
	settle(): number {
		const count = this.pending;
		this.pending = 0;
		this.settleAt = NEVER;
		return count;
	}
}
