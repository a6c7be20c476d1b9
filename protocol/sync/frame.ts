// SPDX-License-Identifier: Apache-2.0

import { equal } from "../bytes.js";
import { errorMessage, isErrorMessage } from "../edhoc/errors.js";
import { MAX_FRAME, SESSION_ID } from "./bounds.js";

/** What travels on a door's two topics: the first byte says what it is. */

export const FRAME = Object.freeze({
	/** EDHOC messages 1 to 4: the session's id (8), then the message. */
	message1: 1,
	message2: 2,
	message3: 3,
	message4: 4,
	/** An EDHOC error message in place of the next one, likewise. */
	error: 5,
	/** A sealed message: counter (4), ciphertext and tag. */
	record: 6,
	/** A message in the clear: `want` and `list` alone. */
	clear: 7,
} as const);

/** Bytes before the EDHOC message. */
export const HANDSHAKE_HEAD = 1 + SESSION_ID;

export function handshakeFrame(type: number, id: Uint8Array, message: Uint8Array): Uint8Array {
	const frame = new Uint8Array(HANDSHAKE_HEAD + message.length);
	frame[0] = type;
	frame.set(id, 1);
	frame.set(message, HANDSHAKE_HEAD);
	return frame;
}

/** Whether a frame is EDHOC's, and not too long. */
export function isHandshake(frame: Uint8Array): boolean {
	const type = frame[0] ?? 0;
	return (
		type >= FRAME.message1 &&
		type <= FRAME.error &&
		frame.length > HANDSHAKE_HEAD &&
		frame.length <= MAX_FRAME
	);
}

/** Whether it is the message `type` of the session `id`, or an error in its place; nothing is in place of message_1. */
export function isNext(frame: Uint8Array, type: number, id: Uint8Array): boolean {
	if (!isHandshake(frame) || !equal(frame.subarray(1, HANDSHAKE_HEAD), id)) return false;
	if (type === FRAME.message1) return frame[0] === type;
	// Errors by their kind alone: no other message passes in a frame of theirs, nor they in one of its.
	return frame[0] === (isErrorMessage(frame.subarray(HANDSHAKE_HEAD)) ? FRAME.error : type);
}

/** What to send for an exception of a handshake; `undefined` where nothing may be sent. */
export function errorFrame(id: Uint8Array, error: unknown): Uint8Array | undefined {
	const message = errorMessage(error);
	return message && handshakeFrame(FRAME.error, id, message);
}
