// SPDX-License-Identifier: Apache-2.0

import { type CborLimits, CborReader } from "./reader.js";

/** Checks that `bytes` is one item of deterministic CBOR and nothing else. Throws `CborError`. */
export function validate(bytes: Uint8Array, limits?: CborLimits): void {
	const reader = new CborReader(bytes, limits);
	reader.skip();
	reader.end();
}
