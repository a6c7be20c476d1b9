// SPDX-License-Identifier: Apache-2.0

import type { DoorConfig } from "../../protocol/config/door.js";
import type { DoorCommand, DoorInput, InputFault } from "../../protocol/events.js";
import { CAUSES, COMMANDS, EVENTS, type EventSink, ORIGINS, OUTCOMES } from "../../protocol/events.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import { EntryRelease } from "./entry.js";
import { ExitRelease } from "./exit.js";
import { type Leaf, LeafAlarm } from "./leaf.js";
import { REMEMBERED } from "./memory.js";
import { DoorMode, type Mode } from "./mode.js";
import { PassageSwitch } from "./passage.js";
import { NEVER, SETTLE_MS } from "./release.js";
import { Trouble } from "./trouble.js";

/** The rights that a plan gives a holder besides entry. */
export interface EntryRights {
	/** Extended strike and held times. */
	readonly extended: boolean;
	/** Counts as the first person. */
	readonly firstPerson: boolean;
	/** May switch passage mode by a double tap. */
	readonly passageMode: boolean;
	/** Opens during a lockdown, for one entry a tap; the lockdown goes on. */
	readonly override?: boolean;
}

/** What each source of a lockdown sets, but for the schedule. */
const LOCKDOWNS: Readonly<Record<number, "lockdownCommand" | "lockdownInput" | "lockdownNotice">> =
	Object.freeze({
		[CAUSES.command]: "lockdownCommand",
		[CAUSES.lockdown]: "lockdownInput",
		[CAUSES.notice]: "lockdownNotice",
	});

const CLOSED = "closed";
const RELEASED = "released";
const LOCKDOWN = "lockdown";
const UNLOCK = "unlock";

/**
 * The door as a state machine: inputs and time in; lock, signals and events out. It has no clock and no IO and allocates
 * nothing; `DoorController` binds it to the world. An event is emitted before `unlocked` shows the change that it explains.
 *
 * `now` is monotonic time, ms. Where it jumps back, no time has passed.
 */
export class Door {
	readonly config: DoorConfig;
	private readonly emit: EventSink;
	readonly #mode = new DoorMode();
	/** The cause, of CAUSES, for which the door stays unlocked. */
	private unlockedBy: number = CAUSES.none;

	/** The door's own time: the sum of all steps forward. */
	private time = 0;
	private last = 0;

	readonly #leaf: LeafAlarm;
	private readonly entry = new EntryRelease();
	readonly #exit = new ExitRelease();
	private readonly passage: PassageSwitch;
	readonly #trouble: Trouble;

	/** The lock waits for an open leaf until here, where `relock` is `on-close`. */
	private openUntil = -1;
	/** The door was opened under the present release, so that closing ends it where `relock` is `on-close`. */
	private used = false;
	/** An opening until here has the cause of the last one. */
	private bounceUntil = -1;
	private lastCause: number = CAUSES.none;
	/** The lockdown by notice ends here. */
	private noticeEnd = NEVER;
	/** The level of the fire input, even where `config.fire` ignores it. */
	private fireInput = false;

	constructor(config: DoorConfig, emit: EventSink) {
		this.config = config;
		this.emit = emit;
		this.#leaf = new LeafAlarm(config, emit);
		this.passage = new PassageSwitch(config, this.#mode);
		this.#trouble = new Trouble(emit);
	}

	get mode(): Mode {
		return this.#mode.mode;
	}

	get leaf(): Leaf {
		const { state } = this.#leaf;
		return state === CLOSED && this.released ? RELEASED : state;
	}

	/** Whether the door can be opened from outside now. The relay's level follows from it by `relayOn`. */
	get unlocked(): boolean {
		return this.unlockedBy !== CAUSES.none || this.released;
	}

	/** Whether it is unlocked for people to get out: fire, or request-to-exit. */
	get egress(): boolean {
		return this.#mode.fire || this.exitReleases;
	}

	/** Whether the position switch reports an open leaf. */
	get open(): boolean {
		return this.#leaf.isOpen;
	}

	get lockdown(): boolean {
		return this.#mode.lockdown;
	}

	/** Milliseconds from the last step that a lockdown by notice still lasts; 0: there is none. */
	get noticeFor(): number {
		return this.#mode.lockdownNotice ? this.noticeEnd - this.time : 0;
	}

	get firstPersonIn(): boolean {
		return this.#mode.firstPersonIn;
	}

	get awaitingFirstPerson(): boolean {
		return this.#mode.awaitingFirstPerson;
	}

	get scheduled(): PlanMode {
		return this.#mode.scheduled;
	}

	get passageMode(): boolean {
		return this.#mode.passageMode;
	}

	/** Whether the housing is tampered with or an input is faulty. */
	get trouble(): boolean {
		return this.#trouble.any;
	}

	/** Granted entries whose outcome is still open. */
	get pending(): number {
		return this.entry.pending;
	}

	/** Milliseconds from the last step until `advance` has to be called; Infinity when nothing is due. */
	get due(): number {
		return this.next() - this.time;
	}

	/** Milliseconds from the last step that the door stays unlocked: Infinity while nothing ends it, 0 when locked. */
	get unlockedFor(): number {
		if (this.unlockedBy !== CAUSES.none) return NEVER;
		const until = this.exitReleases ? this.#exit.endsAt : -1;
		return Math.max(this.entry.until, this.openUntil, until, this.time) - this.time;
	}

	/**
	 * Called once, after a restart. `memory`: of `remember`; `open`: the position switch; `scheduled`: the plan's mode, so that no
	 * command opens for a moment what the plan locks down; `noticeFor`: what is left of a lockdown by notice, ms; absent: there was none. Commands and lockdown last over a restart. Passage mode and first-person-in end, as the reader may have been off for any time.
	 */
	start(
		now: number,
		memory: number,
		open: boolean,
		scheduled: PlanMode = "locked",
		noticeFor?: number,
	): void {
		this.last = now;
		const mode = this.#mode;
		if (memory & REMEMBERED.pending) this.emit(EVENTS.outcome, OUTCOMES.restart, 0);
		mode.lockdownCommand = (memory & REMEMBERED.lockdown) !== 0;
		mode.lockdownInput = (memory & REMEMBERED.lockdownInput) !== 0;
		mode.lockdownNotice = noticeFor !== undefined;
		this.noticeEnd = noticeFor === undefined ? NEVER : this.time + noticeFor;
		this.fireInput = (memory & REMEMBERED.fire) !== 0;
		mode.fire = this.fireInput && this.config.fire === "unlock";
		this.#trouble.tamper = (memory & REMEMBERED.tamper) !== 0;
		if (memory & REMEMBERED.unlock) mode.command = "unlock";
		if (memory & REMEMBERED.lock) mode.command = "lock";
		mode.scheduled = scheduled;
		if (scheduled === "lockdown") this.emit(EVENTS.lockdown, CAUSES.schedule, 0);
		const cause = mode.cause();
		if (cause !== CAUSES.none) this.emit(EVENTS.unlocked, cause, 0);
		else if (memory & REMEMBERED.unlocked) this.emit(EVENTS.locked, CAUSES.restart, 0);
		this.unlockedBy = cause;
		if (open && this.config.position !== "none") this.startOpen(memory);
		else this.#leaf.restartClosed(memory);
	}

	private startOpen(memory: number): void {
		this.lastCause = CAUSES.restart;
		this.#leaf.restartOpen(memory);
		if (this.unlockedBy === CAUSES.none) this.#leaf.resume(this.time, memory);
		else this.clearAlarm(this.unlockedBy);
	}

	/** Handles what is due until `now`, in its order. */
	advance(now: number): void {
		if (now > this.last) this.time += now - this.last;
		this.last = now;
		for (let at = this.next(); at <= this.time; at = this.next()) this.expire(at);
	}

	/**
	 * Lets the holder of a credential in; the log has the decision already. `id`: its 8 bytes. Returns false and does nothing
	 * where lockdown refuses.
	 */
	grant(now: number, rights: EntryRights, id: Uint8Array): boolean {
		this.advance(now);
		if (this.mode === LOCKDOWN && rights.override !== true) return false;
		const { config } = this;
		const entry = this.entry;
		const seconds = rights.extended ? config.extendedStrikeTime : config.strikeTime;
		if (rights.extended) entry.extendedUntil = this.time + seconds * 1000 + SETTLE_MS;
		entry.pending++;
		this.enter(seconds, CAUSES.grant);
		entry.settleAt = entry.allowedUntil;
		const mode = this.#mode;
		if (rights.firstPerson && mode.firstPersonCounts) {
			mode.firstPersonIn = true;
			this.level();
		}
		if (rights.passageMode) {
			this.passage.tap(this.time, id);
			this.level();
		}
		return true;
	}

	/**
	 * Executes a command. `seconds`: how long an `open` releases; 0: the strike time. `by`: the 8 bytes of who gave it at the site;
	 * absent: an installer. Returns false and does nothing where lockdown refuses.
	 */
	command(now: number, command: DoorCommand, seconds = 0, by?: Uint8Array): boolean {
		this.advance(now);
		const mode = this.#mode;
		const refused = command === "open" && this.mode === "lockdown";
		const origin = by === undefined ? ORIGINS.cable : ORIGINS.site;
		this.emit(EVENTS.command, (origin << 8) | COMMANDS[command], (seconds << 8) | (refused ? 1 : 0), by);
		switch (command) {
			case "open":
				if (!refused) this.enter(seconds || this.config.strikeTime, CAUSES.command);
				break;
			case "lockdown":
			case "release":
				this.lockDown(CAUSES.command, command === "lockdown");
				if (command === "release") this.lockDown(CAUSES.notice, false);
				break;
			default:
				mode.command = command;
				this.passage.end();
				this.level();
				if (command === "lock") this.cancelEntries();
		}
		return !refused;
	}

	/** Takes the plan's mode, at every change and at start. After a change the first person has to come again. */
	schedule(now: number, scheduled: PlanMode): void {
		this.advance(now);
		const mode = this.#mode;
		const before = mode.scheduled;
		if (scheduled === before) return;
		if (scheduled === "lockdown") this.emit(EVENTS.lockdown, CAUSES.schedule, 0);
		if (before === "lockdown") this.emit(EVENTS["lockdown-ended"], CAUSES.schedule, 0);
		mode.scheduled = scheduled;
		mode.firstPersonIn = false;
		this.changeMode();
	}

	/** Request-to-exit, debounced. */
	exit(now: number, active: boolean): void {
		this.advance(now);
		const exit = this.#exit;
		if (active === exit.active) return;
		if (!active) {
			exit.letGo(this.time);
			this.#trouble.setFault("rex", "none");
			return;
		}
		exit.active = true;
		const { config } = this;
		const ignored = config.exit === "ignore";
		this.emit(EVENTS.exit, ignored ? 1 : 0, 0);
		exit.stuckAt = this.time + config.exitStuckTime * 1000;
		if (ignored) return;
		this.used = false;
		exit.held = true;
		exit.extend(this.time + config.exitTime * 1000);
		// The sensor was slower than the leaf.
		if (this.#leaf.state === "unexplained") this.clearAlarm(CAUSES.exit);
	}

	/** The position switch, debounced. Ignored where the door has none. */
	position(now: number, open: boolean): void {
		this.advance(now);
		if (this.config.position === "none" || open === this.open) return;
		if (open) this.opened();
		else this.closed();
	}

	tamper(now: number, active: boolean): void {
		this.advance(now);
		this.#trouble.setTamper(active);
	}

	/** The fire input, debounced. The log has it in any case; `config.fire` decides whether the door unlocks. */
	fire(now: number, active: boolean): void {
		this.advance(now);
		if (active === this.fireInput) return;
		this.fireInput = active;
		this.emit(active ? EVENTS.fire : EVENTS["fire-ended"], 0, 0);
		if (this.config.fire !== "unlock") return;
		this.#mode.fire = active;
		this.changeMode();
	}

	lockdownInput(now: number, active: boolean): void {
		this.advance(now);
		this.lockDown(CAUSES.lockdown, active);
	}

	/**
	 * A lockdown notice of the site: for `ms` from now on, in place of the one before; 0 ends that. `sequence`: its own; absent: the end
	 * of the one that stands has become known.
	 */
	notice(now: number, ms: number, sequence?: number): void {
		this.advance(now);
		if (ms > 0 && this.#mode.lockdownNotice && sequence !== undefined) {
			// A newer one, which locks down as the first did.
			this.emit(EVENTS.lockdown, CAUSES.notice, sequence);
			this.changeMode();
		} else this.lockDown(CAUSES.notice, ms > 0, sequence);
		if (ms > 0) this.noticeEnd = this.time + ms;
	}

	/** What supervision found of a line; `none` when it works again. The input keeps its last level meanwhile. */
	inputFault(now: number, input: DoorInput, fault: InputFault): void {
		this.advance(now);
		this.#trouble.setFault(input, fault);
	}

	// The leaf.

	private opened(): void {
		const cause = this.openingCause();
		const entry = this.entry;
		this.emit(EVENTS["door-opened"], cause, entry.pending);
		const extended = entry.settle() > 0 && this.extended;
		if (cause === CAUSES.none) {
			this.#leaf.unexplained(this.time);
			return;
		}
		this.#leaf.state = "open";
		this.lastCause = cause;
		this.used = true;
		if (this.unlockedBy === CAUSES.none) {
			this.#leaf.watch(this.time, extended ? this.extendedHeld : this.config.heldTime);
		}
		if (this.config.relock === "on-open") this.endReleases();
		else if (this.config.relock === "on-close") this.releaseWhileOpen();
	}

	/** Keeps the bolt back until the leaf is closed, but no longer than to the held-open alarm. */
	private releaseWhileOpen(): void {
		if (!this.released) return;
		const { heldAt } = this.#leaf;
		this.openUntil = heldAt === NEVER ? this.time + this.config.extendedStrikeTime * 1000 : heldAt;
	}

	private openingCause(): number {
		if (this.unlockedBy !== CAUSES.none) return this.unlockedBy;
		if (this.time < this.entry.allowedUntil) return this.entry.cause;
		if (this.time < this.#exit.allowedEnd) return CAUSES.exit;
		return this.time < this.bounceUntil ? this.lastCause : CAUSES.none;
	}

	private closed(): void {
		const { state } = this.#leaf;
		const forced = state === "forced" || state === "unexplained";
		this.#leaf.close();
		this.openUntil = -1;
		if (!forced) this.allowBounce(this.lastCause);
		if (this.used && this.config.relock === "on-close") this.endReleases();
	}

	/** An open leaf has a cause from now on: alarms end, and it may stay open for `seconds` more. */
	private clearAlarm(cause: number, seconds = this.config.heldTime): void {
		this.#leaf.clearAlarm(this.time, cause, this.unlockedBy === CAUSES.none ? seconds : 0);
		this.lastCause = cause;
	}

	private get extendedHeld(): number {
		return this.config.heldTime === 0 ? 0 : this.config.extendedHeldTime;
	}

	// Releases for one entry or exit.

	/** The position switch has no say in it: one that wrongly reports an open leaf must not lock people in. */
	private get exitReleases(): boolean {
		return this.config.exit === UNLOCK && this.#exit.endsAt > this.time;
	}

	private get released(): boolean {
		return this.entry.until > this.time || this.openUntil > this.time || this.exitReleases;
	}

	private get extended(): boolean {
		return this.time < this.entry.extendedUntil;
	}

	private enter(seconds: number, cause: number): void {
		this.used = false;
		this.entry.cause = cause;
		this.entry.extend(this.time + seconds * 1000);
		if (this.open) {
			this.clearAlarm(cause, this.extended ? this.extendedHeld : this.config.heldTime);
		}
	}

	private endReleases(): void {
		this.entry.end();
		this.#exit.end();
	}

	/** Lockdown and `lock` end the releases of entries, but a leaf that moves already is not called forced. The way out stays. */
	private cancelEntries(): void {
		const entry = this.entry;
		if (entry.allowedUntil > this.time) this.allowBounce(entry.cause, entry.allowedUntil);
		this.openUntil = -1;
		entry.end();
		this.settle(OUTCOMES.cancelled);
	}

	private allowBounce(cause: number, limit = NEVER): void {
		this.lastCause = cause;
		this.bounceUntil = Math.max(this.bounceUntil, Math.min(limit, this.time + SETTLE_MS));
	}

	private settle(outcome: number): void {
		const count = this.entry.settle();
		if (count > 0) this.emit(EVENTS.outcome, outcome, count);
	}

	private outcome(): number {
		if (this.config.position === "none" || this.#trouble.isFaulty("doorPosition")) return OUTCOMES.unknown;
		return this.open ? OUTCOMES["already-open"] : OUTCOMES["not-opened"];
	}

	// Modes.

	/** Brings the door to what its mode says. */
	private level(): void {
		const before = this.unlockedBy;
		const cause = this.#mode.cause();
		if (cause === before) return;
		if (cause === CAUSES.none) {
			this.emit(EVENTS.locked, before, 0);
			this.allowBounce(before);
			this.unlockedBy = cause;
			if (this.open) this.#leaf.watch(this.time, this.config.heldTime);
			return;
		}
		this.emit(EVENTS.unlocked, cause, 0);
		this.unlockedBy = cause;
		if (this.open) this.clearAlarm(cause);
	}

	private lockDown(source: number, active: boolean, value = 0): void {
		const mode = this.#mode;
		const which = LOCKDOWNS[source]!;
		if (active === mode[which]) return;
		this.emit(active ? EVENTS.lockdown : EVENTS["lockdown-ended"], source, value);
		mode[which] = active;
		if (!mode.lockdownNotice) this.noticeEnd = NEVER;
		this.changeMode();
	}

	/** What was switched on for the mode before, by taps, ends with it. */
	private changeMode(): void {
		this.passage.end();
		this.level();
		if (this.lockdown) this.cancelEntries();
	}

	// Time.

	private next(): number {
		const entry = this.entry;
		const exit = this.#exit;
		let at = Math.min(this.#leaf.dueAt, entry.settleAt, exit.stuckAt, this.passage.endsAt, this.noticeEnd);
		if (entry.until >= 0) at = Math.min(at, entry.until);
		if (this.openUntil >= 0) at = Math.min(at, this.openUntil);
		if (exit.until >= 0) at = Math.min(at, exit.until);
		return at;
	}

	private expire(at: number): void {
		const entry = this.entry;
		const exit = this.#exit;
		if (at === entry.until) entry.until = -1;
		else if (at === this.openUntil) this.openUntil = -1;
		else if (at === exit.until) exit.until = -1;
		else if (at === entry.settleAt) this.settle(this.outcome());
		else if (at === this.noticeEnd) this.lockDown(CAUSES.notice, false);
		else if (at === this.#leaf.dueAt) this.#leaf.expire(at);
		else if (at === exit.stuckAt) {
			exit.stuckAt = NEVER;
			this.#trouble.setFault("rex", "stuck");
		} else {
			this.passage.end();
			this.level();
		}
	}
}
