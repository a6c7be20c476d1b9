// SPDX-License-Identifier: Apache-2.0

import type { FastifyRequest } from "fastify";
import { Problem } from "./problem.js";
import { FailedTries } from "./tries.js";

/** Wrong passwords that cost nothing, and seconds until one more is forgotten: for one address, and for one account. */
const BY_ADDRESS = [20, 6] as const;
const BY_ACCOUNT = [10, 30] as const;

/** Passwords and codes are tried through it alone; passkeys, which nobody guesses, are not. */
export class PasswordTries {
	readonly #addresses = new FailedTries(...BY_ADDRESS);
	readonly #accounts = new FailedTries(...BY_ACCOUNT);
	readonly #now: () => number;

	constructor(now: () => number) {
		this.#now = now;
	}

	/**
	 * What `work` gives; `undefined`: it was wrong. A try is counted before its work is done, so that many at once are held back, too.
	 * Throws `Problem`.
	 */
	async right<T>(
		{ ip }: FastifyRequest,
		account: string,
		work: () => Promise<T | undefined>,
	): Promise<T | undefined> {
		const now = this.#now();
		const wait = Math.max(this.#addresses.failed(ip, now), this.#accounts.failed(account, now));
		if (wait > 0)
			throw new Problem(
				429,
				"too-many-tries",
				"too many wrong tries: wait, or sign in with a passkey, which is always taken",
				wait,
			);
		const result = await work();
		if (result === undefined) return undefined;
		this.#addresses.forgive(ip, now);
		this.#accounts.forgive(account, now);
		return result;
	}
}
