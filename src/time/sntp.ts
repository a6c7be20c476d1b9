// SPDX-License-Identifier: Apache-2.0

import { readUint32 } from "../../protocol/bytes.js";
import { MAX_TIME, MIN_TIME } from "../../protocol/provisioning/bounds.js";

/** The bytes of SNTP: RFC 4330, with the checks of its clause 5; version 4, no authentication, so no more than a hint of the time. */
export const SNTP_SIZE = 48;
export const SNTP_PORT = 123;
/** Bytes of a timestamp. */
export const NONCE_SIZE = 8;

/** Leap indicator 0, version 4, mode 3 (client). */
const REQUEST = 0x23;
const SERVER = 4;
const AT = Object.freeze({ delay: 4, dispersion: 8, reference: 12, originate: 24, transmit: 40 } as const);
/** From 1900 to 1970, s. */
const UNIX = 2_208_988_800;
/** A server farther than this from its reference clock knows no time, in units of 2^-16 s: RFC 5905's MAXDISP, 16 s. */
const MAX_DISTANCE = 16 << 16;

/** Why an answer is not taken. */
export type SntpFault =
	| "malformed"
	/** Not the answer to this request: late, or by another than the server. */
	| "not-asked"
	/** Kiss-o'-death: the server serves us no more. */
	| "denied"
	/** Kiss-o'-death: we ask too often. */
	| "rate"
	| "unsynchronised";

/**
 * Fills `request`. The transmit timestamp is `nonce`: a server repeats it in its answer, so that who does not see the request
 * cannot make one; and it says nothing of this reader's clock.
 */
export function writeSntpRequest(request: Uint8Array, nonce: Uint8Array): void {
	request.fill(0);
	request[0] = REQUEST;
	request.set(nonce, AT.transmit);
}

/** The time in a server's answer, seconds since 1970, or why it counts for nothing. */
export function readSntpAnswer(answer: Uint8Array, nonce: Uint8Array): number | SntpFault {
	// Longer: extension fields and a MAC, which nothing here has a key for.
	if (answer.length < SNTP_SIZE) return "malformed";
	const version = (answer[0]! >> 3) & 7;
	if ((answer[0]! & 7) !== SERVER || version < 3 || version > 4) return "malformed";
	for (let i = 0; i < NONCE_SIZE; i++) if (answer[AT.originate + i] !== nonce[i]) return "not-asked";
	const stratum = answer[1]!;
	if (stratum === 0) return kissOf(answer);
	const seconds = readUint32(answer, AT.transmit);
	const distance = readUint32(answer, AT.delay) / 2 + readUint32(answer, AT.dispersion);
	if (stratum > 15 || answer[0]! >> 6 === 3 || distance > MAX_DISTANCE || seconds === 0)
		return "unsynchronised";
	// Clause 3: with the highest bit clear it counts from 2036 on.
	const time = seconds >= 0x8000_0000 ? seconds - UNIX : seconds + (0x1_0000_0000 - UNIX);
	return time < MIN_TIME || time > MAX_TIME ? "unsynchronised" : time;
}

/** Clause 8: what the four letters of a kiss-o'-death packet say. */
function kissOf(answer: Uint8Array): SntpFault {
	const code = readUint32(answer, AT.reference);
	if (code === 0x5241_5445) return "rate"; // RATE
	// INIT and STEP pass by themselves; DENY, RSTR and all others end it.
	return code === 0x494e_4954 || code === 0x5354_4550 ? "unsynchronised" : "denied";
}
