/**
 * Keeps a flood of the same event from pushing everything else out of the log: so many a minute are taken singly, the
 * rest is counted and told in one `repeated` record.
 */
const WINDOW_MS = 60_000;
const SINGLY = 20;

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
		if (this.#taken < SINGLY) {
			this.#taken++;
			return true;
		}
		this.#left++;
		return false;
	}

	/** How many were left out, once their minute is over: to be recorded now. */
	settle(now: number): number {
		if (this.#left === 0 || now - this.#began < WINDOW_MS) return 0;
		const left = this.#left;
		this.#left = 0;
		return left;
	}
}
