// SPDX-License-Identifier: Apache-2.0

/** A number of whole seconds with its bounds. */
interface Seconds {
	readonly default: number;
	readonly min: number;
	readonly max: number;
}

interface Choice<T extends string> {
	readonly default: T;
	readonly choices: readonly T[];
}

function seconds(initial: number, min: number, max: number): Seconds {
	return Object.freeze({ default: initial, min, max });
}

function choice<const T extends readonly string[]>(initial: T[number], ...choices: T): Choice<T[number]> {
	return Object.freeze({ default: initial, choices: Object.freeze(choices) });
}

/**
 * How an input is wired. `none`: not at all. `normally-closed`, `normally-open`: a dry contact that is closed or open in its
 * normal state (door closed, exit button released, housing shut, no fire). `supervised-…`: the same contact with two end-of-line
 * resistors, so that a cut or shorted line is noticed.
 */
const wiring = (initial: "none" | "normally-closed" | "normally-open") =>
	choice(
		initial,
		"none",
		"normally-closed",
		"normally-open",
		"supervised-normally-closed",
		"supervised-normally-open",
	);

/**
 * The settings of a door, from which its type, defaults, validation, JSON schema and documentation follow. Times are whole
 * seconds. The defaults are those that access control panels commonly ship with, so that a door behaves as its users and
 * installers expect.
 */
export const DOOR_FIELDS = Object.freeze({
	/** How the lock behaves without power: `fail-secure` stays locked (strikes), `fail-safe` opens (magnets). */
	lock: choice("fail-secure", "fail-secure", "fail-safe"),
	/** The relay contact that feeds the lock. The relay is off while no firmware runs, and `normally-open` is then open. */
	contact: choice("normally-open", "normally-open", "normally-closed"),
	/** When the lock locks after an entry: as soon as the door opens, when it has closed, or by `strikeTime` alone. */
	relock: choice("on-open", "on-open", "on-close", "by-time"),
	/** How long the lock stays released for an entry. */
	strikeTime: seconds(5, 1, 120),
	/** `strikeTime` for holders whose plan grants extended time. */
	extendedStrikeTime: seconds(30, 1, 600),
	/** The door may stay open this long before the held-open alarm. 0: no alarm. */
	heldTime: seconds(30, 0, 3600),
	/** `heldTime` for holders whose plan grants extended time. */
	extendedHeldTime: seconds(60, 0, 3600),
	/** The warning precedes the held-open alarm by this time. 0: no warning. */
	preAlarm: seconds(15, 0, 3600),
	/** An opening without a cause waits this long for one, a late request-to-exit or grant, before the forced alarm. 0: not. */
	forcedGrace: seconds(1, 0, 10),
	/** Request-to-exit. `unlock`: releases the lock and shunts the forced alarm. `shunt`: only shunts it; a handle opens. */
	exit: choice("unlock", "unlock", "shunt", "ignore"),
	/** How long a request-to-exit counts. */
	exitTime: seconds(5, 1, 120),
	/** Request-to-exit that is active for longer is reported as stuck; it goes on unlocking. */
	exitStuckTime: seconds(60, 5, 3600),
	/** What the fire input does. `unlock` overrides everything, lockdown included. */
	fire: choice("unlock", "unlock", "ignore"),
	/** Two granted taps of one holder within this time switch passage mode, where the plan allows it. */
	doubleTapTime: seconds(5, 1, 30),
	/** Passage mode ends by itself after this. */
	officeTime: seconds(43_200, 60, 86_400),
	/** Which sounds the reader makes. `alarms-only`: none for granted and denied. */
	sounds: choice("all", "all", "alarms-only", "none"),
	/** The switch that tells whether the door is open. */
	position: wiring("normally-closed"),
	/** The button or sensor inside. */
	requestToExit: wiring("normally-open"),
	/** The housing's contact. */
	tamper: wiring("none"),
	/** The fire alarm's contact. */
	fireInput: wiring("none"),
	/** The lockdown switch. */
	lockdownInput: wiring("none"),
});

export type DoorField = keyof typeof DOOR_FIELDS;

/** Settings of former versions, and what to do about each: a new configuration that has one is refused with this. */
const REMOVED_FIELDS: Readonly<Record<string, string>> = Object.freeze({
	exitInLockdown:
		"is no longer a setting: request-to-exit always works in a lockdown, so that nobody is locked in; leave it out",
});

/** Mapped over `keyof typeof` itself, so that an editor shows each field with its comment. */
export type DoorConfig = { readonly [F in keyof typeof DOOR_FIELDS]: (typeof DOOR_FIELDS)[F]["default"] };

export type InputWiring = DoorConfig["position"];

export const DEFAULT_DOOR = Object.freeze(
	Object.fromEntries(Object.entries(DOOR_FIELDS).map(([field, { default: initial }]) => [field, initial])),
) as DoorConfig;

export type DoorProblemReason =
	| "not-an-object"
	| "unknown-field"
	| "not-an-integer"
	| "out-of-range"
	| "not-a-choice"
	| "conflict";

export interface DoorProblem {
	/** The field; empty for the whole. */
	readonly field: string;
	readonly reason: DoorProblemReason;
	/** For a person: what would be right. */
	readonly message: string;
}

/**
 * Checks the settings of a door that came from outside: the whole configuration, absent fields at their defaults, or every
 * problem; never both.
 */
export function checkDoorConfig(value: unknown): { config: DoorConfig } | { problems: DoorProblem[] } {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		return { problems: [{ field: "", reason: "not-an-object", message: "must be an object" }] };
	}
	const problems: DoorProblem[] = [];
	const given = value as Record<string, unknown>;
	for (const field of Object.keys(given)) {
		const problem = checkField(field, given[field]);
		if (problem) problems.push(problem);
	}
	if (problems.length > 0) return { problems };
	const config = { ...DEFAULT_DOOR, ...given } as { -readonly [K in keyof DoorConfig]: DoorConfig[K] };
	// Without a position switch opening and closing are unknown: the default is by time, and another choice is refused below.
	if (config.position === "none" && given.relock === undefined) config.relock = "by-time";
	checkTogether(config, problems);
	return problems.length > 0 ? { problems } : { config: Object.freeze(config) };
}

/** Which of `settings`, as a former version stored them, this version no longer has. */
export function removedIn(settings: object): string[] {
	return Object.keys(settings).filter((field) => Object.hasOwn(REMOVED_FIELDS, field));
}

/** `settings` without those. */
export function withoutRemoved(settings: object): object {
	return Object.fromEntries(
		Object.entries(settings).filter(([field]) => !Object.hasOwn(REMOVED_FIELDS, field)),
	);
}

function checkField(field: string, value: unknown): DoorProblem | undefined {
	if (Object.hasOwn(REMOVED_FIELDS, field)) {
		return { field, reason: "unknown-field", message: REMOVED_FIELDS[field]! };
	}
	if (!Object.hasOwn(DOOR_FIELDS, field)) {
		return { field, reason: "unknown-field", message: "is not a setting of a door" };
	}
	const allowed = DOOR_FIELDS[field as DoorField];
	if ("choices" in allowed) {
		if ((allowed.choices as readonly unknown[]).includes(value)) return undefined;
		return { field, reason: "not-a-choice", message: `must be one of ${allowed.choices.join(", ")}` };
	}
	const { min, max } = allowed;
	if (typeof value !== "number" || !Number.isInteger(value)) {
		return { field, reason: "not-an-integer", message: "must be a whole number of seconds" };
	}
	if (value >= min && value <= max) return undefined;
	return { field, reason: "out-of-range", message: `must be ${min} to ${max} seconds` };
}

function checkTogether(config: DoorConfig, problems: DoorProblem[]): void {
	const conflict = (field: string, message: string): void => {
		problems.push({ field, reason: "conflict", message });
	};
	if (config.extendedStrikeTime < config.strikeTime) {
		conflict("extendedStrikeTime", "must not be shorter than strikeTime");
	}
	if (config.heldTime > 0 && config.preAlarm >= config.heldTime) {
		conflict("preAlarm", "must be shorter than heldTime");
	}
	if (config.heldTime > 0 && config.extendedHeldTime > 0 && config.extendedHeldTime < config.heldTime) {
		conflict("extendedHeldTime", "must not be shorter than heldTime");
	}
	if (config.exitStuckTime <= config.exitTime) {
		conflict("exitStuckTime", "must be longer than exitTime");
	}
	if (config.relock !== "by-time" && config.position === "none") {
		conflict("relock", "needs a door position switch; without one only by-time works");
	}
}

const FAIL_SECURE = "fail-secure";
const NORMALLY_OPEN = "normally-open";

/** Whether the relay is on when the door is to be `unlocked`. */
export function relayOn(config: DoorConfig, unlocked: boolean): boolean {
	const opensWithPower = config.lock === FAIL_SECURE;
	const powersWhenOn = config.contact === NORMALLY_OPEN;
	return unlocked === (opensWithPower === powersWhenOn);
}

/** The safe state of the door: what it is while no firmware runs. */
export function safeState(config: DoorConfig): "locked" | "unlocked" {
	return relayOn(config, true) ? "locked" : "unlocked";
}
