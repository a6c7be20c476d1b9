import { CAUSES } from "../../protocol/events.js";

/** The mode of a door, the strongest first: fire, lockdown, then unlocked or locked. */
export type Mode = "evacuation" | "lockdown" | "unlocked" | "locked";

/** The mode by schedule. `first-person` unlocks once a holder with that right has come in. */
export type ScheduledMode = "locked" | "unlocked" | "first-person";

/** What keeps a door unlocked or locked for longer than one entry, and its precedence. */
export class DoorMode {
	fire = false;
	lockdownInput = false;
	lockdownCommand = false;
	command: "normal" | "unlock" | "lock" = "normal";
	scheduled: ScheduledMode = "locked";
	firstPersonIn = false;
	passageMode = false;

	get lockdown(): boolean {
		return this.lockdownCommand || this.lockdownInput;
	}

	/** The cause, of CAUSES, for which the door is to be unlocked; `none` where it is to be locked. */
	cause(): number {
		if (this.fire) return CAUSES.fire;
		if (this.lockdown || this.command === "lock") return CAUSES.none;
		if (this.command === "unlock") return CAUSES.command;
		if (this.passageMode) return CAUSES.office;
		if (this.scheduled === "unlocked") return CAUSES.schedule;
		return this.scheduled === "first-person" && this.firstPersonIn ? CAUSES["first-person"] : CAUSES.none;
	}

	get mode(): Mode {
		if (this.fire) return "evacuation";
		if (this.lockdown) return "lockdown";
		return this.cause() === CAUSES.none ? "locked" : "unlocked";
	}
}
