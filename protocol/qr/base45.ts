// SPDX-License-Identifier: Apache-2.0

/**
 * Base45 (RFC 9285): two bytes as three characters of the 45 that a QR code holds in 5.5 bits each, so that a code is smaller than
 * with its own bytes, which scanners pass on by a code page of theirs.
 */

/**
 * Decodes `length` characters of ASCII at the beginning of `text` into its own beginning: no byte is written before its characters
 * were read. How many bytes that are; -1 where it is no Base45 (another character, a group beyond 65535 or 255, one left over).
 */
export function decodeBase45(text: Uint8Array, length: number): number {
	let at = 0;
	let i = 0;
	for (; i + 2 < length; i += 3) {
		const a = digit(text[i]!);
		const b = digit(text[i + 1]!);
		const c = digit(text[i + 2]!);
		const value = a + 45 * b + 2025 * c;
		if (a < 0 || b < 0 || c < 0 || value > 0xffff) return -1;
		text[at++] = value >> 8;
		text[at++] = value & 255;
	}
	if (i === length) return at;
	if (i + 2 !== length) return -1;
	const a = digit(text[i]!);
	const b = digit(text[i + 1]!);
	const value = a + 45 * b;
	if (a < 0 || b < 0 || value > 255) return -1;
	text[at++] = value;
	return at;
}

/** The value of a character, -1 of another. Digits and letters without a table: they are nine in ten. */
function digit(c: number): number {
	if (c >= 0x41 && c <= 0x5a) return c - 55;
	if (c >= 0x30 && c < 0x3a) return c - 48;
	if (c === 0x3a) return 44;
	if (c >= 0x2a) return c < 0x30 && c !== 0x2c ? (c < 0x2c ? c - 3 : c - 4) : -1;
	if (c === 0x20) return 36;
	return c === 0x24 || c === 0x25 ? c + 1 : -1;
}
