// SPDX-License-Identifier: Apache-2.0

/**
 * Back-off per Bluetooth address: a peer that connects repeatedly without completing a transaction is rejected for a
 * growing time, so that it cannot block other phones. The table is bounded; a peer that is not in it counts as new.
 */
import type { Clock } from "../../hal/contracts/time.js";

const PEERS = 8;
/** Failures that are forgiven before back-off starts: a bad radio, a phone that was carried past. */
export const FORGIVEN = 2;
/** The same while many peers fail. */
const FORGIVEN_IN_FLOOD = 1;
/** The first back-off, ms; it doubles with each failure. */
export const MIN_BACKOFF_MS = 1000;
/** The longest back-off, ms. */
export const MAX_BACKOFF_MS = 8000;
/** A peer is forgotten this long after its last failure, ms. */
export const FORGET_MS = 60_000;

/** What became of a visit: a decision; nothing; or a phone that said what it wants and did not come near. */
export type Visit = "served" | "failed" | "away";

/** Words of an entry: address, failures (0: free), time of the last, end of the back-off; times in ms modulo 2^32. */
const WORDS = 4;

export class PeerBackoff {
	private readonly clock: Clock;
	private readonly entries = new Int32Array(PEERS * WORDS);

	constructor(clock: Clock) {
		this.clock = clock;
	}

	/** Whether this peer is to be rejected now. */
	isBlocked(peer: number): boolean {
		const at = this.find(peer);
		if (at < 0) return false;
		const entries = this.entries;
		return ((entries[at + 3]! - this.clock.now()) | 0) > 0;
	}

	/** A visit is over; a rejected connection is none. `flood`: many peers fail. */
	gone(peer: number, visit: Visit, flood = false): void {
		const entries = this.entries;
		let at = this.find(peer);
		if (visit === "served") {
			if (at >= 0) entries[at + 1] = 0;
			return;
		}
		if (at < 0) {
			at = this.weakest();
			entries[at] = peer;
			entries[at + 1] = 0;
		}
		const now = this.clock.now();
		const before = entries[at + 1]!;
		// A phone that stays away gets the shortest back-off, however often it came: its user may be on the way.
		const free = flood ? FORGIVEN_IN_FLOOD : FORGIVEN;
		const times = Math.min(before + 1, visit === "away" ? free + 1 : 100);
		entries[at + 1] = times;
		entries[at + 2] = now;
		const turned = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS << Math.min(5, Math.max(0, times - free - 1)));
		entries[at + 3] = times > free ? now + turned : now;
	}

	/** Where the entry of this one is, -1 for none; the old ones are forgotten by the way. */
	private find(peer: number): number {
		const entries = this.entries;
		const now = this.clock.now();
		let found = -1;
		for (let at = 0; at < entries.length; at += WORDS) {
			if (entries[at + 1] === 0) continue;
			if (((now - entries[at + 2]!) | 0) >= FORGET_MS) entries[at + 1] = 0;
			else if (entries[at] === peer) found = at;
		}
		return found;
	}

	/** The entry that the next one takes: a free one, else who came least often, else who came longest ago. */
	private weakest(): number {
		const entries = this.entries;
		let weakest = 0;
		for (let at = WORDS; at < entries.length; at += WORDS) {
			const fewer = entries[at + 1]! - entries[weakest + 1]!;
			if (fewer < 0 || (fewer === 0 && ((entries[at + 2]! - entries[weakest + 2]!) | 0) < 0)) weakest = at;
		}
		return weakest;
	}
}
