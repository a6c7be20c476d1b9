// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../protocol/crypto.js";
import { chip } from "./chip.js";

/** The chip's generator, fed by the noise of a radio, or of the ADC while the radios are off. */
export class Esp32Random implements Random {
	fill(into: Uint8Array): void {
		if (into.length > 0) chip.random(into);
	}
}
