/**
 * How long the reader waits for a phone. Whoever connects again and again and brings nothing is turned away by its address
 * (`callers.ts`); one that changes it cannot be told from the phones of those who pass by. But that they come shows, and
 * then each gets less time, so that the next phone has its chance sooner.
 */
import type { Clock } from "../../hal/contracts/time.js";
import { Callers, type Visit } from "./callers.js";

/** So many in vain, none longer ago than this, ms, and the reader is short of patience. */
const IN_VAIN = 3;
const MEMORY_MS = 10_000;
/** More are not counted, so that it ends soon after them: each whole transaction takes one back. */
const MOST = 6;

export class Patience {
	readonly #clock: Clock;
	readonly #callers: Callers;
	#inVain = 0;
	#last = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#callers = new Callers(clock);
	}

	/** Whether a phone that has connected is to be dropped at once. */
	unwanted(peer: number): boolean {
		return this.#callers.unwanted(peer);
	}

	/** A phone has gone. `served`: its transaction came to an end, also one that was refused. */
	gone(served: boolean, peer?: number, visit: Visit = served ? "served" : "vain"): void {
		if (peer !== undefined) this.#callers.gone(peer, visit, this.short);
		const now = this.#clock.now();
		if (now - this.#last >= MEMORY_MS) this.#inVain = 0;
		if (served) this.#inVain = Math.max(0, this.#inVain - 1);
		else {
			this.#inVain = Math.min(MOST, this.#inVain + 1);
			this.#last = now;
		}
	}

	get short(): boolean {
		return this.#inVain >= IN_VAIN && this.#clock.now() - this.#last < MEMORY_MS;
	}
}
