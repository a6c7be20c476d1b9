import type { DoorConfig } from "../../protocol/config/door.js";
import type { DoorCommand, DoorInput, InputFault } from "../../protocol/events.js";
import {
	CAUSES,
	COMMANDS,
	EVENTS,
	type EventSink,
	INPUT_FAULTS,
	INPUTS,
	OUTCOMES,
} from "../../protocol/events.js";
import { REMEMBERED } from "./memory.js";
import { DoorMode, type Mode, type ScheduledMode } from "./mode.js";

/**
 * Where the leaf is and what its alarm does. `released`: closed, and unlocked for somebody; `open`: opened with a cause;
 * `warning`: the pre-alarm; `held`: open for too long; `forced`: opened without a cause.
 */
export type Leaf = "closed" | "released" | "open" | "warning" | "held" | "forced";

/** What `decide` has to know of the door. */
export interface DoorView {
	readonly lockdown: boolean;
	readonly firstPersonIn: boolean;
}

/** What the plan gives a holder besides an open door. */
export interface EntryRights {
	/** Extended strike and held times. */
	readonly extended: boolean;
	/** Counts as the first person. */
	readonly firstPerson: boolean;
	/** May switch office mode by a double tap. */
	readonly passageMode: boolean;
	/** Opens during a lockdown, once each time: the lockdown goes on. */
	readonly override?: boolean;
}

/**
 * An opening this long after the lock has locked still belongs to the entry, as the switch is debounced and a leaf
 * pulled in the last moment takes its time; and so does one that bounces open again. Milliseconds.
 */
export const SETTLE_MS = 500;

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The door as a state machine: inputs and time in, lock and signals and events out. It has no clock, no input or output,
 * and allocates nothing; `DoorController` binds it to the world. An event is emitted before the change that it explains
 * can be seen in `unlocked`.
 *
 * `now` is monotonic time in milliseconds. Where it jumps back, no time has passed.
 */
export class Door implements DoorView {
	readonly config: DoorConfig;
	readonly #emit: EventSink;
	readonly #mode = new DoorMode();
	/** Why it stays unlocked, of CAUSES. */
	#unlockedBy: number = CAUSES.none;

	/** The door's own time: the sum of all steps forward. */
	#time = 0;
	#last = 0;

	#leaf: Exclude<Leaf, "released"> = "closed";
	#warnAt = NEVER;
	#heldAt = NEVER;

	/** An entry is let in until here, and an opening excused until `#entryAllowedUntil`. */
	#entryUntil = -1;
	#entryAllowedUntil = -1;
	#entryCause: number = CAUSES.none;
	#extendedUntil = -1;
	/** The lock waits for an open leaf until here, where `relock` is `on-close`. */
	#openUntil = -1;
	/** The door was opened under the present release, so that closing ends it where `relock` is `on-close`. */
	#used = false;
	/** Granted entries of which nothing is known yet, and when that is settled. */
	#pending = 0;
	#settleAt = NEVER;

	#exitActive = false;
	/** Active, allowed and not stuck. */
	#exitHeld = false;
	#exitUntil = -1;
	#exitAllowedUntil = -1;
	#exitStuckAt = NEVER;

	/** An opening until here has the cause of the last one. */
	#bounceUntil = -1;
	#lastCause: number = CAUSES.none;

	readonly #lastTapId = new Uint8Array(8);
	#tapUntil = -1;
	#officeUntil = NEVER;

	#fireInput = false;
	#tamper = false;
	/** Bits 1 << INPUTS[…] of faulty inputs. */
	#faults = 0;

	constructor(config: DoorConfig, emit: EventSink) {
		this.config = config;
		this.#emit = emit;
	}

	get mode(): Mode {
		return this.#mode.mode;
	}

	get leaf(): Leaf {
		return this.#leaf === "closed" && this.#released ? "released" : this.#leaf;
	}

	/** Whether somebody can come in now. The relay's level follows from it by `relayOn`. */
	get unlocked(): boolean {
		return this.#unlockedBy !== CAUSES.none || this.#released;
	}

	/** Whether it is unlocked for people to get out: fire, or request-to-exit. */
	get egress(): boolean {
		return this.#mode.fire || this.#exitReleases;
	}

	/** Whether the leaf is open, as far as the switch tells. */
	get open(): boolean {
		return this.#leaf !== "closed";
	}

	get lockdown(): boolean {
		return this.#mode.lockdown;
	}

	get firstPersonIn(): boolean {
		return this.#mode.firstPersonIn;
	}

	get passageMode(): boolean {
		return this.#mode.passageMode;
	}

	/** A tamper contact or a faulty line. */
	get trouble(): boolean {
		return this.#tamper || this.#faults !== 0;
	}

	/** Granted entries whose outcome is still open. */
	get pending(): number {
		return this.#pending;
	}

	/** Milliseconds from the last step until `advance` has to be called; Infinity when nothing is due. */
	get due(): number {
		return this.#next() - this.#time;
	}

	/** Milliseconds from the last step that the door stays unlocked: Infinity while nothing ends it, 0 when locked. */
	get unlockedFor(): number {
		if (this.#unlockedBy !== CAUSES.none) return NEVER;
		const until = this.#exitReleases ? this.#exitEnd : -1;
		return Math.max(this.#entryUntil, this.#openUntil, until, this.#time) - this.#time;
	}

	/**
	 * Once, after a restart. `memory`: of `remember`; `open`: what the position switch says. Commands and lockdown last
	 * over a restart; office mode and first-person-in end, as nobody knows how long the reader was off.
	 */
	start(now: number, memory: number, open: boolean): void {
		this.#last = now;
		const mode = this.#mode;
		if (memory & REMEMBERED.pending) this.#emit(EVENTS.outcome, OUTCOMES.restart, 0);
		mode.lockdownCommand = (memory & REMEMBERED.lockdown) !== 0;
		mode.lockdownInput = (memory & REMEMBERED.lockdownInput) !== 0;
		this.#fireInput = (memory & REMEMBERED.fire) !== 0;
		mode.fire = this.#fireInput && this.config.fire === "unlock";
		this.#tamper = (memory & REMEMBERED.tamper) !== 0;
		if (memory & REMEMBERED.unlock) mode.command = "unlock";
		if (memory & REMEMBERED.lock) mode.command = "lock";
		const cause = mode.cause();
		if (cause !== CAUSES.none) this.#emit(EVENTS.unlocked, cause, 0);
		else if (memory & REMEMBERED.unlocked) this.#emit(EVENTS.locked, CAUSES.restart, 0);
		this.#unlockedBy = cause;
		if (open && this.config.position !== "none") this.#startOpen(memory);
		else this.#startClosed(memory);
	}

	#startClosed(memory: number): void {
		if (memory & REMEMBERED.open) this.#emit(EVENTS["door-closed"], CAUSES.restart, 0);
		if (memory & (REMEMBERED.held | REMEMBERED.warning)) {
			this.#emit(EVENTS["held-ended"], CAUSES.restart, 0);
		}
		if (memory & REMEMBERED.forced) this.#emit(EVENTS["forced-ended"], CAUSES.restart, 0);
	}

	/** A door propped over restarts does not get a fresh half minute at each: what comes next, comes at once. */
	#startOpen(memory: number): void {
		this.#leaf = "open";
		this.#lastCause = CAUSES.restart;
		if (!(memory & REMEMBERED.open)) this.#emit(EVENTS["door-opened"], CAUSES.restart, 0);
		if (memory & REMEMBERED.forced) this.#leaf = "forced";
		else if (memory & REMEMBERED.held) this.#leaf = "held";
		else if (memory & REMEMBERED.warning) this.#leaf = "warning";
		if (this.#unlockedBy !== CAUSES.none) this.#clearAlarm(this.#unlockedBy);
		else if (this.#leaf === "warning") this.#heldAt = this.#time;
		else if (this.#leaf === "open") {
			this.#watch(this.config.heldTime);
			if (memory & REMEMBERED.open && this.#warnAt !== NEVER) {
				this.#warnAt = this.#time;
				this.#heldAt = this.#time + this.config.preAlarm * 1000;
			}
		}
	}

	/** Time passes: handles what is due, in its order. */
	advance(now: number): void {
		if (now > this.#last) this.#time += now - this.#last;
		this.#last = now;
		for (let at = this.#next(); at <= this.#time; at = this.#next()) this.#expire(at);
	}

	/**
	 * A credential was granted; the decision is in the log already. `id`: its 8 bytes. False, and nothing happens, when
	 * lockdown refuses.
	 */
	grant(now: number, rights: EntryRights, id: Uint8Array): boolean {
		this.advance(now);
		if (this.mode === "lockdown" && rights.override !== true) return false;
		const { config } = this;
		const seconds = rights.extended ? config.extendedStrikeTime : config.strikeTime;
		if (rights.extended) this.#extendedUntil = this.#time + seconds * 1000 + SETTLE_MS;
		this.#pending++;
		this.#enter(seconds, CAUSES.grant);
		this.#settleAt = this.#entryAllowedUntil;
		const mode = this.#mode;
		if (rights.firstPerson && mode.scheduled === "first-person" && !mode.firstPersonIn) {
			mode.firstPersonIn = true;
			this.#level();
		}
		if (rights.passageMode) this.#tap(id);
		return true;
	}

	/** From the site or an installer. False, and nothing happens, when lockdown refuses. */
	command(now: number, command: DoorCommand): boolean {
		this.advance(now);
		const mode = this.#mode;
		const refused = command === "open" && this.mode === "lockdown";
		this.#emit(EVENTS.command, COMMANDS[command], refused ? 1 : 0);
		switch (command) {
			case "open":
				if (!refused) this.#enter(this.config.strikeTime, CAUSES.command);
				break;
			case "lockdown":
			case "release":
				this.#lockDown(CAUSES.command, command === "lockdown");
				break;
			default:
				mode.command = command;
				this.#endPassageMode();
				this.#level();
		}
		return !refused;
	}

	/**
	 * The schedule's mode, at every change and at start. A change ends office mode, and the first person has to come
	 * again.
	 */
	schedule(now: number, scheduled: ScheduledMode): void {
		this.advance(now);
		const mode = this.#mode;
		if (scheduled === mode.scheduled) return;
		mode.scheduled = scheduled;
		mode.firstPersonIn = false;
		this.#endPassageMode();
		this.#level();
	}

	/** Request-to-exit, debounced. */
	exit(now: number, active: boolean): void {
		this.advance(now);
		if (active === this.#exitActive) return;
		this.#exitActive = active;
		if (!active) {
			if (this.#exitHeld) this.#exitAllowedUntil = Math.max(this.#exitAllowedUntil, this.#time + SETTLE_MS);
			this.#exitHeld = false;
			this.#exitStuckAt = NEVER;
			this.#setFault("rex", "none");
			return;
		}
		const refused =
			this.config.exit === "ignore" || (this.mode === "lockdown" && this.config.exitInLockdown === "refuse");
		this.#emit(EVENTS.exit, refused ? 1 : 0, 0);
		this.#exitStuckAt = this.#time + this.config.exitStuckTime * 1000;
		if (refused) return;
		this.#used = false;
		this.#exitHeld = true;
		this.#exitUntil = this.#time + this.config.exitTime * 1000;
		this.#exitAllowedUntil = this.#exitUntil + SETTLE_MS;
	}

	/** The position switch, debounced. Ignored where the door has none. */
	position(now: number, open: boolean): void {
		this.advance(now);
		if (this.config.position === "none" || open === this.open) return;
		if (open) this.#opened();
		else this.#closed();
	}

	tamper(now: number, active: boolean): void {
		this.advance(now);
		if (active === this.#tamper) return;
		this.#tamper = active;
		this.#emit(active ? EVENTS.tamper : EVENTS["tamper-ended"], 0, 0);
	}

	/** The fire panel. It is in the log in any case; whether the door unlocks is `config.fire`. */
	fire(now: number, active: boolean): void {
		this.advance(now);
		if (active === this.#fireInput) return;
		this.#fireInput = active;
		this.#emit(active ? EVENTS.fire : EVENTS["fire-ended"], 0, 0);
		this.#mode.fire = active && this.config.fire === "unlock";
		this.#level();
		if (!active && this.lockdown) this.#cancelEntries();
	}

	lockdownInput(now: number, active: boolean): void {
		this.advance(now);
		this.#lockDown(CAUSES.lockdown, active);
	}

	/** What the supervision of a line found; `none` when it is well again. The input keeps its last state meanwhile. */
	inputFault(now: number, input: DoorInput, fault: InputFault): void {
		this.advance(now);
		this.#setFault(input, fault);
	}

	// The leaf.

	#opened(): void {
		const cause = this.#openingCause();
		this.#emit(EVENTS["door-opened"], cause, this.#pending);
		const extended = this.#pending > 0 && this.#extended;
		this.#pending = 0;
		this.#settleAt = NEVER;
		if (cause === CAUSES.none) {
			this.#emit(EVENTS.forced, 0, 0);
			this.#leaf = "forced";
			return;
		}
		this.#leaf = "open";
		this.#lastCause = cause;
		this.#used = true;
		if (this.#unlockedBy === CAUSES.none) {
			this.#watch(extended ? this.#extendedHeld : this.config.heldTime);
		}
		if (this.config.relock === "on-open") this.#endReleases();
		else if (this.config.relock === "on-close") this.#releaseWhileOpen();
	}

	/** A bolt must not fly out before the leaf is back; a door that is held open is locked all the same. */
	#releaseWhileOpen(): void {
		if (!this.#released) return;
		this.#openUntil =
			this.#heldAt === NEVER ? this.#time + this.config.extendedStrikeTime * 1000 : this.#heldAt;
	}

	#openingCause(): number {
		if (this.#unlockedBy !== CAUSES.none) return this.#unlockedBy;
		if (this.#time < this.#entryAllowedUntil) return this.#entryCause;
		if (this.#exitHeld || this.#time < this.#exitAllowedUntil) return CAUSES.exit;
		return this.#time < this.#bounceUntil ? this.#lastCause : CAUSES.none;
	}

	#closed(): void {
		const forced = this.#leaf === "forced";
		this.#emit(EVENTS["door-closed"], 0, 0);
		this.#endAlarm(CAUSES.none);
		this.#leaf = "closed";
		this.#warnAt = NEVER;
		this.#heldAt = NEVER;
		this.#openUntil = -1;
		if (!forced) this.#allowBounce(this.#lastCause);
		if (this.#used && this.config.relock === "on-close") this.#endReleases();
	}

	/** An open leaf has a cause from now on: alarms end, and it may stay open for `seconds` more. */
	#clearAlarm(cause: number, seconds = this.config.heldTime): void {
		this.#endAlarm(cause);
		this.#leaf = "open";
		this.#lastCause = cause;
		this.#watch(this.#unlockedBy === CAUSES.none ? seconds : 0);
	}

	#endAlarm(cause: number): void {
		if (this.#leaf === "forced") this.#emit(EVENTS["forced-ended"], cause, 0);
		if (this.#leaf === "warning" || this.#leaf === "held") this.#emit(EVENTS["held-ended"], cause, 0);
	}

	get #extendedHeld(): number {
		return this.config.heldTime === 0 ? 0 : this.config.extendedHeldTime;
	}

	#watch(seconds: number): void {
		const { preAlarm } = this.config;
		this.#heldAt = seconds === 0 ? NEVER : this.#time + seconds * 1000;
		this.#warnAt = seconds === 0 || preAlarm === 0 ? NEVER : this.#heldAt - preAlarm * 1000;
	}

	// Releases for one entry or exit.

	get #exitEnd(): number {
		return this.#exitHeld ? this.#exitStuckAt : this.#exitUntil;
	}

	get #exitReleases(): boolean {
		if (this.config.exit !== "unlock" || this.#exitEnd <= this.#time) return false;
		return this.config.relock !== "on-open" || !this.open;
	}

	get #released(): boolean {
		return this.#entryUntil > this.#time || this.#openUntil > this.#time || this.#exitReleases;
	}

	/** Who needs extended time is still on the way in: taps of others neither shorten nor lengthen that. */
	get #extended(): boolean {
		return this.#time < this.#extendedUntil;
	}

	#enter(seconds: number, cause: number): void {
		this.#used = false;
		this.#entryCause = cause;
		this.#entryUntil = Math.max(this.#entryUntil, this.#time + seconds * 1000);
		this.#entryAllowedUntil = this.#entryUntil + SETTLE_MS;
		if (this.open) {
			this.#clearAlarm(cause, this.#extended ? this.#extendedHeld : this.config.heldTime);
		}
	}

	#endReleases(): void {
		this.#entryUntil = -1;
		this.#entryAllowedUntil = -1;
		this.#exitUntil = -1;
		this.#exitAllowedUntil = -1;
	}

	/** Lockdown: whoever is on the way in is not let in, but a leaf already moving is not called forced. */
	#cancelEntries(): void {
		if (this.#entryAllowedUntil > this.#time) this.#allowBounce(this.#entryCause, this.#entryAllowedUntil);
		this.#openUntil = -1;
		this.#entryUntil = -1;
		this.#entryAllowedUntil = -1;
		this.#settle(OUTCOMES.cancelled);
		if (this.config.exitInLockdown === "refuse") {
			const allowedUntil = this.#exitHeld ? NEVER : this.#exitAllowedUntil;
			if (allowedUntil > this.#time) this.#allowBounce(CAUSES.exit, allowedUntil);
			this.#exitHeld = false;
			this.#exitUntil = -1;
			this.#exitAllowedUntil = -1;
		}
	}

	#allowBounce(cause: number, limit = NEVER): void {
		this.#lastCause = cause;
		this.#bounceUntil = Math.max(this.#bounceUntil, Math.min(limit, this.#time + SETTLE_MS));
	}

	#settle(outcome: number): void {
		const count = this.#pending;
		this.#pending = 0;
		this.#settleAt = NEVER;
		if (count > 0) this.#emit(EVENTS.outcome, outcome, count);
	}

	#outcome(): number {
		if (this.config.position === "none" || this.#faults & (1 << INPUTS.doorPosition)) return OUTCOMES.unknown;
		return this.open ? OUTCOMES["already-open"] : OUTCOMES["not-opened"];
	}

	// What lasts.

	/** Brings the door to what `Standing` says. */
	#level(): void {
		const before = this.#unlockedBy;
		const cause = this.#mode.cause();
		if (cause === before) return;
		if (cause === CAUSES.none) {
			this.#emit(EVENTS.locked, before, 0);
			this.#allowBounce(before);
			this.#unlockedBy = cause;
			if (this.open) this.#watch(this.config.heldTime);
			return;
		}
		this.#emit(EVENTS.unlocked, cause, 0);
		this.#unlockedBy = cause;
		if (this.open) this.#clearAlarm(cause);
	}

	#lockDown(source: number, active: boolean): void {
		const mode = this.#mode;
		const commanded = source === CAUSES.command;
		if (active === (commanded ? mode.lockdownCommand : mode.lockdownInput)) return;
		this.#emit(active ? EVENTS.lockdown : EVENTS["lockdown-ended"], source, 0);
		if (commanded) mode.lockdownCommand = active;
		else mode.lockdownInput = active;
		if (active) this.#endPassageMode();
		this.#level();
		if (this.mode === "lockdown") this.#cancelEntries();
	}

	#tap(id: Uint8Array): void {
		if (this.#time >= this.#tapUntil || !sameId(id, this.#lastTapId)) {
			this.#lastTapId.set(id);
			this.#tapUntil = this.#time + this.config.doubleTapTime * 1000;
			return;
		}
		this.#tapUntil = -1;
		if (this.#mode.passageMode) this.#endPassageMode();
		else {
			this.#mode.passageMode = true;
			this.#officeUntil = this.#time + this.config.officeTime * 1000;
		}
		this.#level();
	}

	#endPassageMode(): void {
		this.#mode.passageMode = false;
		this.#officeUntil = NEVER;
		this.#tapUntil = -1;
	}

	#setFault(input: DoorInput, fault: InputFault): void {
		const bit = 1 << INPUTS[input];
		if (fault === "none") {
			if (!(this.#faults & bit)) return;
			this.#faults &= ~bit;
			this.#emit(EVENTS["input-restored"], INPUTS[input] << 8, 0);
			return;
		}
		this.#faults |= bit;
		this.#emit(EVENTS["input-fault"], (INPUTS[input] << 8) | INPUT_FAULTS[fault], 0);
	}

	// Time.

	#next(): number {
		let at = Math.min(this.#warnAt, this.#heldAt, this.#settleAt, this.#exitStuckAt, this.#officeUntil);
		if (this.#entryUntil >= 0) at = Math.min(at, this.#entryUntil);
		if (this.#openUntil >= 0) at = Math.min(at, this.#openUntil);
		if (this.#exitUntil >= 0) at = Math.min(at, this.#exitUntil);
		return at;
	}

	#expire(at: number): void {
		if (at === this.#entryUntil) this.#entryUntil = -1;
		else if (at === this.#openUntil) this.#openUntil = -1;
		else if (at === this.#exitUntil) this.#exitUntil = -1;
		else if (at === this.#settleAt) this.#settle(this.#outcome());
		else if (at === this.#warnAt) {
			this.#warnAt = NEVER;
			this.#emit(EVENTS["held-warning"], 0, 0);
			this.#leaf = "warning";
		} else if (at === this.#heldAt) {
			this.#heldAt = NEVER;
			this.#emit(EVENTS.held, 0, 0);
			this.#leaf = "held";
		} else if (at === this.#exitStuckAt) {
			this.#exitStuckAt = NEVER;
			if (this.#exitHeld) this.#exitAllowedUntil = this.#time + SETTLE_MS;
			this.#exitHeld = false;
			this.#setFault("rex", "stuck");
		} else {
			this.#endPassageMode();
			this.#level();
		}
	}
}

function sameId(a: Uint8Array, b: Uint8Array): boolean {
	for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return false;
	return true;
}
