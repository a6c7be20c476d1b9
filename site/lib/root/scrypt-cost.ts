// SPDX-License-Identifier: Apache-2.0

/** Parameters of scrypt (RFC 7914 section 2) with the salt. */
export interface Scrypt {
	/** A power of two. */
	readonly N: number;
	readonly salt: Uint8Array;
}

/**
 * N for passphrases: 128 MiB and some 0.5 s a guess, the least that OWASP's Password Storage Cheat Sheet names at r = 8 and
 * p = 1.
 */
export const PASSPHRASE_N = 2 ** 17;
/** N for secrets that are random enough by themselves, and the least in a file. */
export const MIN_N = 2 ** 10;
/** The most in a file: 1 GiB and some 5 s, so that no file can take more of the computer that reads it. */
const MAX_N = 2 ** 20;
export const R = 8;
export const P = 1;

export function isN(value: unknown): value is number {
	return typeof value === "number" && value >= MIN_N && value <= MAX_N && Number.isInteger(Math.log2(value));
}
