// SPDX-License-Identifier: Apache-2.0

/**
 * CRC_A (ISO/IEC 13239 as ISO/IEC 14443-3 6.2.4 uses it): initial value 6363, polynomial x^16 + x^12 + x^5 + 1,
 * reflected; low byte first on the air.
 */
export function crcA(bytes: Uint8Array): number {
	let crc = 0x6363;
	for (const byte of bytes) {
		let t = (byte ^ crc) & 0xff;
		t = (t ^ (t << 4)) & 0xff;
		crc = (crc >> 8) ^ (t << 8) ^ (t << 3) ^ (t >> 4);
	}
	return crc & 0xffff;
}

/** `frame` with its CRC_A behind it, as InCommunicateThru sends it when the CIU adds none. */
export function withCrcA(frame: Uint8Array): Uint8Array {
	const crc = crcA(frame);
	const whole = new Uint8Array(frame.length + 2);
	whole.set(frame);
	whole[frame.length] = crc & 255;
	whole[frame.length + 1] = crc >> 8;
	return whole;
}
