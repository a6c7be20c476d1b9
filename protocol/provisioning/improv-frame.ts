// SPDX-License-Identifier: Apache-2.0

/**
 * Frames of Improv Wi-Fi over serial (improv-wifi.com/serial): `IMPROV`, version 1, type, length, data, and the low byte
 * of the sum of all bytes before.
 */
export const IMPROV_MARK: readonly number[] = Object.freeze([0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56]);
export const IMPROV_VERSION = 1;
export const IMPROV = Object.freeze({ state: 1, error: 2, rpc: 3, result: 4 } as const);
const HEAD = 9;

export interface ImprovFrame {
	readonly type: number;
	readonly data: Uint8Array;
	/** Bytes of the whole frame. */
	readonly size: number;
}

export function encodeImprov(type: number, data: Uint8Array): Uint8Array {
	if (data.length > 255) throw new RangeError("at most 255 bytes in an Improv frame");
	const bytes = new Uint8Array(HEAD + data.length + 2);
	bytes.set(IMPROV_MARK);
	bytes[6] = IMPROV_VERSION;
	bytes[7] = type;
	bytes[8] = data.length;
	bytes.set(data, HEAD);
	bytes[HEAD + data.length] = sum(bytes, HEAD + data.length);
	// The newline ends the line for those who read the port as text; it is not part of the frame.
	bytes[HEAD + data.length + 1] = 10;
	return bytes;
}

/** The frame at the beginning of `bytes`, whose data is a view of them. `damaged`: a whole one with a wrong checksum. */
export function parseImprov(bytes: Uint8Array): ImprovFrame | "more" | "bad" | "damaged" {
	const known = Math.min(IMPROV_MARK.length, bytes.length);
	for (let i = 0; i < known; i++) if (bytes[i] !== IMPROV_MARK[i]) return "bad";
	if (bytes.length > 6 && bytes[6] !== IMPROV_VERSION) return "bad";
	if (bytes.length < HEAD) return "more";
	const end = HEAD + bytes[8]!;
	if (bytes.length < end + 1) return "more";
	if (bytes[end] !== sum(bytes, end)) return "damaged";
	return { type: bytes[7]!, data: bytes.subarray(HEAD, end), size: end + 1 };
}

function sum(bytes: Uint8Array, to: number): number {
	let total = 0;
	for (let i = 0; i < to; i++) total += bytes[i]!;
	return total & 255;
}
