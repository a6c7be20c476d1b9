// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";

/** Bytes of a public key that people compare: its `kid`, by which a list and signatures name it, and as many more. */
const LENGTH = 8;

/** How people name a root or a key: `d75a-9801-82b1-0ab7`, the first bytes of its public key as every file has it. */
export function fingerprintOf(publicKey: Uint8Array): string {
	return toHex(publicKey.subarray(0, LENGTH)).match(/.{4}/g)!.join("-");
}

/** Whether `text` is a key's fingerprint, whole or its first 8 digits (the `kid`), in any letters; or its whole public key. */
export function isNamedBy(publicKey: Uint8Array, text: string): boolean {
	const digits = text.replaceAll(/[\s-]/g, "").toLowerCase();
	return digits.length >= LENGTH && /^[0-9a-f]+$/.test(digits) && toHex(publicKey).startsWith(digits);
}
