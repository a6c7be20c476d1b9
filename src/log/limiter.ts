// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import { equal } from "../../protocol/bytes.js";
import { CAUSES, EVENTS, type EventCode } from "../../protocol/events.js";

/**
 * Limits of what can be caused without opening the door, so that no flood displaces the rest of the log. Of each kind, of each
 * reason of a denial and of each denied credential so many are recorded singly, and one more for each `REFILL_S` that
 * passes; the others are counted exactly, and the count becomes a `repeated` record where a single one could be. What unlocks
 * the door is never left out: it is in the log before the relay moves.
 */
export const MAX_SINGLE = 20;
export const REFILL_S = 3600;

/** What one limit is for: kinds that come together, as an alarm and its end. */
const OPENING = 0;
const HELD = 1;
const TAMPER = 2;
const FIRE = 3;
const LOCKDOWN = 4;
const INPUT = 5;
const HEALTH = 6;
const SERVICE = 7;
const EXIT = 8;
/** Denials for which no row is free. */
const DENIED = 9;
const SYNC = 10;
/** Plans and deltas that are refused: who has a server's key sends them without end. */
const PLAN = 11;
/** Rows of denials, by reason and credential. */
const ROWS = 16;
const LIMITS = ROWS + ROWS;

/** A rule is a limit, and what the kind is to something that lasts. */
const LIMIT = 15;
const BEGINS = 16;
const FOLLOWS = 32;
const ENDS = 64;

/** The rule of each kind that has a limit. */
const RULES: Readonly<Record<number, number>> = Object.freeze({
	[EVENTS.decision]: DENIED,
	[EVENTS.exit]: EXIT,
	[EVENTS.service]: SERVICE,
	[EVENTS.health]: HEALTH | BEGINS,
	[EVENTS.sync]: SYNC | BEGINS,
	[EVENTS.plan]: PLAN,
	[EVENTS["door-opened"]]: OPENING | BEGINS,
	[EVENTS.forced]: OPENING | FOLLOWS,
	[EVENTS["forced-ended"]]: OPENING | FOLLOWS,
	[EVENTS["door-closed"]]: OPENING | FOLLOWS,
	[EVENTS["held-warning"]]: HELD | BEGINS,
	[EVENTS.held]: HELD | BEGINS,
	[EVENTS["held-ended"]]: HELD | ENDS,
	[EVENTS.tamper]: TAMPER | BEGINS,
	[EVENTS["tamper-ended"]]: TAMPER | ENDS,
	[EVENTS.fire]: FIRE | BEGINS,
	[EVENTS["fire-ended"]]: FIRE | ENDS,
	[EVENTS.lockdown]: LOCKDOWN | BEGINS,
	[EVENTS["lockdown-ended"]]: LOCKDOWN | ENDS,
	[EVENTS["input-fault"]]: INPUT | BEGINS,
	[EVENTS["input-restored"]]: INPUT | ENDS,
});

/** Kinds below this number can be counted, each by itself; then the rows are. */
const KINDS = 64;
const TOKENS = 0;
const SINCE = LIMITS;
const LEFT = SINCE + LIMITS;
/** Of a row: the reason, then the credential. */
const KEY = 9;

/** Takes what is recorded: the log. */
export interface RecordSink {
	append(kind: EventCode, detail: number, value: number, subject?: Uint8Array): void;
}

export class Limiter {
	private readonly clock: Clock;
	private readonly log: RecordSink;
	private readonly maxSingle: number;
	/** At `TOKENS` the single records that each limit has left, at `SINCE` since when, s; at `LEFT` the events left out. */
	private readonly numbers = new Int32Array(LEFT + KINDS + ROWS);
	private readonly keys = new Uint8Array(ROWS * KEY);
	private readonly subject = new Uint8Array(8);
	private rows = 0;
	/** Bits 1 << limit of those that have left something out. */
	private pending = 0;
	/** What lasts and whose begin was recorded, or was left out: bits of limits, and from 16 on one an input, 24 one a part. */
	private recorded = 0;
	private counted = 0;

	/** `maxSingle`: for a log that has room for fewer. */
	constructor(clock: Clock, log: RecordSink, maxSingle = MAX_SINGLE) {
		this.clock = clock;
		this.log = log;
		this.maxSingle = maxSingle;
		this.numbers.fill(maxSingle, TOKENS, TOKENS + LIMITS);
	}

	/** Records an event, or counts it. */
	record(kind: EventCode, detail: number, value: number, subject?: Uint8Array): void {
		if (this.takes(kind, detail, value, subject)) this.log.append(kind, detail, value, subject);
	}

	/** Records the counts that are due; all of them before a restart that was asked for. */
	settle(all = false): void {
		if (this.pending === 0) return;
		for (let limit = 0; limit < LIMITS; limit++) {
			const bit = 1 << limit;
			if (!(this.pending & bit) || (this.refill(limit) === 0 && !all)) continue;
			this.pending &= ~bit;
			if (this.numbers[TOKENS + limit]! > 0) this.numbers[TOKENS + limit]!--;
			if (limit >= ROWS) this.settleRow(limit - ROWS);
			else
				for (let kind = 0; kind < KINDS; kind++)
					if (this.numbers[LEFT + kind]! > 0) this.repeatKind(limit, kind);
		}
	}

	private repeatKind(limit: number, kind: number): void {
		if ((RULES[kind]! & LIMIT) === limit) this.repeat(kind, kind);
	}

	private settleRow(row: number): void {
		const at = row * KEY;
		this.subject.set(this.keys.subarray(at + 1, at + KEY));
		this.repeat(KINDS + row, (this.keys[at]! << 8) | EVENTS.decision, this.subject);
	}

	private repeat(index: number, detail: number, subject?: Uint8Array): void {
		const left = this.numbers[LEFT + index]!;
		if (left === 0) return;
		this.numbers[LEFT + index] = 0;
		this.log.append(EVENTS.repeated, detail, left, subject);
	}

	private takes(kind: number, detail: number, value: number, subject: Uint8Array | undefined): boolean {
		const rule = RULES[kind];
		if (rule === undefined) return true;
		const limit = rule & LIMIT;
		switch (kind) {
			case EVENTS.decision:
				return (detail & 255) === 0 || this.denied(detail & 255, subject);
			case EVENTS.exit:
				// One that is ignored unlocks nothing.
				return detail === 0 || this.spend(limit, kind);
			case EVENTS.service:
				// A proof that was admitted is no flood. The value counts what the port has left out itself.
				return detail === 1 || this.spend(limit, kind, 1 + value);
			case EVENTS.plan:
				return detail === 0 || this.spend(limit, kind);
			case EVENTS["door-opened"]:
				// The alarm of an opening may end after the door has closed, so the next one ends what belongs to it.
				this.recorded &= ~(1 << limit);
				this.counted &= ~(1 << limit);
				return this.begin(limit, kind, 1 << limit, detail !== CAUSES.none || value > 0);
			case EVENTS.lockdown:
			case EVENTS["lockdown-ended"]:
				if (detail !== CAUSES.lockdown) return true;
				break;
			case EVENTS.health:
			case EVENTS.sync:
				if ((detail & 255) === 0) return this.end(limit, kind, bitOf(limit, detail));
		}
		if (rule & BEGINS) return this.begin(limit, kind, bitOf(limit, detail));
		return rule & ENDS
			? this.end(limit, kind, bitOf(limit, detail))
			: this.follow(limit, kind, bitOf(limit, detail));
	}

	/** Something begins that lasts. If it is left out, so is what belongs to it until its end. `always`: it is not. */
	private begin(limit: number, kind: number, bit: number, always = false): boolean {
		if (this.counted & bit) return this.follow(limit, kind, bit);
		const takes = always || this.spend(limit, kind);
		if (takes) this.recorded |= bit;
		else if (!(this.recorded & bit)) this.counted |= bit;
		return takes;
	}

	private follow(limit: number, kind: number, bit: number): boolean {
		if (!(this.counted & bit)) return true;
		this.count(limit, kind);
		return false;
	}

	private end(limit: number, kind: number, bit: number): boolean {
		const takes = this.follow(limit, kind, bit);
		this.recorded &= ~bit;
		this.counted &= ~bit;
		return takes;
	}

	private denied(reason: number, subject: Uint8Array | undefined): boolean {
		const row = this.rowOf(reason, subject);
		return row < 0 ? this.spend(DENIED, EVENTS.decision) : this.spend(ROWS + row, KINDS + row);
	}

	/** Takes one of the single records that `limit` has left; counts where there is none, or a count waits for it. */
	private spend(limit: number, index: number, count = 1): boolean {
		if (!(this.pending & (1 << limit)) && this.refill(limit) > 0) {
			this.numbers[TOKENS + limit]!--;
			return true;
		}
		this.count(limit, index, count);
		return false;
	}

	private count(limit: number, index: number, count = 1): void {
		this.pending |= 1 << limit;
		this.numbers[LEFT + index]! += count;
	}

	private refill(limit: number): number {
		const now = Math.floor(this.clock.now() / 1000);
		const gained = Math.floor((now - this.numbers[SINCE + limit]!) / REFILL_S);
		const tokens = Math.min(this.maxSingle, this.numbers[TOKENS + limit]! + Math.max(0, gained));
		this.numbers[SINCE + limit] =
			tokens === this.maxSingle ? now : this.numbers[SINCE + limit]! + Math.max(0, gained) * REFILL_S;
		this.numbers[TOKENS + limit] = tokens;
		return tokens;
	}

	/** The row of a denial: its own, a new one, or one that has been quiet for long; -1 where none is. */
	private rowOf(reason: number, subject: Uint8Array | undefined): number {
		const id = subject ?? this.subject.fill(0);
		for (let row = 0; row < this.rows; row++) {
			const at = row * KEY;
			if (this.keys[at] === reason && equal(this.keys.subarray(at + 1, at + KEY), id)) return row;
		}
		let row = 0;
		if (this.rows < ROWS) row = this.rows++;
		else {
			while (row < ROWS && (this.pending & (1 << (ROWS + row)) || this.refill(ROWS + row) < this.maxSingle))
				row++;
			if (row === ROWS) return -1;
		}
		this.keys[row * KEY] = reason;
		this.keys.set(id, row * KEY + 1);
		return row;
	}
}

/** The bit of what begins and ends, of `Limiter`: each input and each part for itself. */
function bitOf(limit: number, detail: number): number {
	if (limit === INPUT) return 1 << (16 + (detail >> 8));
	return limit === HEALTH ? 1 << (24 + (detail >> 8)) : 1 << limit;
}
