// SPDX-License-Identifier: Apache-2.0

import type { Clock, ClockChip, WallClock } from "../../hal/contracts/time.js";
import { EVENTS, type EventSink, PARTS, TIME_SOURCES, type TimeSource } from "../../protocol/events.js";
import { trustCode } from "../../protocol/log/record.js";

/** The last known time, kept over a loss of power. */
export interface TimeStore {
	/** Seconds since 1970; 0 where there is none, or it is damaged. */
	read(): number;
	/** Durable on return; a power cut in it leaves the old value. */
	write(seconds: number): void;
}

export interface TimekeeperOptions {
	readonly clock: Clock;
	readonly wall: WallClock;
	/** Absent where the platform has no bus for one. */
	readonly chip: ClockChip | undefined;
	readonly store: TimeStore | undefined;
	readonly record: EventSink;
	readonly trace: (text: string) => void;
}

/** How the clock chip is; `absent` where none answers, as on a board without one. */
export type ChipState = "runs" | "stopped" | "differs" | "absent";

/** How often the last known time is kept, and the clock compared with its chip, ms. */
export const KEEP_MS = 600_000;
/** The same, for how far the clock may be ahead of what was kept, s: two rounds, of which one may be missed. */
const KEPT_S = (2 * KEEP_MS) / 1000;
/** What the clock may be off its chip before it is set to it, s: both count in whole seconds, each by its own. */
export const STEP_S = 2;
/** In one round no crystal is off by so much, s: the chip is broken, or was set by another. */
const JUMP_S = 5;
/** The setting and the reading of a clock that counts in seconds may be off by one each, and the clock off its chip, s. */
const READING_S = 2 + STEP_S;
/** A clock that is farther than this from a time server's is told as far off, s. */
const FAR_OFF_S = 300;
/** The crystal of a controller's module, parts per million. */
const OWN_DRIFT_PPM = 20;

const RUNS = "runs";
const STOPPED = "stopped";
const DIFFERS = "differs";

/**
 * Gives the platform's wall clock the best time that is to be had: at a start the clock chip's, else what outlived the restart, else
 * the last known time, which is a lower bound; then whatever the site, an installer or a time server says. It keeps the last known
 * time, and holds the clock to its chip.
 */
export class Timekeeper {
	private readonly options: TimekeeperOptions;
	/** When the site or an installer last set the clock that this time is from; 0: unknown. */
	private synced = 0;
	#source: TimeSource | undefined;
	private chipState: ChipState = "absent";
	/** The last known time follows the clock: not one that a time server alone vouches for, or a lie would outlive restarts. */
	private keeps = false;
	private kept = 0;
	#networkOff: number | undefined;
	/** The site's time differs, and was refused. */
	private siteDiffers = false;
	private next = KEEP_MS;
	/** Before the clock was set, as `clock-set` has it. */
	private before: readonly [trust: number, seconds: number] = UNSET;

	constructor(options: TimekeeperOptions) {
		this.options = options;
	}

	/** Where the time is from; `undefined` where it is unset, or outlived the restart in the chip of the controller. */
	get source(): TimeSource | undefined {
		return this.#source;
	}

	get chip(): ChipState {
		return this.chipState;
	}

	/** How far the clock may be off, s: by the drift of its crystal since the site or an installer set it. Infinity: unknown. */
	get error(): number {
		if (this.synced === 0) return Number.POSITIVE_INFINITY;
		const { chip, wall } = this.options;
		const ppm = this.chipState === RUNS ? chip!.driftPpm : OWN_DRIFT_PPM;
		return Math.ceil(READING_S + (Math.max(0, wall.now() - this.synced) * ppm) / 1e6);
	}

	/** Once, before anything asks for the time. */
	start(): void {
		const { store, wall } = this.options;
		const last = store?.read() ?? 0;
		this.kept = last;
		const reading = this.readChip();
		// A chip that is behind the last known time was stopped or set back by another.
		if (reading !== undefined && reading.seconds + KEPT_S >= last) {
			this.synced = reading.synced;
			this.restore(reading.seconds, "clock-chip", reading.synced !== 0);
			return;
		}
		if (reading !== undefined) this.chipState = "differs";
		// What the site or an installer set was kept at once: time without any is a time server's.
		if (wall.trust() !== "unset" && wall.now() >= last) this.keeps = last > 0 && wall.now() - last <= KEPT_S;
		else if (last > 0) this.restore(last, "last-known", true);
	}

	/** What `start` found, into the log, which begins after it. Time of the chip is as usual: its trust says enough. */
	report(): void {
		if (this.chipFails) this.options.record(EVENTS.health, (PARTS.clock << 8) | 1, 0);
		if (this.#source === "last-known") this.record();
	}

	/**
	 * The clock chip is there and does not give the time, though it was set before; a time server has quite another time, or the site one that
	 * was refused.
	 */
	get failing(): boolean {
		if (isFar(this.#networkOff) || this.siteDiffers) return true;
		return this.chipFails;
	}

	private get chipFails(): boolean {
		return this.chipState === DIFFERS || (this.chipState === STOPPED && this.kept > 0);
	}

	/** An installer or the site sets the clock; the caller has checked that it may. `seconds` since 1970. */
	set(seconds: number, source: "set" | "site" = "set"): void {
		const { store, wall } = this.options;
		this.remember();
		wall.set(seconds, "synced");
		this.synced = seconds;
		this.#networkOff = undefined;
		this.agree();
		this.#source = source;
		this.keeps = true;
		this.setChip(seconds);
		this.kept = seconds;
		store?.write(seconds);
		this.record();
	}

	/** Whether the site's `seconds` would be a step. Where not, the clock is right, and from now on less off than it may have been. */
	isStep(seconds: number): boolean {
		const { wall } = this.options;
		if (wall.trust() !== "synced" || Math.abs(seconds - wall.now()) >= STEP_S) return true;
		this.synced = wall.now();
		this.keeps = true;
		this.agree();
		return false;
	}

	/** The site's time was refused. */
	differ(): void {
		if (!this.siteDiffers) this.options.record(EVENTS.health, (PARTS.clock << 8) | 1, 0);
		this.siteDiffers = true;
	}

	private agree(): void {
		if (this.siteDiffers) this.options.record(EVENTS.health, PARTS.clock << 8, 0);
		this.siteDiffers = false;
	}

	/** It is no earlier than this, seconds since 1970, as far as an installer or the site has vouched for; 0: nothing is known. */
	get least(): number {
		return this.keeps ? this.options.wall.now() : this.kept;
	}

	/** It has run on since an installer or the site set it: what was off for a time without a clock chip may be behind by that. */
	get ranOn(): boolean {
		return this.keeps && this.#source !== "last-known";
	}

	/**
	 * A time server says `seconds`. It gives the time only where nothing better is known, as restored, and never before `signed`, the
	 * newest time that the site has signed, nor before the last known time. Else it is told by how much it differs.
	 */
	network(seconds: number, signed: number): void {
		const { trace, wall } = this.options;
		const known = wall.trust() !== "unset";
		if (known && (wall.trust() === "synced" || this.synced !== 0)) {
			this.#networkOff = seconds - wall.now();
			return;
		}
		if (seconds < signed || seconds + KEPT_S < this.kept) {
			trace("time server: its time is before what is known");
			return;
		}
		this.remember();
		const off = known ? seconds - wall.now() : 0;
		wall.set(seconds, "restored");
		// Told once, and not for each correction by a second.
		const tell = this.#source !== "network" || Math.abs(off) > FAR_OFF_S;
		this.#source = "network";
		this.keeps = false;
		this.setChip(seconds);
		if (tell) this.record();
	}

	/** By how much a time server's time was ahead of the clock when it was last asked, s; `undefined`: not asked, or taken. */
	get networkOff(): number | undefined {
		return this.#networkOff;
	}

	/** To be called in idle moments. */
	work(): void {
		const { clock, store, wall } = this.options;
		const now = clock.now();
		if (now < this.next) return;
		this.next = now + KEEP_MS;
		const trust = wall.trust();
		if (trust === "unset") return;
		if (this.chipState === "runs") this.compare();
		const seconds = wall.now();
		if (!this.keeps || seconds <= this.kept) return;
		this.kept = seconds;
		store?.write(seconds);
	}

	private restore(seconds: number, source: TimeSource, keeps: boolean): void {
		this.remember();
		this.options.wall.set(seconds, "restored");
		this.#source = source;
		this.keeps = keeps;
		this.options.trace(`time from ${source}`);
	}

	private remember(): void {
		const { wall } = this.options;
		const trust = wall.trust();
		this.before = trust === "unset" ? UNSET : [trustCode(trust), wall.now()];
	}

	private record(): void {
		const [trust, seconds] = this.before;
		this.options.record(EVENTS["clock-set"], (TIME_SOURCES[this.#source!] << 8) | trust, seconds);
	}

	/** Holds the clock to its chip, whose crystal is the better one. */
	private compare(): void {
		const { wall } = this.options;
		const reading = this.readChip();
		const trust = wall.trust();
		if (reading === undefined || trust === "unset") {
			this.options.record(EVENTS.health, (PARTS.clock << 8) | 1, 0);
			return;
		}
		const off = reading.seconds - wall.now();
		if (Math.abs(off) < STEP_S) return;
		if (Math.abs(off) < JUMP_S) {
			wall.set(reading.seconds, trust);
			return;
		}
		this.chipState = "differs";
		this.options.record(EVENTS.health, (PARTS.clock << 8) | 1, 0);
	}

	private readChip(): { readonly seconds: number; readonly synced: number } | undefined {
		const { chip, trace } = this.options;
		try {
			const reading = chip?.read();
			this.chipState = chip === undefined ? "absent" : reading === undefined ? "stopped" : "runs";
			return reading;
		} catch (error) {
			this.chipState = "absent";
			trace(`clock chip: ${(error as Error).message}`);
			return undefined;
		}
	}

	/** A chip that is not fitted takes nothing. */
	private setChip(seconds: number): void {
		const { chip, record, trace } = this.options;
		if (chip === undefined) return;
		const failed = this.chipFails;
		try {
			chip.set(seconds, this.synced);
			this.chipState = "runs";
			if (failed) record(EVENTS.health, PARTS.clock << 8, 0);
		} catch (error) {
			trace(`clock chip: ${(error as Error).message}`);
		}
	}
}

function isFar(off: number | undefined): boolean {
	return off !== undefined && Math.abs(off) > FAR_OFF_S;
}

const UNSET = Object.freeze([0, 0] as const);
