/**
 * The settings of a door. Times are whole seconds. The defaults are those that access control panels commonly ship with, so
 * that a door behaves as its users and installers expect.
 */
export interface DoorConfig {
	/** How the lock behaves without power: `fail-secure` stays locked (strikes), `fail-safe` opens (magnets). */
	readonly lock: "fail-secure" | "fail-safe";
	/** The relay contact that feeds the lock. The relay is off while no firmware runs, and `normally-open` is then open. */
	readonly contact: "normally-open" | "normally-closed";
	/** When the lock locks after an entry: as soon as the door opens, when it has closed, or by `strikeTime` alone. */
	readonly relock: "on-open" | "on-close" | "by-time";
	/** How long the lock stays released for an entry. */
	readonly strikeTime: number;
	/** The same for holders whose plan grants extended time. */
	readonly extendedStrikeTime: number;
	/** The door may stay open this long before the held-open alarm. 0: no alarm. */
	readonly heldTime: number;
	readonly extendedHeldTime: number;
	/** The warning precedes the held-open alarm by this time. 0: no warning. */
	readonly preAlarm: number;
	/** Request-to-exit. `unlock`: releases the lock and shunts the forced alarm. `shunt`: only shunts it; a handle opens. */
	readonly exit: "unlock" | "shunt" | "ignore";
	readonly exitTime: number;
	/** Request-to-exit that is active for longer is a fault and releases nothing. */
	readonly exitStuckTime: number;
	/** Whether request-to-exit works in lockdown. Ask the fire authority before `refuse`. */
	readonly exitInLockdown: "allow" | "refuse";
	/** What the fire input does. `unlock` overrides everything, lockdown included. */
	readonly fire: "unlock" | "ignore";
	/** Two granted taps of one holder within this time switch office mode, where the plan allows it. */
	readonly doubleTapTime: number;
	/** Office mode ends by itself after this. */
	readonly officeTime: number;
	/** Which sounds the reader makes. `alarms-only`: none for granted and denied. */
	readonly sounds: "all" | "alarms-only" | "none";
	readonly position: InputWiring;
	readonly requestToExit: InputWiring;
	readonly tamper: InputWiring;
	readonly fireInput: InputWiring;
	readonly lockdownInput: InputWiring;
}

/**
 * How an input is wired. `none`: not at all. `normally-closed`, `normally-open`: a dry contact that is closed or open in its
 * normal state (door closed, exit button released, housing shut, no fire). `supervised-…`: the same contact with two end-of-line
 * resistors, so that a cut or shorted line is noticed.
 */
export type InputWiring =
	| "none"
	| "normally-closed"
	| "normally-open"
	| "supervised-normally-closed"
	| "supervised-normally-open";

const WIRINGS: readonly string[] = Object.freeze([
	"none",
	"normally-closed",
	"normally-open",
	"supervised-normally-closed",
	"supervised-normally-open",
]);

export const DEFAULT_DOOR: DoorConfig = Object.freeze({
	lock: "fail-secure",
	contact: "normally-open",
	relock: "on-open",
	strikeTime: 5,
	extendedStrikeTime: 30,
	heldTime: 30,
	extendedHeldTime: 60,
	preAlarm: 15,
	exit: "unlock",
	exitTime: 5,
	exitStuckTime: 60,
	exitInLockdown: "allow",
	fire: "unlock",
	doubleTapTime: 5,
	officeTime: 43_200,
	sounds: "all",
	position: "normally-closed",
	requestToExit: "normally-open",
	tamper: "none",
	fireInput: "none",
	lockdownInput: "none",
});

/** The bounds of every number and the choices of every word, for validation, JSON schema and documentation. */
export const DOOR_FIELDS: Readonly<Record<keyof DoorConfig, readonly [number, number] | readonly string[]>> =
	Object.freeze({
		lock: Object.freeze(["fail-secure", "fail-safe"]),
		contact: Object.freeze(["normally-open", "normally-closed"]),
		relock: Object.freeze(["on-open", "on-close", "by-time"]),
		strikeTime: Object.freeze([1, 120] as const),
		extendedStrikeTime: Object.freeze([1, 600] as const),
		heldTime: Object.freeze([0, 3600] as const),
		extendedHeldTime: Object.freeze([0, 3600] as const),
		preAlarm: Object.freeze([0, 3600] as const),
		exit: Object.freeze(["unlock", "shunt", "ignore"]),
		exitTime: Object.freeze([1, 120] as const),
		exitStuckTime: Object.freeze([5, 3600] as const),
		exitInLockdown: Object.freeze(["allow", "refuse"]),
		fire: Object.freeze(["unlock", "ignore"]),
		doubleTapTime: Object.freeze([1, 30] as const),
		officeTime: Object.freeze([60, 86_400] as const),
		sounds: Object.freeze(["all", "alarms-only", "none"]),
		position: WIRINGS,
		requestToExit: WIRINGS,
		tamper: WIRINGS,
		fireInput: WIRINGS,
		lockdownInput: WIRINGS,
	});

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

function checkField(field: string, value: unknown): DoorProblem | undefined {
	if (!Object.hasOwn(DOOR_FIELDS, field)) {
		return { field, reason: "unknown-field", message: "is not a setting of a door" };
	}
	const allowed = DOOR_FIELDS[field as keyof DoorConfig];
	if (typeof allowed[0] === "string") {
		if ((allowed as readonly unknown[]).includes(value)) return undefined;
		return { field, reason: "not-a-choice", message: `must be one of ${allowed.join(", ")}` };
	}
	const [least, greatest] = allowed as readonly [number, number];
	if (typeof value !== "number" || !Number.isInteger(value)) {
		return { field, reason: "not-an-integer", message: "must be a whole number of seconds" };
	}
	if (value >= least && value <= greatest) return undefined;
	return { field, reason: "out-of-range", message: `must be ${least} to ${greatest} seconds` };
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

/** Whether the relay is on when the door is to be `unlocked`. */
export function relayOn(config: DoorConfig, unlocked: boolean): boolean {
	const opensWithPower = config.lock === "fail-secure";
	const powersWhenOn = config.contact === "normally-open";
	return unlocked === (opensWithPower === powersWhenOn);
}

/** The safe state of the door: what it is while no firmware runs. */
export function safeState(config: DoorConfig): "locked" | "unlocked" {
	return relayOn(config, true) ? "locked" : "unlocked";
}
