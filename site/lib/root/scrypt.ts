// SPDX-License-Identifier: Apache-2.0

import { scryptSync } from "node:crypto";

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

/** 32 bytes. */
export function scrypt(secret: Uint8Array, { N, salt }: Scrypt): Uint8Array {
	// What OpenSSL counts; Node's default of 32 MiB is short of it.
	const maxmem = 128 * R * (N + P + 2);
	return new Uint8Array(scryptSync(secret, salt, 32, { N, r: R, p: P, maxmem }));
}
