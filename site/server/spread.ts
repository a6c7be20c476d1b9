// SPDX-License-Identifier: Apache-2.0

import { DEFAULT_SPREAD, MAX_SPREAD } from "../../protocol/config/server.js";

/**
 * Doors that may come in a second: after a power cut of all, each takes a session and brings the end of its log. Docs/server.md has what
 * that costs, and what was measured.
 */
const DOORS_A_SECOND = 30;

/** The shortest spread in which so many doors come back one after the other, s. */
export function shortestSpread(doors: number): number {
	return Math.min(MAX_SPREAD, Math.ceil(doors / DOORS_A_SECOND));
}

/** The spread that a site of so many doors tells them, s. */
export function spreadFor(doors: number): number {
	return Math.max(DEFAULT_SPREAD, shortestSpread(doors));
}
