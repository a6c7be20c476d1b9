// SPDX-License-Identifier: Apache-2.0

import type { Digital, DigitalUse } from "../../hal/contracts/io.js";
import type { Clock } from "../../hal/contracts/time.js";

/** From start, without a break, ms: long enough that no contact bounce, spike or hand in passing is a reset. */
export const RESET_HOLD_MS = 5000;
const LOOK_MS = 50;

/**
 * The physical reset: the button (to ground) held from power-up on for `RESET_HOLD_MS`. A button that was not pressed at
 * start, or was let go once, does nothing until the next start.
 */
export function watchResetButton(clock: Clock, use: DigitalUse, reset: () => void): void {
	const { io, ...options } = use;
	const pin: Digital = new io({ ...options, mode: "input-pull-up" });
	const began = clock.now();
	const alarm = clock.alarm(() => {
		const held = pin.read() === 0;
		if (held && clock.now() - began < RESET_HOLD_MS) {
			alarm.set(LOOK_MS);
			return;
		}
		pin.close();
		alarm.close();
		if (held) reset();
	});
	alarm.set(0);
}
