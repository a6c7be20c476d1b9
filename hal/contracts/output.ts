// SPDX-License-Identifier: Apache-2.0

import type { Closable, IOClass } from "./io.js";

export interface GuardedOutputOptions {
	/** Level of the pin while the output is off: 0 for an active-high relay module, 1 for an active-low one. */
	offLevel?: number;
	[platform: string]: unknown;
}

/**
 * An output that moves something. It is on only under a lease, which a hardware timer ends whether or not the firmware still
 * runs. It is off after construction, in reset, after a brown-out, after `close` and once the lease has run out. On the ESP32 the
 * interrupt of a one-shot timer writes the pin. `drivers/relay` is its only user.
 */
export interface GuardedOutput extends Closable {
	/** Switches on for `ms` from now (integer, 1 to 60,000); replaces an earlier lease. */
	hold(ms: number): void;
	/** Switches off at once. */
	release(): void;
	/** 1 while the output is on, 0 when it was released or its lease ran out. */
	read(): number;
}

export type GuardedOutputClass = IOClass<GuardedOutputOptions, GuardedOutput>;

export type Colour = "off" | "white" | "blue" | "green" | "red" | "amber";

/** Steps of light and sound that repeat together. */
export interface Pattern {
	readonly colour: Colour;
	/** Times on, off, on, off…, ms; empty: steady. */
	readonly light: readonly number[];
	/** Times sounding, silent, …, ms; empty: silent. */
	readonly sound: readonly number[];
	/** Whether the sound repeats as long as the signal lasts. */
	readonly repeat: boolean;
	/** Frequency for a passive sounder, hertz. */
	readonly tone: number;
	/** Whether it also sounds where the configuration says `alarms-only`. */
	readonly alarm: boolean;
}
