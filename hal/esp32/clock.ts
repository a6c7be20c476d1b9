// SPDX-License-Identifier: Apache-2.0

import Timer from "timer";
import type { Alarm, Clock } from "../contracts/time.js";
import { chip } from "./chip.js";

/** The longest interval of a timer, ms, for timers that are not to repeat. */
const NEVER = 0x7fffffff;

/** An alarm on one repeating timer of the SDK: a repeating timer survives its first call, so it can be set again. */
class Esp32Alarm implements Alarm {
	private timer: Timer | undefined;

	constructor(callback: () => void) {
		const timer = Timer.repeat(() => {
			Timer.schedule(timer);
			callback();
		}, NEVER);
		Timer.schedule(timer);
		this.timer = timer;
	}

	set(ms: number): void {
		if (this.timer !== undefined) Timer.schedule(this.timer, ms, NEVER);
	}

	clear(): void {
		if (this.timer !== undefined) Timer.schedule(this.timer);
	}

	close(): void {
		if (this.timer !== undefined) Timer.clear(this.timer);
		this.timer = undefined;
	}
}

/**
 * `now` by esp_timer, whose microseconds wrap after 292,000 years; alarms by the SDK's timers. Alarms are objects, not
 * closures: there are some twenty, and a function made at run time has its code in RAM.
 */
export class Esp32Clock implements Clock {
	now(): number {
		return chip.milliseconds();
	}

	alarm(callback: () => void): Alarm {
		return new Esp32Alarm(callback);
	}
}
