// SPDX-License-Identifier: Apache-2.0

/**
 * How a reader starts that ended soon after its last starts. What it had begun before the stage in which it ended begins
 * at once; that stage and those after it wait, longer each time. So neither a defect nor worn hardware makes a reader that
 * restarts without end, and the installer's port answers meanwhile.
 */
import type { RestartCause, Retained } from "../../hal/contracts/chip.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** In the order in which they begin, the least likely to fail first. */
export const STAGES = Object.freeze(["port", "log", "door", "radios"] as const);
export type Stage = (typeof STAGES)[number];

/** A start counts as healthy this long after its last stage, ms. */
export const HEALTHY_MS = 30_000;
/** The wait after one failed start; it doubles with each more. */
const MIN_WAIT_MS = 1000;
export const MAX_WAIT_MS = 60_000;
const MAX_FAILED = 255;

/** Causes that clear the count of failed starts: a requested restart, or an end that the firmware did not bring about. */
const ANEW: readonly RestartCause[] = Object.freeze(["power-on", "reset-pin", "software"]);

export interface Beginning {
	/** Starts in a row before this one that failed, 0 to 255. */
	readonly failed: number;
	/** The first stage that waits; absent where none does. */
	readonly held?: Stage;
	readonly waitMs: number;
}

/** `retained`: what `pack` left, or anything. */
export function beginning(cause: RestartCause, retained: number): Beginning {
	const failed = ANEW.includes(cause) ? 0 : Math.min(retained >>> 2, MAX_FAILED);
	if (failed === 0) return { failed, waitMs: 0 };
	return {
		failed,
		held: STAGES[retained & 3]!,
		waitMs: Math.min(MIN_WAIT_MS * 2 ** (failed - 1), MAX_WAIT_MS),
	};
}

/** What the next start has to know: how many have failed if this one does, and its last stage. */
export function pack(failed: number, stage: Stage): number {
	return (Math.min(failed, MAX_FAILED) << 2) | STAGES.indexOf(stage);
}

export interface StartupOptions {
	readonly clock: Clock;
	readonly cause: RestartCause;
	/** Absent: every start is the first. */
	readonly retained: Retained | undefined;
	readonly stages: Readonly<Record<Stage, () => void>>;
	readonly trace: (text: string) => void;
	/** Called once, when the start counts as healthy. */
	readonly onHealthy?: (() => void) | undefined;
}

/** Begins the stages, each when its time has come. */
export class Startup {
	readonly beginning: Beginning;
	readonly #options: StartupOptions;
	readonly #alarm: Alarm;
	#next = 0;
	#due = 0;

	constructor(options: StartupOptions) {
		this.#options = options;
		const { clock, cause, retained } = options;
		this.beginning = beginning(cause, retained?.read() ?? 0);
		this.#alarm = clock.alarm(() => (this.#due === 0 ? this.#healthy() : this.#rest()));
		retained?.write(pack(this.beginning.failed + 1, "port"));
	}

	/** Until the stages that wait begin, ms; 0 when all have begun. */
	get waitMs(): number {
		return this.#due === 0 ? 0 : Math.max(1, this.#due - this.#options.clock.now());
	}

	/** Begins what need not wait. What a stage throws leaves here, and the reader restarts for it. */
	run(): void {
		const { failed, held, waitMs } = this.beginning;
		const { clock, cause, trace } = this.#options;
		if (held !== undefined) {
			trace(`${failed} starts failed, the last by ${cause}: ${held} waits ${waitMs / 1000} s`);
			this.#due = clock.now() + waitMs;
			this.#alarm.set(waitMs);
		}
		this.#until(held === undefined ? STAGES.length : STAGES.indexOf(held));
	}

	#rest(): void {
		this.#due = 0;
		this.#until(STAGES.length);
	}

	#until(end: number): void {
		const { retained, stages } = this.#options;
		while (this.#next < end) {
			const stage = STAGES[this.#next++]!;
			retained?.write(pack(this.beginning.failed + 1, stage));
			stages[stage]();
		}
		if (this.#next === STAGES.length) this.#alarm.set(HEALTHY_MS);
	}

	#healthy(): void {
		this.#options.retained?.write(pack(0, "radios"));
		this.#options.onHealthy?.();
		this.#alarm.close();
	}
}
