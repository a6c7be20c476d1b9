// SPDX-License-Identifier: Apache-2.0

import { CborError, type CborReader, MAJOR } from "../cbor/reader.js";
import type { CborWriter } from "../cbor/writer.js";

/** SUITES_I and SUITES_R (RFC 9528 5.2.1): one integer, or an array of two and more. */

const MAX_SUITES = 16;

/** Throws `CborError`; "out-of-range" for an array of fewer than 2 or more than 16. */
export function readSuites(reader: CborReader): number[] {
	if (reader.peek() !== MAJOR.array) return [reader.int()];
	const count = reader.array();
	if (count < 2 || count > MAX_SUITES) throw new CborError("out-of-range");
	const suites: number[] = [];
	for (let i = 0; i < count; i++) suites.push(reader.int());
	return suites;
}

export function writeSuites(writer: CborWriter, suites: readonly number[]): void {
	if (suites.length > 1) writer.array(suites.length);
	for (const suite of suites) writer.int(suite);
}

/**
 * The responder's check (RFC 9528 5.2.3, 6.3): the selected suite, the last of SUITES_I, is supported, and none before
 * it is.
 */
export function isAcceptable(suitesI: readonly number[], supported: readonly number[]): boolean {
	for (let i = 0; i < suitesI.length - 1; i++) if (supported.includes(suitesI[i]!)) return false;
	return supported.includes(suitesI[suitesI.length - 1]!);
}

/**
 * The initiator's next SUITES_I after an error with SUITES_R: its own suites in order of preference, up to the first that the
 * peer supports (RFC 9528 5.2.2). `undefined` when they have none in common.
 */
export function selectSuite(
	preferred: readonly number[],
	suitesR: readonly number[],
): readonly number[] | undefined {
	for (let i = 0; i < preferred.length; i++)
		if (suitesR.includes(preferred[i]!)) return preferred.slice(0, i + 1);
	return undefined;
}
