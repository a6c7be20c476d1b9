// SPDX-License-Identifier: Apache-2.0

/**
 * ISO/IEC 7816-4 command-response pairs, short form only (many phones take nothing longer): command chaining
 * (5.3.3) for commands of over 255 bytes of data, GET RESPONSE (7816-4 5.3.4, SW1 = 61) for longer answers.
 */

/** The application that a phone offers: `F0` (proprietary, ISO 7816-5), "LINTEL", version of the AID 01. */
export const AID = Object.freeze([0xf0, 0x4c, 0x49, 0x4e, 0x54, 0x45, 0x4c, 0x01]);

/** Class byte of Lintel's own commands. */
export const CLA = 0x80;
/** Bit of the class byte: more of this command follows (ISO 7816-4 5.3.3). */
export const CLA_CHAIN = 0x10;

export const INS_SELECT = 0xa4;
export const INS_GET_RESPONSE = 0xc0;
/** A message of the transaction; P1 says which. */
export const INS_MESSAGE = 0xe8;

/** Data bytes in one short command (Lc is one byte). */
export const MAX_COMMAND_DATA = 255;
/** The largest answer put together by GET RESPONSE, bytes: a credential by value with an X.509 chain fits. */
export const MAX_RESPONSE = 1024;

export const SW_OK = 0x9000;

/** What a status word means to an installer; ISO 7816-4 table 6, and what Android's host card emulation says. */
export function statusText(sw: number): string {
	switch (sw) {
		case SW_OK:
			return "ok";
		case 0x6982:
			return "the phone wants its user to unlock it first";
		case 0x6985:
			return "the phone's app refuses now";
		case 0x6a82:
			return "the phone has no Lintel app, or it is not the one chosen for taps";
		case 0x6d00:
			return "the phone's app does not know this command: another version?";
		case 0x6f00:
			return "the phone's app failed";
		default:
			return "refused by the phone";
	}
}

/** Encodes one command; `data` is at most 255 bytes, `le` 0 asks for up to 256 bytes, `undefined` for none. */
export function encodeCommand(
	into: Uint8Array,
	cla: number,
	ins: number,
	p1: number,
	p2: number,
	data: Uint8Array | undefined,
	le: number | undefined,
): Uint8Array {
	into[0] = cla;
	into[1] = ins;
	into[2] = p1;
	into[3] = p2;
	let at = 4;
	if (data !== undefined && data.length > 0) {
		if (data.length > MAX_COMMAND_DATA) throw new RangeError("a short command holds 255 bytes");
		into[at++] = data.length;
		into.set(data, at);
		at += data.length;
	}
	if (le !== undefined) into[at++] = le;
	return into.subarray(0, at);
}

/** Header and Lc, before the data. */
export const COMMAND_HEAD = 5;

/** The longest short command: header, Lc, data, Le. */
export const MAX_COMMAND = 4 + 1 + MAX_COMMAND_DATA + 1;
