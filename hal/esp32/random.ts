// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../protocol/crypto.js";
import { chip } from "./chip.js";

/** Random bytes of random.c. Made before anything uses the ADC or a radio. */
export class Esp32Random implements Random {
	constructor() {
		chip.seedRandom();
	}

	fill(into: Uint8Array): void {
		if (into.length > 0) chip.random(into);
	}
}
