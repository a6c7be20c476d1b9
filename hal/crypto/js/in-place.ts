// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import { need } from "./lengths.js";

/** `Crypto`'s ChaCha20-Poly1305 in place, for providers without native code for it: by the one that makes its results. */
type Sealer = Pick<Crypto, "chacha20Poly1305Seal" | "chacha20Poly1305Open">;

export function sealIn(
	this: Sealer,
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	bytes: Uint8Array,
	at: number,
	length: number,
): void {
	checkIn(bytes, at, length);
	bytes.set(this.chacha20Poly1305Seal(key, nonce, aad, bytes.subarray(at, at + length - 16)), at);
}

export function openIn(
	this: Sealer,
	key: Uint8Array,
	nonce: Uint8Array,
	aad: Uint8Array,
	bytes: Uint8Array,
	at: number,
	length: number,
): boolean {
	checkIn(bytes, at, length);
	const plaintext = this.chacha20Poly1305Open(key, nonce, aad, bytes.subarray(at, at + length));
	if (plaintext === undefined) return false;
	bytes.set(plaintext, at);
	return true;
}

/** Checks that ciphertext and tag, `length` bytes, lie in `bytes` from `at` on. */
function checkIn(bytes: Uint8Array, at: number, length: number): void {
	const inside = Number.isInteger(at) && Number.isInteger(length) && at >= 0 && length >= 16;
	if (!inside || at + length > bytes.length) throw new RangeError(`${at}, ${length}: not in the buffer`);
}

/** `Crypto.xor` for providers without native code for it. */
export function xor(into: Uint8Array, stream: Uint8Array): void {
	need(stream, into.length, "key stream");
	for (let i = 0; i < into.length; i++) into[i]! ^= stream[i]!;
}
