// SPDX-License-Identifier: Apache-2.0

import type { TimeStore } from "../hal/contracts/time.js";

/** The last known time in a key of NVS. */
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
