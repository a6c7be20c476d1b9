import type { Colour, Pattern } from "../../hal/contracts/output.js";
import type { Door } from "./door.js";

/** What a reader can say to a person. How each looks and sounds is in SIGNALS. */
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
 * so that who cannot tell red from green, or cannot see, or cannot hear, still knows.
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

/** How long `denied` shows, milliseconds. */
export const DENIED_MS = 2000;
/** `reading` ends by itself after this, for phones that go away in the middle; milliseconds. */
export const READING_MS = 3000;

/** What the reader knows besides its door. */
export interface Conditions {
	identify: boolean;
	/** Just denied somebody. */
	denied: boolean;
	/** Speaks with a phone. */
	reading: boolean;
	/** A part of the reader does not work. */
	fault: boolean;
	/** No connection to a site that it has been connected to. */
	offline: boolean;
}

/**
 * The one signal to give. An answer to who stands there comes before what is wrong, but not before an alarm's sound:
 * alarms of the door yield only to a denial, which nobody must take for an entry.
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
