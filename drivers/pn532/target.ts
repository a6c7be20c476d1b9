// SPDX-License-Identifier: Apache-2.0

import { IN_LIST_PASSIVE_TARGET } from "./commands.js";

/** Where a reply to InListPassiveTarget has the UID of its first target, and the UID's length. */
export const UID_LENGTH_AT = 5;
export const UID_AT = 6;
/** The longest UID, bytes. */
export const UID_MAX = 10;

/** What InListPassiveTarget found (ISO/IEC 14443-3 type A, 106 kbit/s). */
export interface Pn532Target {
	/** The chip's number for it, 1 or 2. */
	readonly number: number;
	/** `iso-dep` takes APDUs (bit 0x20 of SAK, ISO/IEC 14443-3 6.5.3.4); other targets are reported and not held. */
	readonly kind: "iso-dep" | "other";
	/** SENS_RES, 16 bits. */
	readonly atqa: number;
	/** SEL_RES. */
	readonly sak: number;
	/** 4, 7 or 10 bytes. Never an identity: a phone makes a new one at every tap. */
	readonly uid: Uint8Array;
	/** The whole ATS with its length byte (ISO/IEC 14443-4 5.2); empty when there was none. */
	readonly ats: Uint8Array;
	/** Frame waiting time, whole milliseconds rounded up (ISO/IEC 14443-4 7.2). */
	readonly fwtMs: number;
}

/**
 * Reads the parameters of an InListPassiveTarget reply (UM0701-02, 7.3.5), `bytes[from..to)` behind the reply code:
 * NbTg, then Tg, SENS_RES (2), SEL_RES, NFCIDLength, NFCID1, and ATS with its own length. `undefined` when they are
 * inconsistent: the target itself sent every length in there.
 */
export function parseTarget(bytes: Uint8Array, from: number, to: number): Pn532Target | undefined {
	if (to - from < 6) return undefined;
	const number = bytes[from + 1]!;
	const sak = bytes[from + 4]!;
	const uidLength = bytes[from + 5]!;
	const uidEnd = from + 6 + uidLength;
	if (number < 1 || number > 2 || uidEnd > to) return undefined;
	if (uidLength !== 4 && uidLength !== 7 && uidLength !== 10) return undefined;
	let ats = new Uint8Array(0);
	if (sak & 0x20 && uidEnd < to) {
		const length = bytes[uidEnd]!;
		if (length === 0 || uidEnd + length > to) return undefined;
		ats = bytes.slice(uidEnd, uidEnd + length);
	}
	return {
		number,
		kind: sak & 0x20 ? "iso-dep" : "other",
		atqa: (bytes[from + 2]! << 8) | bytes[from + 3]!,
		sak,
		uid: bytes.slice(from + 6, uidEnd),
		ats,
		fwtMs: frameWaitingTime(ats),
	};
}

/**
 * FWT of an ATS: 256 × 16 / fc × 2^FWI with fc = 13.56 MHz; FWI is the high half of TB(1), 4 where it is absent,
 * and 15 (reserved) counts as 4 (ISO/IEC 14443-4 5.2.5).
 */
export function frameWaitingTime(ats: Uint8Array): number {
	let fwi = 4;
	if (ats.length > 1) {
		const format = ats[1]!;
		const at = 2 + (format & 0x10 ? 1 : 0);
		if (format & 0x20 && at < ats.length) fwi = ats[at]! >> 4;
		if (fwi === 15) fwi = 4;
	}
	return Math.ceil((4096 << fwi) / 13_560);
}

export const LIST_REPLY = IN_LIST_PASSIVE_TARGET + 1;
