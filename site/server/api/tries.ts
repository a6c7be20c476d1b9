// SPDX-License-Identifier: Apache-2.0

/** Failed tries that cost nothing, for one address. */
const FREE = 10;
/** Seconds until one more is forgotten. */
const FORGET_S = 6;
const MAX_ADDRESSES = 10_000;

/** Counts wrong tokens by address. A right one is always taken, so that nobody can lock an administrator out. */
export class FailedTries {
	/** The newest last. */
	readonly #tries = new Map<string, { count: number; at: number }>();

	/** Seconds to wait from `now` on; 0: none. */
	failed(address: string, now: number): number {
		const before = this.#tries.get(address) ?? { count: 0, at: now };
		const left = Math.max(0, before.count - (now - before.at) / FORGET_S);
		const count = Math.min(left + 1, FREE + 1);
		this.#tries.delete(address);
		this.#tries.set(address, { count, at: now });
		if (this.#tries.size > MAX_ADDRESSES) this.#tries.delete(this.#tries.keys().next().value as string);
		return count > FREE ? Math.ceil((count - FREE) * FORGET_S) : 0;
	}
}
