// SPDX-License-Identifier: Apache-2.0

const BLOCK = 32;
/** RFC 5869 2.3: 255 blocks. */
const MAX_LENGTH = 255 * BLOCK;

/** HKDF-Expand (RFC 5869 2.3): T(n) = HMAC(PRK, T(n-1) ‖ info ‖ n). `hmac`: HMAC-SHA-256 under the PRK. */
export function hkdfExpand(
	hmac: (data: Uint8Array) => Uint8Array,
	info: Uint8Array,
	length: number,
): Uint8Array {
	if (!(length >= 0 && length <= MAX_LENGTH)) throw new RangeError("HKDF-Expand gives up to 8160 bytes");
	const data = new Uint8Array(BLOCK + info.length + 1);
	data.set(info, BLOCK);
	const output = new Uint8Array(length);
	for (let at = 0, n = 1; at < length; at += BLOCK, n++) {
		data[BLOCK + info.length] = n;
		const block = hmac(n === 1 ? data.subarray(BLOCK) : data);
		data.set(block);
		output.set(block.subarray(0, length - at), at);
		block.fill(0);
	}
	data.fill(0);
	return output;
}
