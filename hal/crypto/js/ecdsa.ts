// SPDX-License-Identifier: Apache-2.0

import { p256 } from "@noble/curves/nist.js";
import { need } from "./lengths.js";

/** ECDSA by P-256 and SHA-256, the nonce by RFC 6979: r ‖ s. RangeError where the key is not in 1..n-1. */
export function p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
	need(secretKey, 32, "P-256 secret key");
	if (!p256.utils.isValidSecretKey(secretKey)) throw new RangeError("P-256 secret key: not in 1..n-1");
	// ES256 (RFC 9053 2.1) does not demand a low s. No extra entropy, as in RFC 6979 3.2.
	return p256.sign(message, secretKey, { lowS: false, extraEntropy: false });
}
