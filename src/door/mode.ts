// SPDX-License-Identifier: Apache-2.0

import { CAUSES } from "../../protocol/events.js";
import type { PlanMode } from "../../protocol/plan/tables.js";

/** The mode of a door, the strongest first: fire, lockdown, then unlocked or locked. */
export type Mode = "evacuation" | "lockdown" | "unlocked" | "locked";

// Constants, as a literal is copied into RAM whenever it is met.
const LOCKDOWN = "lockdown";
const UNLOCKED = "unlocked";
const LOCKED = "locked";
const EVACUATION = "evacuation";
const LOCK = "lock";
const UNLOCK = "unlock";
const ADMIT_AFTER_FIRST = "admit-after-first";
const UNLOCKED_AFTER_FIRST = "unlocked-after-first";
const FIRST_PERSON = CAUSES["first-person"];

/** What keeps a door unlocked or locked for longer than one entry, and its precedence. */
export class DoorMode {
	fire = false;
	lockdownInput = false;
	lockdownCommand = false;
	/** By a notice of the site, which has an end. */
	lockdownNotice = false;
	command: "normal" | "unlock" | "lock" = "normal";
	/** The plan's mode, by its schedule. */
	scheduled: PlanMode = "locked";
	/** A holder who counts as first person has come since that mode began. */
	firstPersonIn = false;
	passageMode = false;

	get lockdown(): boolean {
		return this.lockdownCommand || this.lockdownNotice || this.lockdownInput || this.scheduled === LOCKDOWN;
	}

	/** The first person who comes changes something. */
	get firstPersonCounts(): boolean {
		const { scheduled } = this;
		return (scheduled === ADMIT_AFTER_FIRST || scheduled === UNLOCKED_AFTER_FIRST) && !this.firstPersonIn;
	}

	/** Only that person is admitted. */
	get awaitingFirstPerson(): boolean {
		return this.scheduled === ADMIT_AFTER_FIRST && !this.firstPersonIn;
	}

	/** The cause, of CAUSES, for which the door is to be unlocked; `none` where it is to be locked. */
	cause(): number {
		if (this.fire) return CAUSES.fire;
		if (this.lockdown || this.command === LOCK) return CAUSES.none;
		if (this.command === UNLOCK) return CAUSES.command;
		if (this.passageMode) return CAUSES.office;
		if (this.scheduled === UNLOCKED) return CAUSES.schedule;
		return this.scheduled === UNLOCKED_AFTER_FIRST && this.firstPersonIn ? FIRST_PERSON : CAUSES.none;
	}

	get mode(): Mode {
		if (this.fire) return EVACUATION;
		if (this.lockdown) return LOCKDOWN;
		return this.cause() === CAUSES.none ? LOCKED : UNLOCKED;
	}
}
