// SPDX-License-Identifier: Apache-2.0

import { CborError, CborReader } from "../cbor/reader.js";
import { CoseError, decodeSign1, type Sign1 } from "../credential/cose.js";

/**
 * What a phone shows to a scanner: its credential and a step of time, signed by the credential's key. It is shown anew for each
 * step. `docs/formats/qr.md` has the bytes and who refuses what.
 */

/** Seconds of a step. */
export const STEP_S = 15;
/** Steps before and after the present one that are taken, so a code lives 45 s. */
export const STEPS_AROUND = 1;
/** Seconds from the beginning to the end of a code's life. */
export const CODE_LIFE_S: number = STEP_S * (2 * STEPS_AROUND + 1);

/** Characters at most: a QR code of version 10 at level L in alphanumeric mode (ISO/IEC 18004 table 7). */
export const MAX_CODE_TEXT = 395;
/** Bytes at most: what Base45 puts into that. Of these 82 are around the longest credential. */
export const MAX_CODE = 263;

/** Steps that 32 bits hold, until 4010. */
export const MAX_STEP = 0xffff_ffff;

/** external_aad: nothing else that the key signs passes for a code. ASCII of "lintel qr 1". */
export const CODE_AAD: Uint8Array = /* @__PURE__ */ Uint8Array.of(
	...[0x6c, 0x69, 0x6e, 0x74, 0x65, 0x6c, 0x20, 0x71, 0x72, 0x20, 0x31],
);

/** The step of a moment, seconds since 1970. */
export function stepAt(seconds: number): number {
	return Math.floor(seconds / STEP_S);
}

/** A decoded code, nothing of it verified; views of the bytes. */
export interface Code {
	/** To be verified with `CODE_AAD`. */
	readonly sign1: Sign1;
	readonly credential: Uint8Array;
	readonly step: number;
}

/** Decodes what Base45 gave. Throws `CborError` or `CoseError`. */
export function decodeCode(bytes: Uint8Array): Code {
	if (bytes.length > MAX_CODE) throw new CborError("too-long");
	const sign1 = decodeSign1(bytes);
	if (sign1.algorithm === undefined) throw new CoseError("wrong-algorithm");
	const reader = new CborReader(sign1.payload);
	reader.arrayOf(2);
	const credential = reader.bytes();
	const step = reader.uint();
	if (step > MAX_STEP) throw new CborError("out-of-range");
	reader.end();
	return { sign1, credential, step };
}
