// SPDX-License-Identifier: Apache-2.0

/** CRC_A (ISO/IEC 14443-3, 6.2.4 and annex B): x^16 + x^12 + x^5 + 1, from 0x6363, low byte first on the air. */
export function crcA(bytes: Uint8Array, length = bytes.length): number {
	let crc = 0x6363;
	for (let i = 0; i < length; i++) {
		let b = (bytes[i]! ^ crc) & 0xff;
		b = (b ^ (b << 4)) & 0xff;
		crc = (crc >> 8) ^ (b << 8) ^ (b << 3) ^ (b >> 4);
	}
	return crc & 0xffff;
}

/** A copy of `bytes` with its CRC_A behind it. */
export function withCrcA(bytes: Uint8Array): Uint8Array {
	const crc = crcA(bytes);
	const whole = new Uint8Array(bytes.length + 2);
	whole.set(bytes);
	whole[bytes.length] = crc & 0xff;
	whole[bytes.length + 1] = crc >> 8;
	return whole;
}

/** What is before a good CRC_A; `undefined` when it is not good. */
export function withoutCrcA(bytes: Uint8Array): Uint8Array | undefined {
	const length = bytes.length - 2;
	if (length < 1) return undefined;
	const crc = crcA(bytes, length);
	if (bytes[length] !== (crc & 0xff) || bytes[length + 1] !== crc >> 8) return undefined;
	return bytes.subarray(0, length);
}
