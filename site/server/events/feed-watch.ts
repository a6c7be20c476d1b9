// SPDX-License-Identifier: Apache-2.0

import type { FeedEvent, FeedTable } from "../store/feed.js";

/** Between two looks, ms: another process of the site may have written. What this one wrote is told at once. */
const LOOK_MS = 1000;
const BATCH = 500;

/** Tells the events of a store's feed to all who watch, each once and in order. It looks only while there are any. */
export class FeedWatch {
	readonly #feed: Pick<FeedTable, "after" | "bounds">;
	readonly #failed: (error: unknown) => void;
	readonly #watchers = new Set<(event: FeedEvent) => void>();
	/** Of the newest event that was told. */
	#last = 0;
	#timer: NodeJS.Timeout | undefined;
	#looking: Promise<void> | undefined;
	#again = false;

	constructor(feed: Pick<FeedTable, "after" | "bounds">, failed: (error: unknown) => void) {
		this.#feed = feed;
		this.#failed = failed;
	}

	get watchers(): number {
		return this.#watchers.size;
	}

	bounds(): ReturnType<FeedTable["bounds"]> {
		return this.#feed.bounds();
	}

	/** Tells `take` all events after `id`, then each that comes. What it gives back ends that. */
	async watch(id: number, take: (event: FeedEvent) => void): Promise<() => void> {
		if (this.#watchers.size === 0) this.#last = Math.max(this.#last, (await this.#feed.bounds()).newest);
		for (let at = id; at < this.#last; ) {
			const events = await this.#feed.after(at, BATCH);
			if (events.length === 0) break;
			for (const event of events) if (event.id <= this.#last) take(event);
			at = events.at(-1)!.id;
		}
		// From the loop's last look to here nothing else has run.
		this.#watchers.add(take);
		this.#timer ??= setInterval(() => this.look(), LOOK_MS);
		return () => {
			this.#watchers.delete(take);
			if (this.#watchers.size === 0) this.close();
		};
	}

	/** The feed may have more. */
	look(): void {
		if (this.#watchers.size === 0) return;
		this.#again = true;
		this.#looking ??= this.#tell()
			.catch(this.#failed)
			.finally(() => {
				this.#looking = undefined;
			});
	}

	close(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	async #tell(): Promise<void> {
		while (this.#again) {
			this.#again = false;
			const events = await this.#feed.after(this.#last, BATCH);
			if (events.length === BATCH) this.#again = true;
			for (const event of events) {
				this.#last = event.id;
				for (const take of this.#watchers) take(event);
			}
		}
	}
}
