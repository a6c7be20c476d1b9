// SPDX-License-Identifier: Apache-2.0

import type { Board } from "./board.js";
import type { Pins } from "./pins.js";

/** The relay is on a pin that has no glitch at power-up (data sheet, "Power-Up Glitches on Pins": GPIO 1 to 20 have). */
const pins: Pins = Object.freeze({
	relay: 21,
	relayOff: 0,
	pn532: Object.freeze({ clock: 12, out: 11, in: 13, select: 10, interrupt: 9, reset: 14 }),
	i2c: Object.freeze({ data: 17, clock: 18 }),
	doorPosition: 4,
	rex: 5,
	tamper: 6,
	fire: 7,
	lockdown: 8,
	red: 40,
	green: 41,
	blue: 42,
	sounder: 39,
	resetButton: 15,
	scanner: Object.freeze({ transmit: 2, receive: 1 }),
	console: Object.freeze({ transmit: 43, receive: 44 }),
});

/** An ESP32-S3-WROOM-1-N16R8 (16 MB of flash, 8 MB of PSRAM) on a DevKitC-1. */
export const S3_DEVKITC: Board = Object.freeze({
	name: "ESP32-S3-DevKitC-1 N16R8",
	chip: "ESP32-S3",
	radios: "both",
	pins,
});
