// SPDX-License-Identifier: Apache-2.0

import type { SiteClock } from "./ports.js";

/** A door whose reader begins a session. */
export interface Beginner {
	/** Works message_1 off; false: there is nothing to wait for. */
	begin(frame: Uint8Array): boolean;
	/** The attempt has taken too long. */
	giveUp(): void;
}

/** Doors that wait for their turn, at most: a reader that is dropped here begins again by itself. */
export const MAX_WAITING = 16_384;
/** Attempts that wait for the reader's message_3, at most. */
export const MAX_OPEN = 512;
/** An attempt is over when message_3 has not come in so many ms. */
const ATTEMPT_MS = 10_000;
/** What has waited as long is not begun, ms: its reader gives the attempt up after 20 s, and needs some of them for message_2. */
const MAX_WAIT_MS = 15_000;
/** Handshakes begun in one turn: each takes more than a millisecond, and sessions go on between turns. */
const TURN = 4;

interface Waiting {
	readonly frame: Uint8Array;
	/** By the site's clock, ms. */
	readonly since: number;
}

/**
 * Begins sessions one after the other, so that ten thousand readers that come back at once do not keep those with a session waiting. The
 * newest attempt of a door takes the place of an earlier one. Where more come than can be served, none is served that its reader has given
 * up by then: all would be so served, and no reader get a session.
 */
export class Handshakes {
	private readonly clock: SiteClock;
	private readonly waiting = new Map<Beginner, Waiting>();
	/** When each was begun, the oldest first. */
	private readonly open = new Map<Beginner, number>();
	private cancel: (() => void) | undefined;
	private due = 0;

	constructor(clock: SiteClock) {
		this.clock = clock;
	}

	/** The door's message_1 has come. */
	add(door: Beginner, frame: Uint8Array): void {
		if (!this.waiting.has(door) && this.waiting.size >= MAX_WAITING) return;
		this.waiting.set(door, { frame, since: this.clock.now() });
		this.schedule();
	}

	/** The message_1 that waits for its turn. */
	waitingFor(door: Beginner): Uint8Array | undefined {
		return this.waiting.get(door)?.frame;
	}

	/** The attempt has come to its end. */
	ended(door: Beginner): void {
		if (this.open.delete(door)) this.schedule();
	}

	close(): void {
		this.waiting.clear();
		this.open.clear();
		this.cancel?.();
	}

	private schedule(): void {
		const now = this.clock.now();
		const [oldest] = this.open.values();
		const hasTurn = this.waiting.size > 0 && this.open.size < MAX_OPEN;
		if (!hasTurn && oldest === undefined) return;
		const due = hasTurn ? now : oldest! + ATTEMPT_MS;
		if (this.cancel !== undefined && this.due <= due) return;
		this.cancel?.();
		this.due = due;
		this.cancel = this.clock.after(Math.max(0, due - now), () => this.turn());
	}

	private turn(): void {
		this.cancel = undefined;
		const now = this.clock.now();
		for (const [door, begun] of this.open) {
			if (now - begun < ATTEMPT_MS) break;
			this.open.delete(door);
			door.giveUp();
		}
		let left = TURN;
		for (const [door, { frame, since }] of this.waiting) {
			if (left === 0 || this.open.size >= MAX_OPEN) break;
			this.waiting.delete(door);
			if (now - since >= MAX_WAIT_MS) continue;
			left--;
			this.open.delete(door);
			if (door.begin(frame)) this.open.set(door, now);
		}
		this.schedule();
	}
}
