// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import type { GateReading } from "../links/proximity.js";

/** How strong the last phone over Bluetooth was, for an installer who sets how near "near" is. */
export class LastSignal {
	private readonly clock: Clock;
	private level: number | undefined;
	private at = 0;

	constructor(clock: Clock) {
		this.clock = clock;
	}

	set({ level }: GateReading): void {
		this.level = level;
		this.at = this.clock.now();
	}

	toString(): string {
		if (this.level === undefined) return "no phone was heard since it started";
		const seconds = Math.round((this.clock.now() - this.at) / 1000);
		return `the last phone left at ${this.level} dBm, ${seconds} s ago`;
	}
}
