// SPDX-License-Identifier: Apache-2.0

import type { Board } from "./board.js";
import type { Pins } from "./pins.js";

/** GPIO 34, 35, 36 and 39 have no pull-up inside: 10 kilohms outside. No pin is left for a scanner but those of strapping. */
const pins: Pins = Object.freeze({
	relay: 26,
	relayOff: 0,
	pn532: Object.freeze({ clock: 18, out: 23, in: 19, select: 21, interrupt: 34, reset: 22 }),
	i2c: Object.freeze({ data: 16, clock: 17 }),
	doorPosition: 32,
	rex: 33,
	tamper: 35,
	fire: 36,
	lockdown: 39,
	red: 25,
	green: 27,
	blue: 14,
	sounder: 13,
	resetButton: 4,
	console: Object.freeze({ transmit: 1, receive: 3 }),
});

/** An ESP32-WROOM-32E on a DevKitC V4. */
export const DEVKITC: Board = Object.freeze({ name: "ESP32-DevKitC", chip: "ESP32", radios: "one", pins });
