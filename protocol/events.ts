// SPDX-License-Identifier: Apache-2.0

/**
 * Kinds of log records. A kind keeps its number for ever, because logs in flash and at sites hold it. What `detail`, `value`
 * and `subject` of each kind mean is in `site/lib/log/describe.ts`, which fills the table of docs/log.md.
 */
export const EVENTS = Object.freeze({
	// 1..15: the log and the reader themselves.
	/** The reader started. */
	restart: 1,
	/** Wall time was set. */
	"clock-set": 2,
	/** The configuration changed. */
	configuration: 3,
	/** An access plan, or a change to it, came into force or was refused. */
	plan: 4,
	/** The connection to the site came or went. */
	sync: 5,
	/** The site acknowledged every record up to a serial. */
	acknowledged: 6,
	/** Records were lost: overwritten before the site had them, or damaged. */
	gap: 7,
	/** Events of one kind came faster than the log takes them singly: how many were left out. */
	repeated: 8,
	/** A firmware of another version started. */
	firmware: 9,
	/** A proof of authority, or a command without authority, came over the cable. */
	service: 10,
	/** A part of the reader failed or works again. */
	health: 11,
	/** A revocation notice came into force. */
	revocation: 12,

	// 16..31: requests to open, and what became of them.
	/** A credential was granted or denied. */
	decision: 16,
	/** Granted entries that ended without an opening of the door. */
	outcome: 17,
	/** Request-to-exit was pressed. */
	exit: 18,
	/** The site or an installer commanded the door. */
	command: 19,

	// 32..63: the door.
	"door-opened": 32,
	"door-closed": 33,
	/** The door is unlocked until further notice, not for one entry. */
	unlocked: 34,
	/** The door is locked again. */
	locked: 35,
	/** The pre-alarm: the door is about to be held. */
	"held-warning": 36,
	held: 37,
	"held-ended": 38,
	forced: 39,
	"forced-ended": 40,
	lockdown: 41,
	"lockdown-ended": 42,
	fire: 43,
	"fire-ended": 44,
	tamper: 45,
	"tamper-ended": 46,
	/** A supervised line is cut, shorted or altered, or an input is stuck. */
	"input-fault": 47,
	"input-restored": 48,
	/** The relay fell off because the firmware renewed its lease too late. */
	"relay-lapsed": 49,
} as const);

export type EventName = keyof typeof EVENTS;
export type EventCode = (typeof EVENTS)[EventName];

/**
 * Takes an event. `detail`: 0 to 65,535; `value`: 0 to 2^32-1; `subject`: 8 bytes, a credential's `cti` where there is
 * one. `subject` is copied: the caller may overwrite it afterwards.
 */
export type EventSink = (kind: EventCode, detail: number, value: number, subject?: Uint8Array) => void;

export function eventName(code: number): EventName | undefined {
	for (const [name, value] of Object.entries(EVENTS)) if (value === code) return name as EventName;
	return undefined;
}

/** Kinds that people have to know of at once. */
export const ALARMS: readonly number[] = Object.freeze([
	EVENTS.held,
	EVENTS.forced,
	EVENTS.lockdown,
	EVENTS.fire,
	EVENTS.tamper,
	EVENTS["input-fault"],
	EVENTS["relay-lapsed"],
]);

/** Which part: high byte of `detail` of `health`; the low byte is 0 where it works, 1 where it fails. */
export const PARTS = Object.freeze({
	nfc: 1,
	ble: 2,
	plan: 3,
	wifi: 4,
	supply: 5,
	clock: 6,
	state: 7,
	scanner: 8,
} as const);

/** Where wall time is from: high byte of `detail` of `clock-set`. */
export const TIME_SOURCES = Object.freeze({
	/** An installer has set it, by cable. */
	set: 0,
	/** The clock chip, which ran on while the reader had no power. */
	"clock-chip": 1,
	/** The last known time: it is later than that. */
	"last-known": 2,
	/** A time server, whose word nothing vouches for. */
	network: 3,
	/** The site, in a session. */
	site: 4,
} as const);

export type TimeSource = keyof typeof TIME_SOURCES;

/** Why a door is or was unlocked, and why it locked: `detail` of door events. */
export const CAUSES = Object.freeze({
	none: 0,
	grant: 1,
	exit: 2,
	command: 3,
	schedule: 4,
	"first-person": 5,
	office: 6,
	fire: 7,
	lockdown: 8,
	/** The change took place while the reader was not running. */
	restart: 9,
	time: 10,
	/** A lockdown notice of the site. */
	notice: 11,
} as const);

/** `detail` of `outcome`. A granted entry that opened its door is counted in `door-opened`. */
export const OUTCOMES = Object.freeze({
	"not-opened": 0,
	/** The door stood open all the time that the strike was released. */
	"already-open": 1,
	/** There is no door position switch, or its line is faulty. */
	unknown: 2,
	/** Lockdown or a command to lock came first. */
	cancelled: 3,
	/** The reader restarted first. */
	restart: 4,
} as const);

export type Outcome = keyof typeof OUTCOMES;

/** Inputs of a door: high byte of `detail` of `input-fault` and `input-restored`. */
export const INPUTS = Object.freeze({ doorPosition: 1, rex: 2, tamper: 3, fire: 4, lockdown: 5 } as const);

export type DoorInput = keyof typeof INPUTS;

/** What can be wrong with an input: low byte of `detail` of `input-fault`. */
export const INPUT_FAULTS = Object.freeze({
	none: 0,
	/** The line is shorted. */
	short: 1,
	/** The line is cut. */
	cut: 2,
	/** The resistance belongs to no state of the contact: the line was tampered with. */
	foreign: 3,
	/** Request-to-exit is active for longer than `exitStuckTime`; it goes on unlocking. */
	stuck: 4,
	/** The configuration names the input, and the reader's hardware has none. */
	absent: 5,
} as const);

export type InputFault = keyof typeof INPUT_FAULTS;

/**
 * Low byte of `detail` of `restart`, from `RestartCause` of hal/contracts; the high byte counts the starts in a row before
 * it that failed.
 */
export const RESTARTS = Object.freeze({
	unknown: 0,
	"power-on": 1,
	"reset-pin": 2,
	"brown-out": 3,
	watchdog: 4,
	exception: 5,
	"out-of-memory": 6,
	software: 7,
	"stack-overflow": 8,
} as const);

/** Low byte of `detail` of `command`. */
export const COMMANDS = Object.freeze({
	/** Release the strike once, for the strike time or the seconds that were commanded. */
	open: 1,
	/** Unlocked until `normal`. */
	unlock: 2,
	/** Locked from now on, whatever the schedule says, until `normal`; credentials and request-to-exit work. */
	lock: 3,
	/** As the schedule says. */
	normal: 4,
	lockdown: 5,
	/** Ends a commanded lockdown. */
	release: 6,
} as const);

export type DoorCommand = keyof typeof COMMANDS;

/** The same of what the site commands of the reader itself. */
export const READER_COMMANDS = Object.freeze({
	/** Light and sound, so that the reader is found. */
	identify: 7,
	restart: 8,
} as const);

export type ReaderCommand = keyof typeof READER_COMMANDS;

/** High byte of `detail` of `command`: who gave it. */
export const ORIGINS = Object.freeze({
	/** An installer at the cable, or the reader's own test. */
	cable: 0,
	/** The site, in a session: `subject` says who there. */
	site: 1,
} as const);

/** What a `command` was: a key of `COMMANDS`. */
export function commandOf(detail: number): number {
	return detail & 255;
}

/** Whether a `command` was done. The rest of `value` are the seconds of an `open`; 0: the strike time. */
export function wasDone(value: number): boolean {
	return (value & 255) === 0;
}

/** `detail` of `configuration`. */
export const CONFIGURATION_CHANGES = Object.freeze({
	applied: 0,
	reset: 1,
	commissioned: 2,
	/** A trust list came into force: `value` is its version. */
	trust: 3,
	/** It has new credentials by its site. */
	certified: 4,
	/** A former site's log was erased: `value` is its last serial, `subject` the reader that had signed it. */
	erased: 5,
	/** Where it finds its site's server was set or forgotten. */
	server: 6,
	/** Signed by an installer's key, it came from the site: `subject` is that key. */
	signed: 7,
	/** The site has set sounds, spread or a network, which is tried. */
	settings: 8,
	/** A network that the site had set brought no session: the one before it is back. */
	fallback: 9,
} as const);

/** Why a session with the site ended: high byte of `detail` of `sync`, whose low byte is 1 where one begins, else 0. */
export const SYNC_ENDS = Object.freeze({
	/** The connection was lost. */
	connection: 0,
	/** The site did not answer. */
	unanswered: 1,
	/** The server's key may no longer speak for the site. */
	key: 2,
	/** It had lasted as long as one may. */
	life: 3,
	/** The reader left: its settings changed, or it starts again. */
	left: 4,
	/** The site has begun anew. */
	site: 5,
} as const);

export type SyncEnd = keyof typeof SYNC_ENDS;

/** High byte of `detail` of `decision`: how the phone spoke; `qr`: by its screen. */
export const LINKS = Object.freeze({ nfc: 0, ble: 1, other: 2, qr: 3 } as const);

export type Link = keyof typeof LINKS;

/** Bits in the high byte of `detail` of `decision`, above the link. The low byte is the reason. */
export const DECISION_FLAGS = Object.freeze({
	extended: 16,
	firstPerson: 32,
	passage: 64,
	/** Granted by a schedule, on time that was only restored. */
	restoredTime: 128,
} as const);
