// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps a flood of one event from displacing the rest of the log: `MAX_SINGLE` a window are recorded singly, the others are
 * counted in one `repeated` record.
 */
const WINDOW_MS = 60_000;
const MAX_SINGLE = 20;

export class Limiter {
	#began = Number.NEGATIVE_INFINITY;
	#taken = 0;
	#left = 0;

	/** Whether one more is to be recorded singly. `now`: monotonic ms. */
	take(now: number): boolean {
		if (now - this.#began >= WINDOW_MS && this.#left === 0) {
			this.#began = now;
			this.#taken = 0;
		}
		if (this.#taken < MAX_SINGLE) {
			this.#taken++;
			return true;
		}
		this.#left++;
		return false;
	}

	/** The count of events left out, to be recorded now; 0 until their window is over. */
	settle(now: number): number {
		if (this.#left === 0 || now - this.#began < WINDOW_MS) return 0;
		const left = this.#left;
		this.#left = 0;
		return left;
	}
}
