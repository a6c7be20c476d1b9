// SPDX-License-Identifier: Apache-2.0

/**
 * Advertising data (Core 5.4 Vol 3 Part C 11: length, type, bytes) as the SDK takes it: the bytes by their type as a
 * decimal. Types are written in rising order there, which is the order of an object's integer keys.
 */
export function advertisementOf(bytes: Uint8Array): Record<number, Uint8Array> {
	const structures: Record<number, Uint8Array> = {};
	for (let at = 0; at < bytes.length; ) {
		const length = bytes[at]!;
		const end = at + 1 + length;
		if (length < 1 || end > bytes.length) throw new RangeError(`advertising data is cut at ${at}`);
		structures[bytes[at + 1]!] = bytes.slice(at + 2, end);
		at = end;
	}
	return structures;
}
