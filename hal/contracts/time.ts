// SPDX-License-Identifier: Apache-2.0

import type { TimeTrust } from "../../protocol/log/record.js";
import type { Closable } from "./io.js";

/** A timer made once and used again, so that a poll loop allocates nothing. */
export interface Alarm extends Closable {
	/** Calls back once, `ms` from now (integer, ≥ 0), always from the event loop. Replaces an earlier setting. */
	set(ms: number): void;
	/** Cancels. Does nothing when it is not set. */
	clear(): void;
}

/** Monotonic time. */
export interface Clock {
	/** Whole milliseconds since start. */
	now(): number;
	alarm(callback: () => void): Alarm;
}

export type { TimeTrust };

export interface WallClock {
	/** Seconds since 1970-01-01T00:00:00Z, integer. Meaningless while `trust()` is "unset". */
	now(): number;
	trust(): TimeTrust;
	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void;
}

/** What a clock chip says. */
export interface ClockReading {
	/** Seconds since 1970-01-01T00:00:00Z. */
	readonly seconds: number;
	/** The time at which the site or an installer set it last, likewise; 0: its time has another source. */
	readonly synced: number;
}

/** A clock with a battery of its own, which runs on while the reader has no power. */
export interface ClockChip {
	/** The most that it gains or loses over the years, parts per million. */
	readonly driftPpm: number;
	/** `undefined`: it was never set, or has stopped since. Throws where nothing answers on its bus. */
	read(): ClockReading | undefined;
	/** `synced`: as in `ClockReading`. Throws as `read` does, and for a time that it cannot hold. */
	set(seconds: number, synced: number): void;
}
