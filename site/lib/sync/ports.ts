// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import type { EphemeralSource } from "../../../protocol/edhoc/ephemeral.js";

/** Timers. The simulator's run in simulated time. */
export interface SiteClock {
	/** Milliseconds, of any origin; it never goes back. */
	now(): number;
	/** Calls `run` once, `ms` from now, never before `after` returns. What it gives back cancels. */
	after(ms: number, run: () => void): () => void;
}

/** What the site's side of sync needs around it: no engine's own modules. */
export interface SitePorts {
	readonly crypto: Crypto;
	readonly ephemerals: EphemeralSource;
	readonly clock: SiteClock;
	/** Seconds since 1970. */
	seconds(): number;
	/** `data` is the callee's. Empty data that is retained takes back what was there. */
	publish(topic: string, data: Uint8Array, retain: boolean): void;
}
