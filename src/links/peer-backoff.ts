/**
 * Who came in vain lately, by address: told apart from a new phone and turned away at its connection, so that whoever
 * connects again and again keeps the door from nobody. Bounded; a caller that is not in the table is a new one.
 */
import type { Clock } from "../../hal/contracts/time.js";

const PEERS = 8;
/** So many times in vain cost nothing: a bad radio, a phone that was carried past. One where many come in vain. */
export const FORGIVEN = 2;
const FORGIVEN_IN_FLOOD = 1;
/** Then it is turned away for this long, ms, doubled each time up to the longest. */
export const MIN_BACKOFF_MS = 1000;
export const MAX_BACKOFF_MS = 8000;
/** Forgotten after this, ms, without another visit in vain. */
export const FORGET_MS = 60_000;

/** What became of a visit: a decision, nothing, or a phone that has said message_1 and stays away. */
export type Visit = "served" | "failed" | "away";

/** Words of an entry: address, times in vain (0: free), when last, until when it is turned away, both ms modulo 2^32. */
const WORDS = 4;

export class PeerBackoff {
	readonly #clock: Clock;
	readonly #entries = new Int32Array(PEERS * WORDS);

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Whether this one is to be turned away now. */
	isBlocked(peer: number): boolean {
		const at = this.#find(peer);
		if (at < 0) return false;
		const entries = this.#entries;
		return ((entries[at + 3]! - this.#clock.now()) | 0) > 0;
	}

	/** A visit is over; one that was turned away is none. `flood`: many come in vain. */
	gone(peer: number, visit: Visit, flood = false): void {
		const entries = this.#entries;
		let at = this.#find(peer);
		if (visit === "served") {
			if (at >= 0) entries[at + 1] = 0;
			return;
		}
		if (at < 0) {
			at = this.#weakest();
			entries[at] = peer;
			entries[at + 1] = 0;
		}
		const now = this.#clock.now();
		const before = entries[at + 1]!;
		// One that only stays away waits the shortest time, however often it came: its user may be on the way.
		const free = flood ? FORGIVEN_IN_FLOOD : FORGIVEN;
		const times = Math.min(before + 1, visit === "away" ? free + 1 : 100);
		entries[at + 1] = times;
		entries[at + 2] = now;
		const turned = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS << Math.min(5, Math.max(0, times - free - 1)));
		entries[at + 3] = times > free ? now + turned : now;
	}

	/** Where the entry of this one is, -1 for none; the old ones are forgotten by the way. */
	#find(peer: number): number {
		const entries = this.#entries;
		const now = this.#clock.now();
		let found = -1;
		for (let at = 0; at < entries.length; at += WORDS) {
			if (entries[at + 1] === 0) continue;
			if (((now - entries[at + 2]!) | 0) >= FORGET_MS) entries[at + 1] = 0;
			else if (entries[at] === peer) found = at;
		}
		return found;
	}

	/** The entry that the next one takes: a free one, else who came least often, else who came longest ago. */
	#weakest(): number {
		const entries = this.#entries;
		let weakest = 0;
		for (let at = WORDS; at < entries.length; at += WORDS) {
			const fewer = entries[at + 1]! - entries[weakest + 1]!;
			if (fewer < 0 || (fewer === 0 && ((entries[at + 2]! - entries[weakest + 2]!) | 0) < 0)) weakest = at;
		}
		return weakest;
	}
}
