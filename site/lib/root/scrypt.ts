// SPDX-License-Identifier: Apache-2.0

import { scryptSync } from "node:crypto";
import { P, R, type Scrypt } from "./scrypt-cost.js";

/** 32 bytes. */
export function scrypt(secret: Uint8Array, { N, salt }: Scrypt): Uint8Array {
	// What OpenSSL counts; Node's default of 32 MiB is short of it.
	const maxmem = 128 * R * (N + P + 2);
	return new Uint8Array(scryptSync(secret, salt, 32, { N, r: R, p: P, maxmem }));
}
