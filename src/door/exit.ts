// SPDX-License-Identifier: Apache-2.0

import { NEVER, Release, SETTLE_MS } from "./release.js";

/**
 * The release of request-to-exit: for a time, and for as long as the input is active. An input that is stuck releases as any
 * other does: it cannot be told from people who stand there.
 */
export class ExitRelease extends Release {
	/** The input's level. */
	active = false;
	/** Active, and not ignored. */
	held = false;
	/** When an input that stays active is reported as stuck. */
	stuckAt = NEVER;

	get endsAt(): number {
		return this.held ? NEVER : this.until;
	}

	/** When an opening stops belonging to it. */
	get allowedEnd(): number {
		return this.held ? NEVER : this.allowedUntil;
	}

	/** The input is inactive again. */
	letGo(now: number): void {
		this.active = false;
		if (this.held) this.allowedUntil = Math.max(this.allowedUntil, now + SETTLE_MS);
		this.held = false;
		this.stuckAt = NEVER;
	}
}
