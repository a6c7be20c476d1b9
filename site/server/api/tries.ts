// SPDX-License-Identifier: Apache-2.0

const MAX_KEYS = 10_000;

/** Counts failed tries by address or by account. Who asks says what is refused: a right token or passkey never is. */
export class FailedTries {
	readonly #free: number;
	readonly #forget: number;
	/** The newest last. */
	readonly #tries = new Map<string, { count: number; at: number }>();

	/** `free`: so many cost nothing; `forget`: seconds until one more is forgotten. */
	constructor(free = 10, forget = 6) {
		this.#free = free;
		this.#forget = forget;
	}

	/** Seconds to wait from `now` on; 0: none. */
	failed(key: string, now: number): number {
		const count = Math.min(this.#left(key, now) + 1, this.#free + 1);
		this.#tries.delete(key);
		this.#tries.set(key, { count, at: now });
		if (this.#tries.size > MAX_KEYS) this.#tries.delete(this.#tries.keys().next().value as string);
		return count > this.#free ? Math.ceil((count - this.#free) * this.#forget) : 0;
	}

	/** A try that was counted before it was known was right. */
	forgive(key: string, now: number): void {
		this.#tries.set(key, { count: Math.max(0, this.#left(key, now) - 1), at: now });
	}

	#left(key: string, now: number): number {
		const before = this.#tries.get(key);
		return before === undefined ? 0 : Math.max(0, before.count - (now - before.at) / this.#forget);
	}
}
