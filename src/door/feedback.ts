// SPDX-License-Identifier: Apache-2.0

import type { Colour, Pattern } from "../../hal/contracts/output.js";
import type { Door } from "./door.js";

/** The signals of a reader to people. `SIGNALS` has the light and sound of each. */
export type Signal =
	| "starting"
	| "ready"
	| "reading"
	| "granted"
	| "denied"
	| "unlocked"
	| "warning"
	| "held"
	| "forced"
	| "lockdown"
	| "evacuation"
	| "offline"
	| "fault"
	| "identify";

const NONE: readonly number[] = Object.freeze([]);

function pattern(
	colour: Colour,
	light: readonly number[],
	sound: readonly number[] = NONE,
	tone = 0,
	repeat = false,
	alarm = false,
): Pattern {
	return Object.freeze({
		colour,
		light: Object.freeze(light),
		sound: Object.freeze(sound),
		repeat,
		tone,
		alarm,
	});
}

/**
 * No two signals differ by colour alone: granted is steady with one long tone, denied flashes fast with three short ones,
 * so that people who cannot tell red from green, cannot see or cannot hear know as well.
 */
export const SIGNALS: Readonly<Record<Signal, Pattern>> = Object.freeze({
	starting: pattern("white", Object.freeze([500, 500])),
	ready: pattern("blue", Object.freeze([60, 2940])),
	reading: pattern("white", Object.freeze([80, 80]), Object.freeze([20]), 4000),
	granted: pattern("green", NONE, Object.freeze([350]), 3000),
	denied: pattern("red", Object.freeze([120, 120]), Object.freeze([90, 90, 90, 90, 90]), 1200),
	unlocked: pattern("green", Object.freeze([60, 1940])),
	warning: pattern("amber", Object.freeze([250, 250]), Object.freeze([100, 900]), 2400, true, true),
	held: pattern("amber", Object.freeze([120, 120]), Object.freeze([400, 200]), 2400, true, true),
	forced: pattern("red", Object.freeze([60, 60]), Object.freeze([700, 100]), 3200, true, true),
	lockdown: pattern("red", NONE),
	evacuation: pattern("green", Object.freeze([400, 400])),
	offline: pattern("blue", Object.freeze([60, 200, 60, 2680])),
	fault: pattern("amber", Object.freeze([60, 200, 60, 200, 60, 2420])),
	identify: pattern("white", Object.freeze([200, 200]), Object.freeze([60, 340]), 4000, true),
});

/** How long `denied` shows, ms. */
export const DENIED_MS = 2000;
/** `reading` ends by itself after this, for phones that leave in the middle, ms. */
export const READING_MS = 3000;

/** Conditions that are not of the door. */
export interface Conditions {
	identify: boolean;
	/** A denial is shown. */
	denied: boolean;
	/** A phone is being read. */
	reading: boolean;
	/** A part of the reader does not work. */
	fault: boolean;
	/** The plan's times do not count, as the time is not known, or the clock is at fault. */
	clock: boolean;
	/** No connection to a site that it has been connected to. */
	offline: boolean;
	/** The alarm of the door makes room for another signal. */
	between: boolean;
}

/** How long an alarm of the door shows before anything else may, ms. */
export const ALARM_MS = 3400;
/** How long another signal may show between alarms, ms: the sound of `denied` takes 450. */
export const BETWEEN_MS = 600;

// Constants, as a literal is copied into RAM whenever it is met.
const READY = "ready";
const READING = "reading";
const GRANTED = "granted";
const DENIED = "denied";
const UNLOCKED = "unlocked";
const WARNING = "warning";
const HELD = "held";
const FORCED = "forced";
const LOCKDOWN = "lockdown";
const EVACUATION = "evacuation";
const OFFLINE = "offline";
const FAULT = "fault";
const IDENTIFY = "identify";
const RELEASED = "released";

/** Whether the door alarms, or is about to. */
export function alarms({ leaf }: Door): boolean {
	return leaf === FORCED || leaf === HELD || leaf === WARNING;
}

/**
 * The one signal to show. Alarms of the door come first: what a stranger can cause shows only between them. An answer to a
 * tap precedes what is wrong with the reader.
 */
export function chooseSignal(door: Door, conditions: Readonly<Conditions>): Signal {
	const { leaf, mode } = door;
	if (alarms(door) && !conditions.between) return leaf as Signal;
	if (conditions.denied) return DENIED;
	if (mode === EVACUATION) return EVACUATION;
	if (conditions.reading) return READING;
	if (leaf === RELEASED) return mode === UNLOCKED ? UNLOCKED : GRANTED;
	if (conditions.identify) return IDENTIFY;
	if (mode === LOCKDOWN) return LOCKDOWN;
	if (door.unlocked) return mode === UNLOCKED ? UNLOCKED : GRANTED;
	if (conditions.fault || conditions.clock || door.trouble) return FAULT;
	return conditions.offline ? OFFLINE : READY;
}
