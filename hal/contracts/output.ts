import type { Closable, IOClass } from "./io.js";

export interface GuardedOutputOptions {
	/** Level of the pin while the output is off: 0 for an active-high relay module, 1 for an active-low one. */
	offLevel?: number;
	[platform: string]: unknown;
}

/**
 * An output that moves something: on only under a lease that a timer of the hardware ends, whether or not the firmware
 * still runs. It is off from construction, in reset, after a brown-out, after `close` and once the lease has run out.
 * On the ESP32: a one-shot timer whose interrupt writes the pin. `drivers/relay` is its only user.
 */
export interface GuardedOutput extends Closable {
	/** On for `ms` from now (integer, 1 to 60,000), in place of what was left of an earlier lease. */
	hold(ms: number): void;
	/** Off now. */
	release(): void;
	/** 1 while the output is on, 0 when it was released or its lease ran out. */
	read(): number;
}

export type GuardedOutputClass = IOClass<GuardedOutputOptions, GuardedOutput>;

export type Colour = "off" | "white" | "blue" | "green" | "red" | "amber";

/** Steps of light and sound that repeat together. */
export interface Pattern {
	readonly colour: Colour;
	/** Milliseconds on, off, on, off…; empty: steady. */
	readonly light: readonly number[];
	/** Milliseconds sounding, silent, …; empty: silent. */
	readonly sound: readonly number[];
	/** Whether the sound repeats as long as the signal lasts; else it is heard once. */
	readonly repeat: boolean;
	/** Hertz, for a passive sounder. */
	readonly tone: number;
	/** Sounds also where only alarms are to be heard. */
	readonly alarm: boolean;
}
