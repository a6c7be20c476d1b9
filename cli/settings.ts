// SPDX-License-Identifier: Apache-2.0

import type { ReaderConfig } from "../protocol/config/document.js";
import type { DoorConfig } from "../protocol/config/door.js";
import type { ProximityConfig } from "../protocol/config/proximity.js";
import type { SCANNER_FIELDS } from "../protocol/config/scanner.js";

const WIRING =
	"A dry contact, closed or open in its normal state; supervised with two end-of-line resistors, so that a cut or shorted line shows; or none.";

/** What each setting of a door's file is, for an installer: the schema's descriptions, docs/door.md, the report. */
export const READER_SETTINGS: Readonly<Record<keyof Required<ReaderConfig>, string>> = Object.freeze({
	id: "What access plans and credentials call the door.",
	name: "What people call the door; 48 bytes.",
	bluetooth:
		"When a phone may open over Bluetooth: held near, after a tap in its app, either, both, or never. NFC always may.",
	proximity: "How near is near, over Bluetooth.",
	timeServer:
		"Whom a reader asks for the time (SNTP) when it is in a network: a name or an address; empty: nobody. Its word counts only where nothing better is known.",
	scanner: "The QR scanner, where one is wired.",
	door: "The lock, its times, and what is wired to the reader.",
});

export const PROXIMITY_SETTINGS: Readonly<Record<keyof ProximityConfig, string>> = Object.freeze({
	near: "Signal from which on a phone is near, dBm. Closer to zero is nearer.",
	hysteresis: "How much weaker a near phone's signal may become before it is not near any more, dB.",
});

export const SCANNER_SETTINGS: Readonly<Record<keyof typeof SCANNER_FIELDS, string>> = Object.freeze({
	model:
		"How it is made: a module of the GM65 or GM861 kind, which the reader sets up and watches; any that sends what it reads as a line; or none.",
	baud: "Its port's rate, bits per second.",
});

export const DOOR_SETTINGS: Readonly<Record<keyof DoorConfig, string>> = Object.freeze({
	lock: "What the lock does without power: stays locked (most strikes) or unlocks (magnets).",
	contact: "The relay's contact that feeds the lock. The relay is off while the reader does not run.",
	relock: "When it locks after an entry: as the door opens, when it has closed, or after strikeTime alone.",
	strikeTime: "How long the lock stays released for an entry.",
	extendedStrikeTime: "The same for holders with extended time. Not shorter than strikeTime.",
	heldTime: "How long the door may stay open before it alarms. 0: never.",
	extendedHeldTime: "The same for holders with extended time.",
	preAlarm: "How long before that alarm it warns. 0: no warning. Shorter than heldTime.",
	forcedGrace:
		"How long an opening without a cause waits for one before the forced alarm: some sensors and phones report after the door has moved. 0: alarms at once.",
	exit: "What request-to-exit does: releases the lock, only keeps the alarm quiet (a handle opens), or nothing.",
	exitTime: "How long a request-to-exit counts.",
	exitStuckTime:
		"Active for longer, request-to-exit is reported as stuck, with the fault light. It goes on unlocking: people may stand there.",
	fire: "What the fire input does. To unlock wins over everything, lockdown too.",
	doubleTapTime:
		"Two taps of one holder within this time begin or end passage mode, where the plan allows it.",
	officeTime: "When passage mode ends by itself.",
	sounds: "What is heard at the reader.",
	position: `The switch that tells whether the door is open. ${WIRING}`,
	requestToExit: `The button or sensor inside. ${WIRING}`,
	tamper: `The housing's contact. ${WIRING}`,
	fireInput: `The fire alarm's contact. ${WIRING}`,
	lockdownInput: `The lockdown switch. ${WIRING}`,
});

const DB: Readonly<Record<keyof ProximityConfig, string>> = Object.freeze({ near: "dBm", hysteresis: "dB" });

/** Unit of a setting that is a number, by its name with dots. All of a door's numbers are seconds. */
export function unitOf(field: string): string {
	const [group, name] = field.split(".");
	if (group === "proximity") return DB[name as keyof ProximityConfig] ?? "";
	return group === "door" ? "s" : "";
}
