// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes, without the helpers that XS lacks (TextEncoder, Buffer) and without loops over bytes where the engine has a
 * native way: a turn of a loop costs about 400 instructions on the device.
 */

/** Lower-case hexadecimal digits by their value. */
const DIGITS = "0123456789abcdef";

export function toHex(bytes: Uint8Array): string {
	let text = "";
	for (const byte of bytes) text += DIGITS[byte >> 4]! + DIGITS[byte & 15]!;
	return text;
}

/** Throws `SyntaxError` on an odd length or another character. */
export function fromHex(text: string): Uint8Array {
	if (text.length % 2 !== 0) throw new SyntaxError("odd number of hexadecimal digits");
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) {
		const high = DIGITS.indexOf(text.charAt(2 * i).toLowerCase());
		const low = DIGITS.indexOf(text.charAt(2 * i + 1).toLowerCase());
		if (high < 0 || low < 0) throw new SyntaxError("not hexadecimal");
		bytes[i] = (high << 4) | low;
	}
	return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	let length = 0;
	for (const part of parts) length += part.length;
	const joined = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		joined.set(part, at);
		at += part.length;
	}
	return joined;
}

/** Compares in variable time: it returns at the first difference. Secrets are compared by `Crypto.equal`. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && compare(a, b) === 0;
}

/** Bytewise order, a prefix first: < 0, 0 or > 0. */
export function compare(a: Uint8Array, b: Uint8Array): number {
	const shorter = Math.min(a.length, b.length);
	for (let i = 0; i < shorter; i++) {
		const difference = a[i]! - b[i]!;
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
}

export function readUint16(bytes: Uint8Array, at: number): number {
	return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Big-endian, 0 to 2^32-1. */
export function readUint32(bytes: Uint8Array, at: number): number {
	return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 8;
	bytes[at + 1] = value;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 24;
	bytes[at + 1] = value >>> 16;
	bytes[at + 2] = value >>> 8;
	bytes[at + 3] = value;
}

/**
 * UTF-8 (RFC 3629). A lone surrogate becomes U+FFFD. Works on engines whose strings are UTF-16 and on XS, whose
 * strings are code points.
 */
export function utf8Encode(text: string): Uint8Array {
	// A code point has at most 4 bytes; an array of numbers would take 16 bytes of an XS heap for each.
	const bytes = new Uint8Array(4 * text.length);
	let at = 0;
	for (const character of text) {
		let c = character.codePointAt(0)!;
		if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
		if (c < 0x80) bytes[at++] = c;
		else {
			if (c < 0x800) bytes[at++] = 0xc0 | (c >> 6);
			else {
				if (c < 0x10000) bytes[at++] = 0xe0 | (c >> 12);
				else {
					bytes[at++] = 0xf0 | (c >> 18);
					bytes[at++] = 0x80 | ((c >> 12) & 63);
				}
				bytes[at++] = 0x80 | ((c >> 6) & 63);
			}
			bytes[at++] = 0x80 | (c & 63);
		}
	}
	return bytes.slice(0, at);
}

const { fromCharCode } = String;

/** `undefined` when it is not well-formed UTF-8 (overlong forms, surrogates and cut sequences included). */
export function utf8Decode(bytes: Uint8Array): string | undefined {
	const { length } = bytes;
	let text = "";
	let i = 0;
	while (i < length) {
		const first = bytes[i++]!;
		if (first < 0x80) {
			text += fromCharCode(first);
			continue;
		}
		const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
		if (more === 0 || first > 0xf4 || i + more > length) return undefined;
		let c = first & (0x3f >> more);
		for (let k = 0; k < more; k++) {
			const next = bytes[i++]!;
			if ((next & 0xc0) !== 0x80) return undefined;
			c = (c << 6) | (next & 63);
		}
		const least = more === 3 ? 0x10000 : more === 2 ? 0x800 : 0x80;
		if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return undefined;
		text += String.fromCodePoint(c);
	}
	return text;
}

const CRC32 = /* @__PURE__ */ crcTable();

function crcTable(): readonly number[] {
	const table: number[] = [];
	for (let n = 0; n < 256; n++) {
		let c = n;
		for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
		// Kept signed: XS holds a 32-bit integer in the slot, a larger number would be a double.
		table.push(c | 0);
	}
	return Object.freeze(table);
}

/** Inputs of at least this many bytes are read by words; shorter ones do not repay the view that it takes. */
const LONG = 64;

/**
 * CRC-32 of IEEE 802.3 (as in zlib) over `bytes[from..to)`, 0 to 2^32-1; `seed` is the CRC-32 of the bytes before. Long inputs
 * are read by words, since on XS reading an element costs as much as all the arithmetic on it.
 */
export function crc32(bytes: Uint8Array, from = 0, to = bytes.length, seed = 0): number {
	let c = ~seed;
	let at = from;
	if (to - from >= LONG) {
		const { buffer, byteOffset } = bytes;
		while (((byteOffset + at) & 3) !== 0) c = CRC32[(c ^ bytes[at++]!) & 255]! ^ (c >>> 8);
		const count = (to - at) >> 2;
		const words = new Int32Array(buffer, byteOffset + at, count);
		for (let i = 0; i < count; i++) {
			// Little-endian, as every processor that this runs on.
			c ^= words[i]!;
			c = CRC32[c & 255]! ^ (c >>> 8);
			c = CRC32[c & 255]! ^ (c >>> 8);
			c = CRC32[c & 255]! ^ (c >>> 8);
			c = CRC32[c & 255]! ^ (c >>> 8);
		}
		at += count << 2;
	}
	while (at < to) c = CRC32[(c ^ bytes[at++]!) & 255]! ^ (c >>> 8);
	return ~c >>> 0;
}
