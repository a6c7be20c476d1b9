// SPDX-License-Identifier: Apache-2.0

import type { DoorConfig } from "../../protocol/config/door.js";
import { CAUSES, EVENTS, type EventSink } from "../../protocol/events.js";
import { REMEMBERED } from "./memory.js";
import { NEVER } from "./release.js";

/**
 * Where the leaf is and what its alarm does. `released`: closed, and unlocked for an entry or exit; `open`: opened with a
 * cause; `unexplained`: opened without a cause, which may still come; `warning`: the pre-alarm; `held`: open for too long;
 * `forced`: opened without a cause.
 */
export type Leaf = "closed" | "released" | "open" | "unexplained" | "warning" | "held" | "forced";

const CLOSED = "closed";

/** The leaf with its held and forced alarms. `now` is the door's own time, in milliseconds. */
export class LeafAlarm {
	state: Exclude<Leaf, "released"> = "closed";
	/** When an open leaf is held open: the alarm. */
	heldAt = NEVER;
	private readonly config: DoorConfig;
	private readonly emit: EventSink;
	private warnAt = NEVER;
	/** When an unexplained opening is forced. */
	private forcedAt = NEVER;

	constructor(config: DoorConfig, emit: EventSink) {
		this.config = config;
		this.emit = emit;
	}

	get isOpen(): boolean {
		return this.state !== CLOSED;
	}

	get dueAt(): number {
		return Math.min(this.warnAt, this.heldAt, this.forcedAt);
	}

	/** From now on the leaf may stay open for `seconds`; 0: for ever. */
	watch(now: number, seconds: number): void {
		const { preAlarm } = this.config;
		this.heldAt = seconds === 0 ? NEVER : now + seconds * 1000;
		this.warnAt = seconds === 0 || preAlarm === 0 ? NEVER : this.heldAt - preAlarm * 1000;
	}

	/** What is due `at`: the forced alarm; or the warning, then the held alarm. */
	expire(at: number): void {
		if (at === this.forcedAt) {
			this.force();
			return;
		}
		const warning = at === this.warnAt;
		if (warning) this.warnAt = NEVER;
		else this.heldAt = NEVER;
		this.emit(warning ? EVENTS["held-warning"] : EVENTS.held, 0, 0);
		this.state = warning ? "warning" : "held";
	}

	/** Opened without a cause. */
	unexplained(now: number): void {
		this.state = "unexplained";
		this.forcedAt = now + this.config.forcedGrace * 1000;
		if (this.config.forcedGrace === 0) this.force();
	}

	private force(): void {
		this.forcedAt = NEVER;
		this.emit(EVENTS.forced, 0, 0);
		this.state = "forced";
	}

	close(): void {
		// A door that is shut again before its grace ends was opened without a cause all the same.
		if (this.state === "unexplained") this.force();
		this.emit(EVENTS["door-closed"], 0, 0);
		this.endAlarm(CAUSES.none);
		this.state = "closed";
		this.warnAt = NEVER;
		this.heldAt = NEVER;
	}

	/** An open leaf has a cause from now on: alarms end, and it may stay open for `seconds` more. */
	clearAlarm(now: number, cause: number, seconds: number): void {
		this.endAlarm(cause);
		this.forcedAt = NEVER;
		this.state = "open";
		this.watch(now, seconds);
	}

	/** Found closed at a restart. `memory`: of `remember`. */
	restartClosed(memory: number): void {
		if (memory & REMEMBERED.unexplained) this.emit(EVENTS.forced, 0, 0);
		if (memory & REMEMBERED.open) this.emit(EVENTS["door-closed"], CAUSES.restart, 0);
		if (memory & (REMEMBERED.held | REMEMBERED.warning)) {
			this.emit(EVENTS["held-ended"], CAUSES.restart, 0);
		}
		if (memory & (REMEMBERED.forced | REMEMBERED.unexplained))
			this.emit(EVENTS["forced-ended"], CAUSES.restart, 0);
	}

	/** Found open at a restart. */
	restartOpen(memory: number): void {
		if (!(memory & REMEMBERED.open)) this.emit(EVENTS["door-opened"], CAUSES.restart, 0);
		if (memory & REMEMBERED.unexplained) this.force();
		else if (memory & REMEMBERED.forced) this.state = "forced";
		else if (memory & REMEMBERED.held) this.state = "held";
		else if (memory & REMEMBERED.warning) this.state = "warning";
		else this.state = "open";
	}

	/** After `restartOpen` of a locked door: the next stage is due now, so that restarts do not prolong a held door. */
	resume(now: number, memory: number): void {
		if (this.state === "warning") this.heldAt = now;
		else if (this.state === "open") {
			this.watch(now, this.config.heldTime);
			if (memory & REMEMBERED.open && this.warnAt !== NEVER) {
				this.warnAt = now;
				this.heldAt = now + this.config.preAlarm * 1000;
			}
		}
	}

	private endAlarm(cause: number): void {
		if (this.state === "forced") this.emit(EVENTS["forced-ended"], cause, 0);
		if (this.state === "warning" || this.state === "held") this.emit(EVENTS["held-ended"], cause, 0);
	}
}
