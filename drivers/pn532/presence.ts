// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import { UID_AT, UID_LENGTH_AT, UID_MAX } from "./target.js";

/** Kinds of target, by what may take its place in the field unnoticed: a card does not hide a phone. */
const NONE = 0;
export const CARD = 1;
export const PHONE = 2;

/** Not polled for this long, on top of the polls that absence takes, a target that was let go counts as away, ms. */
const OUTAGE_MS = 250;
/** UIDs that are remembered: those of the targets offered last. */
const UIDS = 4;
/** How long a UID stays known that is not seen while another target is there, ms: of two, the chip may always find the same. */
const HIDDEN_MS = 30_000;
/** Polls until a field that was occupied before the start counts as empty: a phone wakes in its own time. */
const WAKING_POLLS = 20;
/** A target that changes its UID each time it is let go is offered again after this time, ms: another may have replaced it. */
export const RESTLESS_MS = 5000;

/**
 * Whether a target that was let go still lies in the field, so that it is not offered again. A target keeps its UID as long as
 * the field powers it (ISO/IEC 14443-3, 6.5.4), so another UID is another target, or one that lost the field for a moment:
 * that one is offered again, and `lately` tells that it may be the same.
 */
export class Pn532Presence {
	private readonly clock: Clock;
	private readonly absentPolls: number;
	private readonly absentMs: number;
	private kind = NONE;
	/** Empty polls since anything was seen. */
	#missed = 0;
	/** When anything was last seen, ms. */
	private seenAt = 0;
	private letGoAt = 0;
	/** Unknown UIDs in a row, each after a target that was never found again under its own. */
	private strangers = 0;
	/** What was offered last was found again under its UID. */
	private keepsUid = false;
	private readonly uids = new Uint8Array(UIDS * UID_MAX);
	/** Bytes of each UID, 0 for none. */
	private readonly lengths = new Uint8Array(UIDS);
	/** Polls since each was seen that did not find it, 255 at most. */
	private readonly missing = new Uint8Array(UIDS);
	/** When each was last seen, ms. */
	private readonly times = new Int32Array(UIDS);
	/** The one that was offered last. */
	private last = 0;
	/** What is found lay there before the start: a phone that is not known yet, and cards beside it. */
	private occupied: boolean;

	constructor(clock: Clock, absentPolls: number, pollMs: number, occupied = false) {
		this.occupied = occupied;
		this.clock = clock;
		this.absentPolls = absentPolls;
		this.absentMs = OUTAGE_MS + absentPolls * pollMs;
	}

	/** A target with this UID is offered. */
	offer(uid: Uint8Array): void {
		this.last = (this.last + 1) % UIDS;
		this.uids.set(uid, this.last * UID_MAX);
		this.lengths[this.last] = uid.length;
		this.keepsUid = false;
		this.saw(this.last);
	}

	/** The target that was offered last, of this kind, is not to be offered again. */
	letGo(kind: number): void {
		this.kind = kind;
		this.saw(this.last);
		this.letGoAt = this.seenAt;
	}

	/** Nothing that was let go lies in the field, and nothing was there a moment ago. */
	get empty(): boolean {
		return this.kind === NONE && !this.occupied && this.missing[this.last]! > this.absentPolls;
	}

	/** The next target is offered, whatever it is. */
	forget(): void {
		this.kind = NONE;
		this.saw(this.last);
	}

	/** Whether the target with this UID was there until a moment ago, at the poll that found what is offered now. */
	lately(uid: Uint8Array): boolean {
		const at = this.find(uid, 0, uid.length);
		return at >= 0 && this.missing[at]! <= this.absentPolls && this.since(this.times[at]!) < this.absentMs;
	}

	/**
	 * Whether what a poll found, a reply to InListPassiveTarget in `bytes[from..to)`, was let go. A phone that comes while a card
	 * lies there is new, and so is anything after an outage without polls.
	 */
	recognizes(bytes: Uint8Array, from: number, to: number): boolean {
		const kind = to - from > 4 && bytes[from + 4]! & 0x20 ? PHONE : CARD;
		const length = to - from > UID_LENGTH_AT ? bytes[from + UID_LENGTH_AT]! : 0;
		const start = from + UID_AT;
		const at = start + length > to ? -1 : this.find(bytes, start, length);
		this.age();
		if (this.occupied && length <= UID_MAX && start + length <= to) {
			this.occupied = kind !== PHONE;
			this.offer(bytes.subarray(start, start + length));
			this.letGo(kind);
			return true;
		}
		if (this.kind === NONE || this.since(this.seenAt) >= this.absentMs) {
			this.strangers = 0;
			return false;
		}
		if (at >= 0 && this.since(this.times[at]!) < HIDDEN_MS) {
			this.keepsUid = true;
			this.strangers = 0;
			this.saw(at);
			return true;
		}
		if (kind >= this.kind) {
			this.strangers = this.keepsUid ? 0 : this.strangers + 1;
			if (this.strangers < 2 || kind > this.kind || this.since(this.letGoAt) >= RESTLESS_MS) return false;
			this.saw(this.last);
		}
		this.#missed = 0;
		this.seenAt = this.now;
		return true;
	}

	/** A poll found nothing. */
	missed(): void {
		this.age();
		if (this.kind === NONE && !this.occupied) return;
		if (++this.#missed >= (this.occupied ? WAKING_POLLS : this.absentPolls)) {
			this.occupied = false;
			this.kind = NONE;
			this.strangers = 0;
		}
	}

	/** The clock's low 32 bits, ms: a number that takes no memory. */
	private get now(): number {
		return this.clock.now() | 0;
	}

	/** Time since a time of `#now`, ms. */
	private since(time: number): number {
		return (this.now - time) | 0;
	}

	private saw(at: number): void {
		this.#missed = 0;
		this.seenAt = this.now;
		this.missing[at] = 0;
		this.times[at] = this.seenAt;
	}

	private age(): void {
		for (let i = 0; i < UIDS; i++) if (this.missing[i]! < 255) this.missing[i]!++;
	}

	/** Number of a known UID, `bytes[start..start + length)`; -1 where it is none. */
	private find(bytes: Uint8Array, start: number, length: number): number {
		for (let i = 0; i < UIDS; i++) {
			if (length === 0 || this.lengths[i] !== length) continue;
			let same = 0;
			while (same < length && this.uids[i * UID_MAX + same] === bytes[start + same]) same++;
			if (same === length) return i;
		}
		return -1;
	}
}
