// SPDX-License-Identifier: Apache-2.0

import type { Pins } from "./pins.js";

/** A board that the firmware runs on: a file of this folder each. */
export interface Board {
	/** For people and reports. */
	readonly name: string;
	readonly chip: string;
	/** Which of Bluetooth and Wi-Fi its memory holds at a time. */
	readonly radios: "one" | "both";
	readonly pins: Pins;
}
