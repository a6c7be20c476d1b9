// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import { equal, readUint32, writeUint32 } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";

/**
 * Size of a frame's header. A frame is there wholly or not at all: the header (magic, length, first 8 bytes of the SHA-256
 * over both and the payload), then the payload, padded with 0xFF to a multiple of 16. It is one write.
 */
export const FRAME_HEADER = 16;

export function frameSize(length: number): number {
	return FRAME_HEADER + ((length + 15) & ~15);
}

export function writeFrame(flash: Flash, at: number, magic: number, bytes: Uint8Array, crypto: Crypto): void {
	const frame = new Uint8Array(frameSize(bytes.length)).fill(0xff);
	writeUint32(frame, 0, magic);
	writeUint32(frame, 4, bytes.length);
	frame.set(bytes, FRAME_HEADER);
	frame.set(frameCheck(frame, bytes, crypto), 8);
	flash.write(at, frame);
}

/** The payload of the frame at `at`; `undefined` where none is whole with that magic and at most `max` bytes. */
export function readFrame(
	flash: Flash,
	at: number,
	magic: number,
	max: number,
	crypto: Crypto,
): Uint8Array | undefined {
	const header = new Uint8Array(FRAME_HEADER);
	flash.read(at, header);
	if (readUint32(header, 0) !== magic) return undefined;
	const length = readUint32(header, 4);
	if (length === 0 || length > max) return undefined;
	const bytes = new Uint8Array(length);
	flash.read(at + FRAME_HEADER, bytes);
	return equal(frameCheck(header, bytes, crypto), header.subarray(8, 16)) ? bytes : undefined;
}

function frameCheck(header: Uint8Array, bytes: Uint8Array, crypto: Crypto): Uint8Array {
	return crypto.hash().update(header.subarray(0, 8)).update(bytes).digest().subarray(0, 8);
}
