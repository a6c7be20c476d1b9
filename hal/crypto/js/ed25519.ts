// SPDX-License-Identifier: Apache-2.0

import { isWeakPoint } from "../../../protocol/credential/ed25519-point.js";

/**
 * What libsodium checks of a signature before its equation, for the providers whose libraries leave it out. The equation itself
 * is the one without the cofactor (RFC 8032 8.4) in all of them.
 */

/** The order of Ed25519's group, little-endian: RFC 8032 5.1.7 wants S below it. */
const ED25519_L = Object.freeze([
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]);

/** Whether the 32 bytes at `at`, little-endian, are below the group's order. */
function isReduced(signature: Uint8Array, at: number): boolean {
	for (let i = 31; i >= 0; i--) {
		const difference = signature[at + i]! - ED25519_L[i]!;
		if (difference !== 0) return difference < 0;
	}
	return false;
}

/** Whether S is reduced, and neither R nor the key is a weak point. */
export function isStrict(signature: Uint8Array, publicKey: Uint8Array): boolean {
	return (
		signature.length === 64 &&
		isReduced(signature, 32) &&
		!isWeakPoint(signature.subarray(0, 32)) &&
		!isWeakPoint(publicKey)
	);
}
