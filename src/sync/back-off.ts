// SPDX-License-Identifier: Apache-2.0

/** Least and greatest wait between attempts that fail, ms. */
export const BACK_OFF_MS = 2000;
export const MAX_BACK_OFF_MS = 300_000;

/**
 * Decorrelated back-off: the wait after one that failed, a random time up to three times the wait before, ms. Readers that failed at
 * one moment so come back at different ones. `dice`: of 2^32.
 */
export function nextWait(before: number, dice: number): number {
	const most = Math.min(MAX_BACK_OFF_MS, 3 * Math.max(BACK_OFF_MS, before));
	return BACK_OFF_MS + share(most - BACK_OFF_MS, dice);
}

/** A random time up to `most` ms, which may be any length. `dice`: of 2^32. */
export function share(most: number, dice: number): number {
	return Math.floor((dice / 0x1_0000_0000) * (most + 1));
}
