// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { type DoorConfig, relayOn } from "../../protocol/config/door.js";
import {
	DECISION_FLAGS,
	type DoorCommand,
	type DoorInput,
	EVENTS,
	type EventSink,
	type InputFault,
	LINKS,
	type Link,
} from "../../protocol/events.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import { type Decision, REASONS } from "../../protocol/reasons.js";
import { Door, type EntryRights } from "./door.js";
import {
	ALARM_MS,
	alarms,
	BETWEEN_MS,
	type Conditions,
	chooseSignal,
	DENIED_MS,
	READING_MS,
	type Signal,
} from "./feedback.js";
import type { Mode } from "./mode.js";

/** The relay as the door uses it: `drivers/relay`. */
export interface StrikeOutput {
	/** Switches on for at most `ms` (may be Infinity); falls off by itself unless it is called again within the lease. */
	on(ms: number): void;
	off(): void;
	readonly lapses: number;
}

/** The indicator as the door uses it: `drivers/indicator`. */
export interface SignalOutput {
	show(signal: Signal): void;
}

export interface DoorOptions {
	config: DoorConfig;
	clock: Clock;
	strike: StrikeOutput;
	signals: SignalOutput;
	/** Takes every event before the relay moves for it, so that the log has the cause of each unlocking. */
	onEvent: EventSink;
	/** Renewal period of a relay that is on, ms: `RENEWAL_MS` of `drivers/relay`. */
	renewalMs: number;
}

/** The levels of the inputs at a start; true is active. What is unknown stays as it was before the restart. */
export interface DoorLevels {
	doorPosition: boolean;
	rex?: boolean;
	tamper?: boolean | "unknown";
	fire?: boolean | "unknown";
	lockdown?: boolean | "unknown";
}

/** Who asks to be let in, as the log records it with the decision. */
export interface AccessRequest {
	/** The credential's `cti`, 8 bytes; zeros where none was read. */
	readonly id: Uint8Array;
	readonly link: Link;
	/** The version of the plan that decided, 0 without one. */
	readonly planVersion: number;
	readonly rights: EntryRights;
}

/** How long `exercise` moves the relay, ms. A relay takes 5 to 15 ms; the rest separates its two clicks for the ear. */
const EXERCISE_MS = 250;

/** Time to the next step where nothing is due, ms. */
const IDLE_MS = 60_000;

const LOCKDOWN = "lockdown";
const LOCKED_DOWN: Decision = Object.freeze({ granted: false, reason: "lockdown" });

/**
 * Binds the door to the clock, the relay, the indicator and the log. Each call steps the door to the present time first,
 * so that no flood of inputs can keep the relay on past its time. An exception below switches the relay off before it is
 * passed on.
 */
export class DoorController {
	readonly door: Door;
	private readonly options: DoorOptions;
	private readonly alarm: Alarm;
	private readonly conditions: Conditions = {
		identify: false,
		denied: false,
		reading: false,
		fault: false,
		clock: false,
		offline: false,
		between: false,
	};
	private identifyUntil = 0;
	private deniedUntil = 0;
	private readingUntil = 0;
	/** While the door alarms: when the alarm and other signals may take turns; -1 where it does not. */
	private turnAt = -1;
	#signal: Signal | undefined;
	private lapses = 0;
	private started = false;

	constructor(options: DoorOptions) {
		this.options = options;
		this.door = new Door(options.config, options.onEvent);
		this.alarm = options.clock.alarm(() => this.step(nothing));
		options.signals.show("starting");
	}

	get lockdown(): boolean {
		return this.door.lockdown;
	}

	/** Its mode admits the first person alone, who has not come. */
	get awaitingFirstPerson(): boolean {
		return this.door.awaitingFirstPerson;
	}

	get mode(): Mode {
		return this.door.mode;
	}

	/** The signal shown now. */
	get signal(): Signal {
		return this.#signal ?? "starting";
	}

	/**
	 * Called once. `memory`: `AuditLog.doorMemory`; `levels`: the inputs as they are; `scheduled`: the plan's mode; `noticeFor`: what is
	 * left of a lockdown by notice, ms.
	 */
	start(memory: number, levels: DoorLevels, scheduled: PlanMode = "locked", noticeFor?: number): void {
		this.started = true;
		this.step((door, now) => {
			door.start(now, memory, levels.doorPosition, scheduled, noticeFor);
			const { fire = false, lockdown = false, tamper = false } = levels;
			if (fire !== "unknown") door.fire(now, fire);
			if (lockdown !== "unknown") door.lockdownInput(now, lockdown);
			if (tamper !== "unknown") door.tamper(now, tamper);
			if (levels.rex) door.exit(now, true);
		});
	}

	/**
	 * Logs a decision, then opens the door or shows the denial. Returns the decision that took effect, which is a denial
	 * where lockdown came in between.
	 */
	decide(decision: Decision, request: AccessRequest): Decision {
		return this.step(this.answer, decision, request);
	}

	private answer(door: Door, now: number, decision: Decision, request: AccessRequest): Decision {
		const { rights, link } = request;
		const refused = decision.granted && door.mode === LOCKDOWN && rights.override !== true;
		const result = refused ? LOCKED_DOWN : decision;
		const flags =
			LINKS[link] |
			(rights.extended ? DECISION_FLAGS.extended : 0) |
			(rights.firstPerson ? DECISION_FLAGS.firstPerson : 0) |
			(rights.passageMode ? DECISION_FLAGS.passage : 0) |
			(result.restoredTime === true ? DECISION_FLAGS.restoredTime : 0);
		this.options.onEvent(
			EVENTS.decision,
			(flags << 8) | REASONS[result.reason],
			request.planVersion,
			request.id,
		);
		this.readingUntil = 0;
		if (result.granted) {
			this.deniedUntil = 0;
			door.grant(now, rights, request.id);
		} else this.deniedUntil = Math.max(now + DENIED_MS, this.turnAt + BETWEEN_MS);
		return result;
	}

	/** Whether a phone is there and is being read; false also where it has gone without an answer. */
	reading(on: boolean): void {
		this.step(this.read, on);
	}

	private read(_door: Door, now: number, on: boolean): void {
		this.readingUntil = on ? now + READING_MS : 0;
	}

	/** As `Door.command`: false when lockdown refuses. */
	command(command: DoorCommand, seconds?: number, by?: Uint8Array): boolean {
		return this.step((door, now) => door.command(now, command, seconds, by));
	}

	/** As `Door.notice`. */
	notice(ms: number, sequence?: number): void {
		this.step(notice, ms, sequence);
	}

	/**
	 * Moves the relay of an unlocked door to locked for `EXERCISE_MS`, or until anything happens at the door, so that an
	 * installer hears whether it works. Returns false and moves nothing where a way out depends on the relay.
	 */
	exercise(): boolean {
		this.step(nothing);
		const { door } = this;
		const { config, strike } = this.options;
		if (!door.unlocked || door.egress) return false;
		// A relay that locks while it is on: its lease ends that even where the firmware hangs.
		if (relayOn(config, true)) strike.off();
		else strike.on(EXERCISE_MS);
		this.alarm.set(Math.min(EXERCISE_MS, Math.max(0, door.due)));
		return true;
	}

	schedule(mode: PlanMode): void {
		if (mode !== this.door.scheduled) this.step(scheduled, mode);
	}

	/** A debounced input changed. `active`: open, pressed, tampered with, fire, lockdown. */
	input(input: DoorInput, active: boolean): void {
		this.step((door, now) => {
			if (input === "doorPosition") door.position(now, active);
			else if (input === "rex") door.exit(now, active);
			else if (input === "tamper") door.tamper(now, active);
			else if (input === "fire") door.fire(now, active);
			else door.lockdownInput(now, active);
		});
	}

	inputFault(input: DoorInput, fault: InputFault): void {
		this.step((door, now) => door.inputFault(now, input, fault));
	}

	/** Lights and sounds for `ms`, so that an installer finds the reader. */
	identify(ms: number): void {
		this.step((_door, now) => {
			this.identifyUntil = now + ms;
		});
	}

	/** Sets a condition of the reader that the light shows. */
	condition(which: "fault" | "clock" | "offline", is: boolean): void {
		if (this.conditions[which] === is) return;
		this.conditions[which] = is;
		this.step(nothing);
	}

	/** Switches the relay off for good. */
	close(): void {
		this.alarm.close();
		this.options.strike.off();
	}

	/** Runs `action` between the step of time and the outputs. `a` and `b` are passed to it, so that a tap makes no closure. */
	private step<T, A, B>(action: (this: this, door: Door, now: number, a: A, b: B) => T, a?: A, b?: B): T {
		const { clock, strike } = this.options;
		const now = clock.now();
		try {
			if (this.started) this.door.advance(now);
			const result = action.call(this, this.door, now, a!, b!);
			if (this.started) this.drive(now);
			if (strike.lapses !== this.lapses) this.lapsed();
			return result;
		} catch (error) {
			strike.off();
			throw error;
		}
	}

	private lapsed(): void {
		const { strike, onEvent } = this.options;
		const count = strike.lapses - this.lapses;
		this.lapses = strike.lapses;
		onEvent(EVENTS["relay-lapsed"], 0, count);
	}

	private drive(now: number): void {
		const { door } = this;
		const { config, strike, renewalMs } = this.options;
		const { unlocked } = door;
		const on = relayOn(config, unlocked);
		// Energised to unlock: the relay ends it on time by itself. Energised to lock: as long as the lease is renewed.
		if (on) strike.on(unlocked ? door.unlockedFor : Number.POSITIVE_INFINITY);
		else strike.off();
		const shown = this.show(now);
		this.alarm.set(Math.min(Math.max(0, door.due), shown, on ? renewalMs : IDLE_MS));
	}

	/** Shows the signal that is due. Returns the milliseconds until it ends by itself. */
	private show(now: number): number {
		const conditions = this.conditions;
		conditions.identify = now < this.identifyUntil;
		conditions.denied = now < this.deniedUntil;
		conditions.reading = now < this.readingUntil;
		this.takeTurns(now);
		const signal = chooseSignal(this.door, conditions);
		if (signal !== this.#signal) {
			this.#signal = signal;
			this.options.signals.show(signal);
		}
		let ends = IDLE_MS;
		if (conditions.identify) ends = Math.min(ends, this.identifyUntil - now);
		if (conditions.denied) ends = Math.min(ends, this.deniedUntil - now);
		if (conditions.reading) ends = Math.min(ends, this.readingUntil - now);
		return this.turnAt > now ? Math.min(ends, this.turnAt - now) : ends;
	}

	/** Between alarms of the door a denial or the search for this reader shows, for a bounded share of the time. */
	private takeTurns(now: number): void {
		const conditions = this.conditions;
		if (!alarms(this.door)) {
			this.turnAt = -1;
			conditions.between = false;
		} else if (this.turnAt < 0) this.turnAt = now + ALARM_MS;
		else if (now >= this.turnAt && (conditions.between || conditions.denied || conditions.identify)) {
			conditions.between = !conditions.between;
			this.turnAt = now + (conditions.between ? BETWEEN_MS : ALARM_MS);
		}
	}
}

function nothing(): void {}

function scheduled(door: Door, now: number, mode: PlanMode): void {
	door.schedule(now, mode);
}

function notice(door: Door, now: number, ms: number, sequence: number | undefined): void {
	door.notice(now, ms, sequence);
}
