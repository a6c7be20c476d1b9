// SPDX-License-Identifier: Apache-2.0

import type { Retained } from "../hal/contracts/chip.js";

/** The word of RTC memory. */
export class SimRetained implements Retained {
	#value = 0;

	read(): number {
		return this.#value;
	}

	write(value: number): void {
		this.#value = value;
	}
}
