// SPDX-License-Identifier: Apache-2.0

import { crc32, readUint16, readUint32, writeUint16, writeUint32 } from "../bytes.js";

/**
 * Frames of the provisioning protocol, on a port that carries log lines as well. `docs/provisioning.md` has the bytes.
 *
 * `F5 4C`, version, kind, client (8), number (2), length (2), payload, CRC-32 of all between the marker and itself;
 * big-endian. F5 is in no UTF-8 text (RFC 3629 section 1), so a log line never looks like a frame. The layout is the
 * same in all versions, so that any version can refuse any other in words that the other understands.
 */
export const MARKER = 0xf5;
export const MARKER_2 = 0x4c;
export const HEADER = 16;
export const TRAILER = 4;
/** Bytes of payload at most: enough for a chunk of a plan or of the log, little enough for the device's RAM. */
export const MAX_PAYLOAD = 1280;
export const MAX_FRAME = HEADER + MAX_PAYLOAD + TRAILER;
export const CLIENT_LENGTH = 8;

export const KIND = Object.freeze({ request: 0, reply: 1, error: 2, event: 3 } as const);

export interface ProvisioningFrame {
	readonly version: number;
	readonly kind: number;
	/** The client that asks or is answered: 8 bytes that it draws at random. */
	readonly client: Uint8Array;
	/** A reply has its request's number. Events are counted, so that a lost one is noticed. */
	readonly number: number;
	readonly payload: Uint8Array;
}

/** RangeError when client or payload have a wrong length. */
export function encodeFrame(frame: ProvisioningFrame): Uint8Array {
	const { client, payload } = frame;
	if (client.length !== CLIENT_LENGTH) throw new RangeError("a client has 8 bytes");
	if (payload.length > MAX_PAYLOAD) throw new RangeError("payload too long for a frame");
	const bytes = new Uint8Array(HEADER + payload.length + TRAILER);
	bytes[0] = MARKER;
	bytes[1] = MARKER_2;
	bytes[2] = frame.version;
	bytes[3] = frame.kind;
	bytes.set(client, 4);
	writeUint16(bytes, 12, frame.number);
	writeUint16(bytes, 14, payload.length);
	bytes.set(payload, HEADER);
	writeUint32(bytes, HEADER + payload.length, crc32(bytes, 2, HEADER + payload.length));
	return bytes;
}

/** What `parseFrame` says of bytes that begin with `F5 4C`. */
export type Parsed = ProvisioningFrame | "more" | "bad";

/** Bytes of the whole frame at the beginning of `bytes`; 0 while its head is not there. */
export function frameLength(bytes: Uint8Array): number {
	return bytes.length < HEADER ? 0 : HEADER + readUint16(bytes, 14) + TRAILER;
}

/** The frame at the beginning of `bytes`, as views of them. */
export function parseFrame(bytes: Uint8Array): Parsed {
	if (bytes.length < HEADER) return "more";
	const length = readUint16(bytes, 14);
	if (length > MAX_PAYLOAD || bytes[3]! > KIND.event) return "bad";
	const end = HEADER + length;
	if (bytes.length < end + TRAILER) return "more";
	if (readUint32(bytes, end) !== crc32(bytes, 2, end)) return "bad";
	return {
		version: bytes[2]!,
		kind: bytes[3]!,
		client: bytes.subarray(4, 12),
		number: readUint16(bytes, 12),
		payload: bytes.subarray(HEADER, end),
	};
}
