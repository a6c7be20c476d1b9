// SPDX-License-Identifier: Apache-2.0

/**
 * How long the reader waits for a phone. A peer that connects repeatedly and completes nothing is rejected by its address
 * (`peer-backoff.ts`); one that changes its address cannot be told from the phones of passers-by. But the failures show, and
 * while there are many each connection gets less time, so that the next phone has its chance sooner.
 */
import type { Clock } from "../../hal/contracts/time.js";
import { PeerBackoff, type Visit } from "./peer-backoff.js";

/** Failed visits after which time limits are short. */
const FAILURES_UNTIL_SHORT = 3;
/** Failures are forgotten this long after the last, ms. */
const MEMORY_MS = 10_000;
/** More are not counted, so that short limits end soon: each completed transaction takes one back. */
const MAX_FAILURES = 6;

export class ConnectionThrottle {
	private readonly clock: Clock;
	private readonly backoff: PeerBackoff;
	private failures = 0;
	private last = 0;

	constructor(clock: Clock) {
		this.clock = clock;
		this.backoff = new PeerBackoff(clock);
	}

	/** Whether a peer that has connected is to be rejected at once. */
	isBlocked(peer: number): boolean {
		return this.backoff.isBlocked(peer);
	}

	/** A phone has gone. `served`: its transaction came to an end, also one that was refused. */
	gone(served: boolean, peer?: number, visit: Visit = served ? "served" : "failed"): void {
		if (peer !== undefined) this.backoff.gone(peer, visit, this.short);
		const now = this.clock.now();
		if (now - this.last >= MEMORY_MS) this.failures = 0;
		if (served) this.failures = Math.max(0, this.failures - 1);
		else {
			this.failures = Math.min(MAX_FAILURES, this.failures + 1);
			this.last = now;
		}
	}

	/** Whether time limits are short now. */
	get short(): boolean {
		return this.failures >= FAILURES_UNTIL_SHORT && this.clock.now() - this.last < MEMORY_MS;
	}
}
