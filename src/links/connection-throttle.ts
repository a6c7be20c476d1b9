/**
 * How long the reader waits for a phone. Whoever connects again and again and brings nothing is turned away by its address
 * (`callers.ts`); one that changes it cannot be told from the phones of those who pass by. But that they come shows, and
 * then each gets less time, so that the next phone has its chance sooner.
 */
import type { Clock } from "../../hal/contracts/time.js";
import { PeerBackoff, type Visit } from "./peer-backoff.js";

/** So many in vain, none longer ago than this, ms, and the reader is short of throttle. */
const FAILURES_UNTIL_SHORT = 3;
const MEMORY_MS = 10_000;
/** More are not counted, so that it ends soon after them: each whole transaction takes one back. */
const MAX_FAILURES = 6;

export class ConnectionThrottle {
	readonly #clock: Clock;
	readonly #backoff: PeerBackoff;
	#failures = 0;
	#last = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#backoff = new PeerBackoff(clock);
	}

	/** Whether a phone that has connected is to be dropped at once. */
	isBlocked(peer: number): boolean {
		return this.#backoff.isBlocked(peer);
	}

	/** A phone has gone. `served`: its transaction came to an end, also one that was refused. */
	gone(served: boolean, peer?: number, visit: Visit = served ? "served" : "failed"): void {
		if (peer !== undefined) this.#backoff.gone(peer, visit, this.short);
		const now = this.#clock.now();
		if (now - this.#last >= MEMORY_MS) this.#failures = 0;
		if (served) this.#failures = Math.max(0, this.#failures - 1);
		else {
			this.#failures = Math.min(MAX_FAILURES, this.#failures + 1);
			this.#last = now;
		}
	}

	get short(): boolean {
		return this.#failures >= FAILURES_UNTIL_SHORT && this.#clock.now() - this.#last < MEMORY_MS;
	}
}
