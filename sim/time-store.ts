// SPDX-License-Identifier: Apache-2.0

import type { TimeStore } from "../src/time/timekeeper.js";

/** The last known time by itself, for those who have a clock and no whole reader. */
export class SimTimeStore implements TimeStore {
	value = 0;
	writes = 0;

	read(): number {
		return this.value;
	}

	write(seconds: number): void {
		this.value = seconds;
		this.writes++;
	}
}
