// SPDX-License-Identifier: Apache-2.0

import type { Store } from "./store/store.js";

/** Where a reader's log and what is here of it part. */
export interface Fork {
	/** Of the first record that showed it. */
	readonly serial: number;
	/** Seconds since 1970. */
	readonly since: number;
}

/**
 * Readers whose logs have two histories, as where a flash was copied: two readers may have one identity. Nothing of either is acknowledged,
 * whoever of them begins a session, until an administrator has said that what is here is the door's, or has made the reader anew.
 */
export class Forks {
	/** By the store's number of the reader. */
	#forks: ReadonlyMap<number, Fork> = new Map();
	/** Those that the store has not yet. */
	readonly #adding = new Map<number, Fork>();

	async read({ facts }: Pick<Store, "facts">): Promise<void> {
		const kept = Object.entries((await facts.get("forks")) ?? {});
		this.#forks = new Map([
			...kept.map(([reader, fork]) => [Number(reader), fork] as const),
			...this.#adding,
		]);
	}

	of(reader: number): Fork | undefined {
		return this.#forks.get(reader);
	}

	/** From now on; the store has it when it resolves. */
	async add(store: StoreOfFacts, reader: number, fork: Fork): Promise<void> {
		this.#forks = new Map(this.#forks).set(reader, fork);
		this.#adding.set(reader, fork);
		await store.transaction(async ({ facts }) => {
			await facts.set("forks", { ...(await facts.get("forks")), [reader]: fork });
		});
		this.#adding.delete(reader);
	}

	/** In the store; `read` follows. */
	async end({ facts }: Pick<Store, "facts">, reader: number): Promise<void> {
		const { [reader]: _, ...rest } = (await facts.get("forks")) ?? {};
		await facts.set("forks", rest);
	}
}

interface StoreOfFacts {
	transaction<T>(work: (tx: Store) => Promise<T>): Promise<T>;
}
