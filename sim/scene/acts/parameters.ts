// SPDX-License-Identifier: Apache-2.0

import type { Parameter } from "../act.js";

/** One of several words, the first where nothing is said. `words`: how a control shows each. */
export function oneOf(
	name: string,
	title: string,
	choices: readonly string[],
	words?: readonly string[],
): Parameter {
	return Object.freeze({ name, title, choices, ...(words && { words }), default: choices[0]! });
}

/** A whole number from `min` to `max`. */
export function whole(
	name: string,
	title: string,
	[min, max]: readonly [number, number],
	standard: number,
	unit = "",
): Parameter {
	return Object.freeze({ name, title, min, max, unit, default: standard });
}
