// SPDX-License-Identifier: Apache-2.0

/**
 * How a reader starts that ended soon after its last starts. What it had begun before the stage in which it ended begins
 * at once; that stage and those after it wait, longer each time. A radio that ended the chip while it began waits alone, and
 * so long that the door works meanwhile. So neither a defect nor worn hardware makes a reader that restarts without end,
 * and the installer's port answers meanwhile.
 */
import type { RestartCause, Retained } from "../../hal/contracts/chip.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** In the order in which they begin, the least likely to fail first. */
export const STAGES = Object.freeze(["port", "log", "door", "nfc", "wifi", "bluetooth"] as const);
export type Stage = (typeof STAGES)[number];

/** Index of the first radio. Each radio stands alone; every other stage needs those before it. */
const RADIOS = 3;
/** Sets of stages have a bit for each. */
const ALL = (1 << STAGES.length) - 1;
const ALL_RADIOS = ALL & ~((1 << RADIOS) - 1);

/** A start counts as healthy this long after its last stage, ms. */
export const HEALTHY_MS = 30_000;
/** The wait after one failed start; it doubles with each more. */
const MIN_WAIT_MS = 1000;
export const MAX_WAIT_MS = 60_000;
/** The same for a radio that waits alone: each try costs the door a restart. */
export const MIN_RADIO_WAIT_MS = 60_000;
export const MAX_RADIO_WAIT_MS = 3_600_000;
const MAX_FAILED = 255;

/** Causes that clear the count of failed starts: a requested restart, or an end that the firmware did not bring about. */
const ANEW: readonly RestartCause[] = Object.freeze(["power-on", "reset-pin", "software"]);

export interface Beginning {
	/** Starts in a row before this one that failed, 0 to 255. */
	readonly failed: number;
	/** The set of stages that wait. */
	readonly held: number;
	/** Only radios wait, each of which ended the chip before its beginning had come to an end. */
	readonly alone: boolean;
	readonly waitMs: number;
}

/** `retained`: what `pack` left, or anything. */
export function beginning(cause: RestartCause, retained: number): Beginning {
	const failed = ANEW.includes(cause) ? 0 : Math.min(retained >>> 7, MAX_FAILED);
	let held = failed === 0 ? 0 : (retained >>> 1) & ALL;
	const first = firstOf(held);
	if (first < RADIOS) held = from(first);
	const alone = held !== 0 && first >= RADIOS && (retained & 1) === 1;
	if (held === 0) return { failed, held, alone, waitMs: 0 };
	const [min, max] = alone ? [MIN_RADIO_WAIT_MS, MAX_RADIO_WAIT_MS] : [MIN_WAIT_MS, MAX_WAIT_MS];
	return { failed, held, alone, waitMs: Math.min(min * 2 ** (failed - 1), max) };
}

/** What the next start has to know if this one ends: how many have failed then, and what is to wait. */
export function pack(failed: number, held: number, alone: boolean): number {
	return (Math.min(failed, MAX_FAILED) << 7) | (held << 1) | (alone ? 1 : 0);
}

/** Whether a set of stages has this one. */
export function has(held: number, stage: Stage): boolean {
	return (held & (1 << STAGES.indexOf(stage))) !== 0;
}

/** The stages of a set, for people: those that need the first of them are not named. */
export function namesOf(held: number): string {
	const first = firstOf(held);
	return first < RADIOS ? STAGES[first]! : STAGES.filter((stage) => has(held, stage)).join(", ");
}

/** The set of a stage and all after it. */
function from(stage: number): number {
	return ALL & ~((1 << stage) - 1);
}

function firstOf(held: number): number {
	let first = 0;
	while (first < STAGES.length && (held & (1 << first)) === 0) first++;
	return first;
}

export interface StartupOptions {
	readonly clock: Clock;
	readonly cause: RestartCause;
	/** Absent: every start is the first. */
	readonly retained: Retained | undefined;
	readonly begin: (stage: Stage) => void;
	readonly trace: (text: string) => void;
	/** Called once, when the start counts as healthy. */
	readonly onHealthy?: (() => void) | undefined;
}

/** Begins the stages, each when its time has come. */
export class Startup {
	readonly beginning: Beginning;
	private readonly options: StartupOptions;
	private readonly alarm: Alarm;
	/** Stages that wait still. */
	private held: number;
	/** When they begin. */
	private due = 0;

	constructor(options: StartupOptions) {
		this.options = options;
		const { clock, cause, retained } = options;
		this.beginning = beginning(cause, retained?.read() ?? 0);
		this.held = this.beginning.held;
		this.alarm = clock.alarm(() => this.tick());
		this.retain(1, from(0), false);
	}

	/** Until the stages that wait begin, ms; 0 when all have begun. */
	get waitMs(): number {
		return this.held === 0 ? 0 : Math.max(1, this.due - this.options.clock.now());
	}

	/** Whether this stage waits still. */
	waits(stage: Stage): boolean {
		return has(this.held, stage);
	}

	/** Begins what need not wait. What a stage throws leaves here, and the reader restarts for it. */
	run(): void {
		const { failed, held, waitMs } = this.beginning;
		const { cause, trace } = this.options;
		if (held !== 0)
			trace(`${failed} starts failed, the last by ${cause}: ${namesOf(held)} waits ${waitMs / 1000} s`);
		this.begin(ALL & ~held);
	}

	private begin(stages: number): void {
		const { begin, clock } = this.options;
		const { held, alone, waitMs } = this.beginning;
		for (let i = 0; i < STAGES.length; i++) {
			const stage = 1 << i;
			if ((stages & stage) === 0) continue;
			if (i < RADIOS) this.retain(1, from(i), false);
			else this.retain(1, alone ? held | stage : stage, true);
			begin(STAGES[i]!);
			// From here on it may be a phone's doing, which must not turn a radio off for an hour.
			if (i >= RADIOS) this.retain(1, ALL_RADIOS, false);
		}
		// Not from the start of the chip: the stages that begin at once take a while, and the wait is for those who need them.
		this.due = clock.now() + waitMs;
		this.alarm.set(this.held === 0 ? HEALTHY_MS : Math.min(HEALTHY_MS, waitMs));
	}

	private tick(): void {
		const now = this.options.clock.now();
		if (this.held !== 0 && now >= this.due) {
			const rest = this.held;
			this.held = 0;
			this.begin(rest);
			return;
		}
		if (this.held === 0) {
			this.options.retained?.write(pack(0, 0, false));
			this.options.onHealthy?.();
			this.alarm.close();
			return;
		}
		// An end from here on is no failed start, and what waits goes on waiting.
		this.retain(0, this.beginning.held, this.beginning.alone);
		this.alarm.set(this.due - now);
	}

	private retain(more: number, held: number, alone: boolean): void {
		this.options.retained?.write(pack(this.beginning.failed + more, held, alone));
	}
}
