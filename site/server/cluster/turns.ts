// SPDX-License-Identifier: Apache-2.0

import type { SiteStore } from "../store/store.js";
import type { Shared } from "./cluster.js";

/** What the others of a site's processes are told of an edit, in the feed. */
export interface EditNews {
	/** The process that made it; "": one that ended meanwhile. */
	readonly by: string;
	/** null: all. */
	readonly doors: readonly string[] | null;
	readonly urgent: boolean;
}

export interface TurnsPorts {
	readonly store: SiteStore;
	readonly shared?: Shared | undefined;
	/** Seconds since 1970. */
	seconds(): number;
	/** The feed has more. */
	fed(): void;
	/** Takes in all that is in the store. */
	read(): Promise<void>;
}

/** Edits of a site, one after the other, by whichever process: each begins with what the others have made. */
export class Turns {
	readonly #ports: TurnsPorts;
	#last: Promise<unknown> = Promise.resolve();
	/** Up to which this process has read what was made; -1: it has to read all. */
	#number = 0;
	/** Doors that this turn has touched; null: all. */
	#touched: Set<string> | null = new Set();
	#urgent = false;

	constructor(ports: TurnsPorts) {
		this.#ports = ports;
	}

	/** Resolves when all that was asked for has ended. */
	async ended(): Promise<void> {
		await this.#last;
	}

	take<T>(work: () => Promise<T>): Promise<T> {
		const { shared } = this.#ports;
		return this.#next(() =>
			shared === undefined ? work() : shared.alone(() => this.#take(work, shared.id)),
		);
	}

	/** The turn changes what these doors are to have; null: all. */
	touch(doors: ReadonlySet<string> | null, urgent: boolean): void {
		if (doors === null) this.#touched = null;
		else for (const door of doors) this.#touched?.add(door);
		this.#urgent ||= urgent;
	}

	/** Reads what other processes have made, if anything. */
	async catchUp(): Promise<void> {
		const { shared } = this.#ports;
		if (shared === undefined || (await this.#isNewest())) return;
		await this.#next(() => shared.alone(() => this.#read()));
	}

	#next<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#last.then(work);
		this.#last = done.catch(() => undefined);
		return done;
	}

	/** What a process was killed in stays open, so that the next one finds it. */
	async #take<T>(work: () => Promise<T>, by: string): Promise<T> {
		const { fed, store } = this.#ports;
		await this.#read();
		const number = this.#number + 1;
		await store.facts.set("turn", { number, open: true });
		this.#touched = new Set();
		this.#urgent = false;
		let isDone = false;
		try {
			const result = await work();
			isDone = true;
			return result;
		} finally {
			await this.#end(number, { by, doors: this.#touched && [...this.#touched], urgent: this.#urgent });
			// What of it is in the store is read anew.
			if (!isDone) this.#number = -1;
			fed();
		}
	}

	async #isNewest(): Promise<boolean> {
		const turn = await this.#ports.store.facts.get("turn");
		return turn === undefined || (turn.number === this.#number && !turn.open);
	}

	/** A turn that is open was its process's last: what that did is taken for a change of all doors. */
	async #read(): Promise<void> {
		const turn = await this.#ports.store.facts.get("turn");
		if (turn === undefined || (turn.number === this.#number && !turn.open)) return;
		await this.#ports.read();
		this.#number = turn.number;
		if (turn.open) await this.#end(turn.number, { by: "", doors: null, urgent: true });
	}

	async #end(number: number, news: EditNews): Promise<void> {
		const { seconds, store } = this.#ports;
		await store.transaction(async (tx) => {
			await tx.facts.set("turn", { number, open: false });
			await tx.feed.add({ at: seconds(), kind: "edit", door: undefined, body: news });
		});
		this.#number = number;
	}
}
