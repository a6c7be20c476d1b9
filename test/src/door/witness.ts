// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { DoorConfig } from "../../../protocol/config/door.js";
import { DECISION_FLAGS, EVENTS } from "../../../protocol/events.js";
import type { LogEntry } from "../../../protocol/log/record.js";
import { SETTLE_MS } from "../../../src/door/release.js";

/** An event with the millisecond at which it was logged. */
export interface Logged {
	readonly at: number;
	readonly kind: number;
	readonly detail: number;
	readonly value: number;
}

/**
 * Judges a door from outside, knowing nothing of its states: from the log, the lock as the leaf feels it, and what people
 * did. Its rules are the invariants in the words of an installer.
 */
export class Witness {
	readonly #config: DoorConfig;
	readonly log: Logged[] = [];
	/** When the lock was last seen unlocked. */
	#unlockedAt = Number.NEGATIVE_INFINITY;
	#closedAt = Number.NEGATIVE_INFINITY;
	/** The present or last opening was without a cause, and nobody made it good in time. */
	forced = false;
	/** How often that was to be logged, and how often it was, in the log as far as it was read. */
	alarms = 0;
	#logged = 0;
	#read = 0;
	/** The last opening is in the log singly, and not only counted. */
	#recorded = true;
	/** Opened without a cause, which may still come. */
	#unexplainedAt: number | undefined;
	#open = false;
	/** Opened since somebody was last let in or out. */
	#used = false;
	#openedAt = 0;
	/** Request-to-exit as pressed, where it is not ignored, and since when. */
	#exitSince: number | undefined;
	#exitUntil = Number.NEGATIVE_INFINITY;
	/** Who pressed to leave, and has not opened yet, can leave until here. */
	#letOutUntil = Number.NEGATIVE_INFINITY;

	constructor(config: DoorConfig) {
		this.#config = config;
	}

	/** At every moment in which anything can have changed. */
	see(now: number, unlocked: boolean): void {
		const { position, forcedGrace } = this.#config;
		if (this.#unexplainedAt !== undefined && now >= this.#unexplainedAt + forcedGrace * 1000) this.#alarm();
		while (this.#read < this.log.length) if (this.log[this.#read++]!.kind === EVENTS.forced) this.#logged++;
		if (position !== "none") assert.equal(this.#logged, this.alarms, `forced alarms until ${now}`);
		assert.isTrue(unlocked || now >= this.#letOutUntil, `locked at ${now}, while a way out was promised`);
		if (!unlocked) return;
		this.#unlockedAt = now;
		assert.isTrue(this.#explained(now), `unlocked at ${now} with no cause in the log`);
	}

	/** Request-to-exit was pressed or let go. */
	exit(now: number, pressed: boolean): void {
		const { exit, exitTime } = this.#config;
		if (exit === "ignore") return;
		if (pressed) {
			this.#used = false;
			this.#exitSince = now;
			this.#exitUntil = now + exitTime * 1000 + SETTLE_MS;
			this.#unexplainedAt = undefined;
			if (exit === "unlock") this.#letOutUntil = now + exitTime * 1000;
		} else if (this.#exitSince !== undefined) {
			this.#exitUntil = Math.max(this.#exitUntil, now + SETTLE_MS);
			this.#exitSince = undefined;
		}
	}

	/** The leaf opened. */
	opened(now: number): void {
		this.#letOutUntil = Number.NEGATIVE_INFINITY;
		const caused =
			now - this.#unlockedAt < SETTLE_MS ||
			(!this.forced && now - this.#closedAt < SETTLE_MS) ||
			this.#exitSince !== undefined ||
			now < this.#exitUntil;
		this.forced = false;
		if (caused) this.#used = true;
		else this.#unexplainedAt = now;
		this.#open = true;
		this.#openedAt = now;
		if (this.#config.relock === "on-open") this.#exitUntil = Number.NEGATIVE_INFINITY;
	}

	closed(now: number): void {
		if (this.#unexplainedAt !== undefined) this.#alarm();
		this.#open = false;
		this.#closedAt = now;
		if (this.#config.relock === "on-close" && this.#used) this.#exitUntil = Number.NEGATIVE_INFINITY;
	}

	/** Somebody is let in: a grant, a command to open. */
	entry(): void {
		this.#used = false;
		this.pardon();
	}

	/** A grant, a command to open or an unlocking makes an opening good that was none. */
	pardon(): void {
		if (!this.#open) return;
		this.forced = false;
		this.#unexplainedAt = undefined;
	}

	#alarm(): void {
		this.#unexplainedAt = undefined;
		this.forced = true;
		this.alarms++;
	}

	/** Whether the present opening is in the log singly. */
	recorded(single: boolean): void {
		this.#recorded = single;
	}

	/** A restart: what the reader knew of the moment is gone. An opening that was only counted is as one while it was off. */
	restart(): void {
		if (this.#unexplainedAt !== undefined && this.#recorded) this.#alarm();
		this.#unexplainedAt = undefined;
		this.#exitSince = undefined;
		this.#exitUntil = Number.NEGATIVE_INFINITY;
		this.#letOutUntil = Number.NEGATIVE_INFINITY;
		this.#unlockedAt = Number.NEGATIVE_INFINITY;
		this.#closedAt = Number.NEGATIVE_INFINITY;
	}

	#explained(now: number): boolean {
		const config = this.#config;
		const longest = config.extendedStrikeTime * 1000;
		let standing = false;
		let until = Number.NEGATIVE_INFINITY;
		let leaving = Number.NEGATIVE_INFINITY;
		for (const { at, kind, detail, value } of this.log) {
			if (kind === EVENTS.restart) {
				until = Number.NEGATIVE_INFINITY;
				leaving = Number.NEGATIVE_INFINITY;
			} else if (kind === EVENTS.lockdown) until = Number.NEGATIVE_INFINITY;
			else if (kind === EVENTS.unlocked) standing = true;
			else if (kind === EVENTS.locked) standing = false;
			else if (kind === EVENTS.decision && (detail & 255) === 0) {
				const extended = ((detail >> 8) & DECISION_FLAGS.extended) !== 0;
				until = Math.max(until, at + (extended ? longest : config.strikeTime * 1000));
			} else if (kind === EVENTS.command && (detail & 255) === 1 && (value & 255) === 0) {
				until = Math.max(until, at + (value >> 8 || config.strikeTime) * 1000);
			} else if (kind === EVENTS.command && (detail & 255) === 3) {
				until = Number.NEGATIVE_INFINITY;
			} else if (kind === EVENTS.exit && detail === 0 && config.exit === "unlock") {
				leaving = this.#exitSince !== undefined ? now + 1 : at + config.exitTime * 1000;
			}
		}
		if (standing || now < until || now < leaving) return true;
		const held = Math.max(config.heldTime, config.extendedHeldTime, config.extendedStrikeTime) * 1000;
		return config.relock === "on-close" && this.#open && now < this.#openedAt + held;
	}
}

/** Alarms start, warn, and end, in this order, and not twice. */
export function checkAlarms(log: readonly Pick<Logged, "kind">[], closed: boolean): void {
	let held: "none" | "warning" | "held" = "none";
	let forced = false;
	for (const { kind } of log) {
		if (kind === EVENTS["held-warning"]) {
			assert.equal(held, "none");
			held = "warning";
		} else if (kind === EVENTS.held) {
			assert.notEqual(held, "held");
			held = "held";
		} else if (kind === EVENTS["held-ended"]) {
			assert.notEqual(held, "none");
			held = "none";
		} else if (kind === EVENTS.forced) {
			assert.isFalse(forced);
			forced = true;
		} else if (kind === EVENTS["forced-ended"]) {
			assert.isTrue(forced);
			forced = false;
		}
	}
	if (closed) assert.deepEqual([held, forced], ["none", false], "alarms end when the door is closed");
}

/** Every granted entry has its outcome: in an opening or by itself. */
export function checkOutcomes(log: readonly Logged[]): void {
	let open = 0;
	for (const { kind, detail, value } of log) {
		if (kind === EVENTS.decision && (detail & 255) === 0) open++;
		else if (kind === EVENTS["door-opened"]) open -= value;
		else if (kind === EVENTS.outcome) open = detail === 4 ? 0 : open - value;
		assert.isAtLeast(open, 0, "an outcome for nobody");
	}
	assert.equal(open, 0, "a granted entry without an outcome");
}

/**
 * The log in flash is what was emitted, in its order, but for what the limits of floods left out, and that is counted exactly.
 * `interrupted`: counts may have been lost by a restart.
 */
export function checkLog(emitted: readonly Logged[], flash: readonly LogEntry[], interrupted: boolean): void {
	const left = new Map<number, number>();
	let at = 0;
	for (const { kind, detail, value } of emitted) {
		const found = nextSingle(flash, at);
		const entry = flash[found];
		if (entry?.kind === kind && entry.detail === detail && entry.value === value) at = found + 1;
		else left.set(kind, (left.get(kind) ?? 0) + 1);
	}
	assert.equal(nextSingle(flash, at), flash.length, "the log has what did not happen");
	for (const { kind, detail, value } of flash)
		if (kind === EVENTS.repeated) left.set(detail & 255, (left.get(detail & 255) ?? 0) - value);
	for (const [kind, count] of left) {
		if (interrupted) assert.isAtLeast(count, 0, `counted too many of ${kind}`);
		else assert.equal(count, 0, `of ${kind} the log does not know all`);
		for (const always of [EVENTS.unlocked, EVENTS.locked, EVENTS.command, EVENTS.outcome])
			assert.isFalse(kind === always && count > 0, `${kind} was left out`);
	}
}

function nextSingle(flash: readonly LogEntry[], from: number): number {
	let at = from;
	while (flash[at]?.kind === EVENTS.repeated) at++;
	return at;
}
