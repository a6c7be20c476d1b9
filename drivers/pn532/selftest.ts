// SPDX-License-Identifier: Apache-2.0

import { diagnose, MAX_DATA } from "./commands.js";
import type { PN532 } from "./pn532.js";
import { PN532Error, WRONG_ECHO } from "./status.js";

/** Time limit of the echo, ms: 262 bytes both ways take 50 ms at 115200 baud, and on I2C at 100 kHz. */
const ECHO_MS = 500;

/**
 * The chip's communication line test (UM0701-02, 7.2.1, test 0): it must give back 262 bytes as they were, in the longest
 * extended frame. `onEnd` comes once, from the event loop; without an error when all is well.
 */
export function selfTest(driver: PN532, onEnd: (error: PN532Error | undefined) => void): void {
	const pattern = new Uint8Array(MAX_DATA);
	// Every byte value, the start code of frames among them.
	for (let i = 0; i < pattern.length; i++) pattern[i] = i * 255;
	driver.request(diagnose(0, pattern), ECHO_MS, (reply, error) => {
		if (error) onEnd(error);
		else onEnd(isEcho(reply!, pattern) ? undefined : new PN532Error(WRONG_ECHO));
	});
}

function isEcho(reply: Uint8Array, pattern: Uint8Array): boolean {
	// The test's number comes first.
	if (reply.length !== pattern.length + 1 || reply[0] !== 0) return false;
	for (let i = 0; i < pattern.length; i++) if (reply[i + 1] !== pattern[i]) return false;
	return true;
}
