// SPDX-License-Identifier: Apache-2.0

import { crc32, readUint16, readUint32, writeUint16, writeUint32 } from "../bytes.js";

/** The version of the protocol that this code speaks. */
export const VERSION = 3;

/**
 * Frames of the provisioning protocol, on a port that carries log lines as well. `docs/provisioning.md` has the bytes.
 *
 * `F5 4C`, version, kind, client (8), number (2), length (2), payload, a seal (16) where `kind` says so, CRC-32 of all
 * between the marker and itself; big-endian. F5 is in no UTF-8 text (RFC 3629 section 1), so a log line never looks like a
 * frame. A frame without a seal has the same layout in all versions, so that any version can refuse any other in words that
 * the other understands.
 */
export const MARKER = 0xf5;
export const MARKER_2 = 0x4c;
export const HEADER = 16;
export const TRAILER = 4;
/** Bytes of payload at most: enough for a chunk of a plan or of the log, little enough for the device's RAM. */
export const MAX_PAYLOAD = 1280;
/** Bytes of a seal. */
export const SEAL = 16;
export const MAX_FRAME = HEADER + MAX_PAYLOAD + SEAL + TRAILER;
export const CLIENT_LENGTH = 8;

/** Set in the kind of a frame that has a seal. */
export const SEALED = 4;

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

/** A frame as it came. */
export interface ReceivedFrame extends ProvisioningFrame {
	readonly seal: Uint8Array | undefined;
	/** All that a seal is over: from the version to the end of the payload. */
	readonly covered: Uint8Array;
}

/** Makes the seals of a session. */
export interface Sealer {
	seal(covered: Uint8Array): Uint8Array;
}

/** With a seal where there is a `session`. RangeError when client or payload have a wrong length. */
export function encodeFrame(frame: ProvisioningFrame, session?: Sealer): Uint8Array {
	const { client, payload } = frame;
	if (client.length !== CLIENT_LENGTH) throw new RangeError("a client has 8 bytes");
	if (payload.length > MAX_PAYLOAD) throw new RangeError("payload too long for a frame");
	const end = HEADER + payload.length;
	const sum = session === undefined ? end : end + SEAL;
	const bytes = new Uint8Array(sum + TRAILER);
	bytes[0] = MARKER;
	bytes[1] = MARKER_2;
	bytes[2] = frame.version;
	bytes[3] = session === undefined ? frame.kind : frame.kind | SEALED;
	bytes.set(client, 4);
	writeUint16(bytes, 12, frame.number);
	writeUint16(bytes, 14, payload.length);
	bytes.set(payload, HEADER);
	if (session !== undefined) bytes.set(session.seal(bytes.subarray(2, end)), end);
	writeUint32(bytes, sum, crc32(bytes, 2, sum));
	return bytes;
}

/** What `parseFrame` says of bytes that begin with `F5 4C`. */
export type Parsed = ReceivedFrame | "more" | "bad";

/** Bytes of the whole frame at the beginning of `bytes`; 0 while its head is not there. */
export function frameLength(bytes: Uint8Array): number {
	return bytes.length < HEADER ? 0 : sealEnd(bytes) + TRAILER;
}

/** The frame at the beginning of `bytes`, as views of them. */
export function parseFrame(bytes: Uint8Array): Parsed {
	if (bytes.length < HEADER) return "more";
	const length = readUint16(bytes, 14);
	const kind = bytes[3]!;
	if (length > MAX_PAYLOAD || kind > (SEALED | KIND.event)) return "bad";
	const sum = sealEnd(bytes);
	if (bytes.length < sum + TRAILER) return "more";
	if (readUint32(bytes, sum) !== crc32(bytes, 2, sum)) return "bad";
	const end = HEADER + length;
	return {
		version: bytes[2]!,
		kind: kind & ~SEALED,
		client: bytes.subarray(4, 12),
		number: readUint16(bytes, 12),
		payload: bytes.subarray(HEADER, end),
		seal: sum > end ? bytes.subarray(end, sum) : undefined,
		covered: bytes.subarray(2, end),
	};
}

/** Where payload and seal end, and the checksum begins. */
function sealEnd(bytes: Uint8Array): number {
	return HEADER + readUint16(bytes, 14) + ((bytes[3]! & SEALED) === 0 ? 0 : SEAL);
}
