import { CAUSES } from "../../protocol/events.js";

/** What the door is set to, the strongest first: fire, lockdown, then unlocked for a time or locked. */
export type Mode = "evacuation" | "lockdown" | "unlocked" | "locked";

/** What the schedule says: `first-person` unlocks once a holder with that right has come in. */
export type ScheduledMode = "locked" | "unlocked" | "first-person";

/** Everything that can keep a door unlocked or shut for longer than one entry, and which of it wins. */
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

	/** Why the door is to be unlocked, of CAUSES; `none` where it is to be locked. */
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
