// SPDX-License-Identifier: Apache-2.0

/** The two y of the points of order 8, as they are encoded: little-endian, without the sign of x. */
const ORDER_8 = Object.freeze([
	Object.freeze([
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
		0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	]),
	Object.freeze([
		0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
		0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
	]),
] as const);

/**
 * Whether 32 bytes are no encoding that a key or the R of a signature may have: a point of small order, to which signatures
 * are found without any secret, or a y that is not below p = 2^255 - 19 (RFC 8032 5.1.3). That the rest is on the curve, only
 * its decoding tells, which is a part of every verification.
 */
export function isWeakPoint(bytes: Uint8Array): boolean {
	const first = bytes[0]!;
	const top = bytes[31]! & 0x7f;
	// y = 0 has order 4, y = 1 is the neutral element.
	if (top === 0 && first <= 1) return isFilled(bytes, 0);
	// y = p - 1 has order 2; what follows it is p and above.
	if (top === 0x7f && first >= 0xec) return isFilled(bytes, 0xff);
	return isY(bytes, ORDER_8[0]) || isY(bytes, ORDER_8[1]);
}

/** Whether all bytes between the first and the last are `byte`. */
function isFilled(bytes: Uint8Array, byte: number): boolean {
	for (let i = 1; i < 31; i++) if (bytes[i] !== byte) return false;
	return true;
}

function isY(bytes: Uint8Array, y: readonly number[]): boolean {
	for (let i = 0; i < 31; i++) if (bytes[i] !== y[i]) return false;
	return (bytes[31]! & 0x7f) === y[31];
}
