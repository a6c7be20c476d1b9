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
	/** No connection to a site that it has been connected to. */
	offline: boolean;
}

/**
 * The one signal to show. An answer to a tap precedes what is wrong with the reader, but not an alarm of the door. Alarms
 * yield only to a denial, which must not be taken for an entry.
 */
export function chooseSignal(door: Door, conditions: Readonly<Conditions>): Signal {
	if (conditions.identify) return "identify";
	if (conditions.denied) return "denied";
	const { leaf, mode } = door;
	if (leaf === "forced" || leaf === "held" || leaf === "warning") return leaf;
	if (mode === "evacuation") return "evacuation";
	if (conditions.reading) return "reading";
	if (leaf === "released") return mode === "unlocked" ? "unlocked" : "granted";
	if (mode === "lockdown") return "lockdown";
	if (door.unlocked) return mode === "unlocked" ? "unlocked" : "granted";
	if (conditions.fault || door.trouble) return "fault";
	return conditions.offline ? "offline" : "ready";
}
