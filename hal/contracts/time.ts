import type { Closable } from "./io.js";

/** A timer made once and used again, so that a poll loop allocates nothing. */
export interface Alarm extends Closable {
	/** Calls back once, `ms` from now (integer, ≥ 0), always from the event loop. Replaces what was set before. */
	set(ms: number): void;
	/** Cancels; nothing happens when it was not set. */
	clear(): void;
}

/** Time that only goes forward. */
export interface Clock {
	/** Whole milliseconds since start. */
	now(): number;
	alarm(callback: () => void): Alarm;
}

/**
 * How far wall time can be believed: `unset` since start nobody told the time; `restored` from flash or a
 * battery-backed clock, so never ahead of the truth by design but maybe behind it; `synced` told by the site or an
 * installer since start.
 */
export type TimeTrust = "unset" | "restored" | "synced";

export interface WallClock {
	/** Seconds since 1970-01-01T00:00:00Z, integer. Meaningless while `trust()` is "unset". */
	now(): number;
	trust(): TimeTrust;
	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void;
}
