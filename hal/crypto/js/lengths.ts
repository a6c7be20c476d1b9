// SPDX-License-Identifier: Apache-2.0

/** Lengths that the Crypto contract demands, for the providers that are not native. */

/** RangeError where `bytes` are not `length`. */
export function need(bytes: Uint8Array, length: number, what: string): void {
	if (bytes.length !== length) throw new RangeError(`${what}: ${length} bytes, not ${bytes.length}`);
}

/** Checks key, nonce and tag length of AES-CCM-16-64-128 and of AES-CCM-16-128-128. */
export function checkCcm(key: Uint8Array, nonce: Uint8Array, tagLength: number): void {
	need(key, 16, "AES-CCM key");
	need(nonce, 13, "AES-CCM nonce");
	if (tagLength !== 8 && tagLength !== 16) throw new RangeError("AES-CCM tag: 8 or 16 bytes");
}

/** Checks key and nonce of ChaCha20-Poly1305. */
export function checkChaCha(key: Uint8Array, nonce: Uint8Array): void {
	need(key, 32, "ChaCha20 key");
	need(nonce, 12, "ChaCha20 nonce");
}
