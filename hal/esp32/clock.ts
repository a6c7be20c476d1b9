import Timer from "timer";
import type { Alarm, Clock } from "../contracts/time.js";
import { chip } from "./chip.js";

/** The longest interval of a timer, ms: one that repeats so rarely never does. */
const NEVER = 0x7fffffff;

/** A timer that repeats outlives its first call, so one serves for all. */
class Esp32Alarm implements Alarm {
	#timer: Timer | undefined;

	constructor(callback: () => void) {
		const timer = Timer.repeat(() => {
			Timer.schedule(timer);
			callback();
		}, NEVER);
		Timer.schedule(timer);
		this.#timer = timer;
	}

	set(ms: number): void {
		if (this.#timer !== undefined) Timer.schedule(this.#timer, ms, NEVER);
	}

	clear(): void {
		if (this.#timer !== undefined) Timer.schedule(this.#timer);
	}

	close(): void {
		if (this.#timer !== undefined) Timer.clear(this.#timer);
		this.#timer = undefined;
	}
}

/**
 * esp_timer's microseconds for `now`, which wrap after 292,000 years; the SDK's timers for alarms. Classes, not closures:
 * there are some twenty alarms, and what a function makes at run time has its code in RAM.
 */
export class Esp32Clock implements Clock {
	now(): number {
		return chip.milliseconds();
	}

	alarm(callback: () => void): Alarm {
		return new Esp32Alarm(callback);
	}
}
