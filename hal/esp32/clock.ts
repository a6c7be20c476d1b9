import Timer from "timer";
import type { Alarm, Clock } from "../contracts.js";
import { chip } from "./chip.js";

/** The longest interval of a timer, ms: one that repeats so rarely never does. */
const NEVER = 0x7fffffff;

/** esp_timer's microseconds for `now`, which wrap after 292,000 years; the SDK's timers for alarms. */
export class Esp32Clock implements Clock {
	now(): number {
		return chip.milliseconds();
	}

	alarm(callback: () => void): Alarm {
		// A timer that repeats outlives its first call, so one serves for all.
		const timer = Timer.repeat(() => {
			Timer.schedule(timer);
			callback();
		}, NEVER);
		Timer.schedule(timer);
		let open = true;
		return {
			set(ms) {
				if (open) Timer.schedule(timer, ms, NEVER);
			},
			clear() {
				if (open) Timer.schedule(timer);
			},
			close() {
				if (open) Timer.clear(timer);
				open = false;
			},
		};
	}
}
