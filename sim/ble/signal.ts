// SPDX-License-Identifier: Apache-2.0

import type { SeededRandom } from "../random.js";

/** Log-distance path loss: -50 dBm at 30 cm with a phone in hand, exponent 2.4 indoors, ±3 dB of fading. */
export function signalStrength(metres: number, random: SeededRandom): number {
	const loss = 24 * Math.log10(Math.max(metres, 0.02) / 0.3);
	return Math.round(-50 - loss + (random.below(61) - 30) / 10);
}
