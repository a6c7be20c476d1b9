// SPDX-License-Identifier: Apache-2.0

import Time from "time";
import type { RestartCause } from "../contracts/chip.js";
import type { TimeTrust, WallClock } from "../contracts/time.js";

/** 2025-01-01. An earlier time means that the clock was never set, since the chip counts from 1970. */
const PLAUSIBLE = 1_735_689_600;

const KEPT: readonly RestartCause[] = Object.freeze([
	"software",
	"watchdog",
	"exception",
	"out-of-memory",
	"stack-overflow",
]);

/** The chip's own clock, which survives a restart of the firmware and not a loss of power. */
export class Esp32WallClock implements WallClock {
	#trust: TimeTrust;

	constructor(cause: RestartCause) {
		const kept = KEPT.includes(cause);
		this.#trust = kept && this.now() >= PLAUSIBLE ? "restored" : "unset";
	}

	now(): number {
		return Math.floor(Date.now() / 1000);
	}

	trust(): TimeTrust {
		return this.#trust;
	}

	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void {
		Time.set(seconds);
		this.#trust = trust;
	}
}
