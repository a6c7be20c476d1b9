import { NEVER, Release, SETTLE_MS } from "./release.js";

/** The release of request-to-exit: for a time, and for as long as the button is held, until it counts as stuck. */
export class ExitRelease extends Release {
	/** The input's level. */
	active = false;
	/** Active, allowed and not stuck. */
	held = false;
	/** When an input that stays active counts as stuck. */
	stuckAt = NEVER;

	get endsAt(): number {
		return this.held ? this.stuckAt : this.until;
	}

	/** When an opening stops belonging to it. */
	get allowedEnd(): number {
		return this.held ? NEVER : this.allowedUntil;
	}

	/** The input is inactive again. */
	letGo(now: number): void {
		this.active = false;
		this.unhold(now);
	}

	/** The hold ends, because the input is inactive or stuck. */
	unhold(now: number): void {
		if (this.held) this.allowedUntil = Math.max(this.allowedUntil, now + SETTLE_MS);
		this.held = false;
		this.stuckAt = NEVER;
	}

	cancel(): void {
		this.held = false;
		this.end();
	}
}
