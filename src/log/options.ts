// SPDX-License-Identifier: Apache-2.0

import type { Flash } from "../../hal/contracts/flash.js";
import type { Clock, WallClock } from "../../hal/contracts/time.js";
import type { Crypto } from "../../protocol/crypto.js";

export interface AuditLogOptions {
	flash: Flash;
	crypto: Crypto;
	clock: Clock;
	wall: WallClock;
	/** First 8 bytes of the SHA-256 of the reader's public key; zeros before it has one. */
	reader: Uint8Array;
	/** Signs by the reader's Ed25519 key, 64 bytes; absent before it has one. */
	sign?: ((message: Uint8Array) => Uint8Array) | undefined;
}
