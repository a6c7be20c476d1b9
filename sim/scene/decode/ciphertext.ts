// SPDX-License-Identifier: Apache-2.0

/** Where the ciphertext is in what is sent, without the rest of its fields: for those who find out what it carries. */

import { MAJOR } from "../../../protocol/cbor/reader.js";
import { PUBLIC_LENGTH } from "../../../protocol/edhoc/suites.js";
import { RECORD_HEAD } from "../../../protocol/sync/bounds.js";
import { FRAME, HANDSHAKE_HEAD } from "../../../protocol/sync/frame.js";
import type { Format } from "./decode.js";

/** The ciphertext in bytes of a format; `undefined` where there is none. */
export function ciphertextOf(format: Format, bytes: Uint8Array): Uint8Array | undefined {
	if (format === "sync") return inFrame(bytes);
	return format.startsWith("edhoc-") ? inMessage(bytes, Number(format.slice(6))) : undefined;
}

/** In message 2, 3 or 4: what is in its byte string, behind G_Y in the first of them. */
function inMessage(message: Uint8Array, number: number): Uint8Array | undefined {
	const initial = message[0] ?? 0;
	if (number < 2 || initial >> 5 !== MAJOR.bytes) return undefined;
	const from = headLength(initial) + (number === 2 ? PUBLIC_LENGTH : 0);
	return from < message.length ? message.subarray(from) : undefined;
}

function inFrame(frame: Uint8Array): Uint8Array | undefined {
	const type = frame[0] ?? 0;
	if (type === FRAME.record) return frame.length > RECORD_HEAD ? frame.subarray(RECORD_HEAD) : undefined;
	const isMessage = type >= FRAME.message1 && type <= FRAME.message4;
	return isMessage ? inMessage(frame.subarray(HANDSHAKE_HEAD), type) : undefined;
}

/** Bytes of the head of CBOR that begins with this one (RFC 8949 3). */
export function headLength(initial: number): number {
	const info = initial & 31;
	return info >= 24 && info < 28 ? 1 + (1 << (info - 24)) : 1;
}
