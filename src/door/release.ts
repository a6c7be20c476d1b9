// SPDX-License-Identifier: Apache-2.0

/** A time that does not come. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * An opening this long after the lock has locked still belongs to the entry, as the switch is debounced and a leaf
 * pulled in the last moment takes its time; so does a leaf that bounces open again. Milliseconds.
 */
export const SETTLE_MS = 500;

/** The lock released for one way through the door, in or out. Times are the door's own, in milliseconds. */
export class Release {
	/** The lock is released until here; -1 where it is not. */
	until = -1;
	/** An opening until here belongs to this release. */
	allowedUntil = -1;

	/** Never shortens. */
	extend(until: number): void {
		this.until = Math.max(this.until, until);
		this.allowedUntil = this.until + SETTLE_MS;
	}

	end(): void {
		this.until = -1;
		this.allowedUntil = -1;
	}
}
