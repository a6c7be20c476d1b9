// SPDX-License-Identifier: Apache-2.0

import { PAYLOADS } from "./discovery.js";
import type { Asked } from "./site-doors.js";

/** What a door is asked by each payload. `UNLOCK` opens once: no command from another program keeps a door unlocked. */
const ASKS: Readonly<Record<string, Asked>> = Object.freeze({
	[PAYLOADS.open]: "open",
	[PAYLOADS.unlock]: "open",
	[PAYLOADS.lock]: "lock",
	[PAYLOADS.normal]: "normal",
});

const MAX_PAYLOAD = 16;

/** `undefined` for what is no command. */
export function askedBy(payload: Uint8Array): Asked | undefined {
	if (payload.length > MAX_PAYLOAD) return undefined;
	const text = Buffer.from(payload).toString("latin1");
	return Object.hasOwn(ASKS, text) ? ASKS[text] : undefined;
}

export interface Rate {
	/** At once. */
	readonly burst: number;
	/** Then one in so many ms. */
	readonly every: number;
}

export const DOOR_RATE: Rate = Object.freeze({ burst: 3, every: 10_000 });
export const SITE_RATE: Rate = Object.freeze({ burst: 10, every: 2_000 });

/** How often something may be done. */
export class RateLimit {
	readonly #rate: Rate;
	#left: number;
	#at: number;

	constructor(rate: Rate, now: number) {
		this.#rate = rate;
		this.#left = rate.burst;
		this.#at = now;
	}

	/** Whether it may be done at `now`, ms; then it is counted. */
	takes(now: number): boolean {
		const { burst, every } = this.#rate;
		this.#left = Math.min(burst, this.#left + Math.max(0, now - this.#at) / every);
		this.#at = now;
		if (this.#left < 1) return false;
		this.#left--;
		return true;
	}
}
