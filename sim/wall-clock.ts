// SPDX-License-Identifier: Apache-2.0

import type { TimeTrust, WallClock } from "../hal/contracts/time.js";
import type { VirtualTime } from "./time.js";

/** A reader's wall clock: lost with its power, running on simulated time. */
export class SimWallClock implements WallClock {
	readonly #time: VirtualTime;
	#trust: TimeTrust = "unset";
	/** Seconds since 1970 when the simulated world began. */
	#origin = 0;

	constructor(time: VirtualTime) {
		this.#time = time;
	}

	now(): number {
		return this.#origin + Math.floor(this.#time.micros / 1_000_000);
	}

	trust(): TimeTrust {
		return this.#trust;
	}

	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void {
		this.#origin = seconds - Math.floor(this.#time.micros / 1_000_000);
		this.#trust = trust;
	}

	lose(): void {
		this.#trust = "unset";
	}
}
