// SPDX-License-Identifier: Apache-2.0

import { fromHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { CommandResult } from "../../lib/sync/door-session.js";
import type { SiteSync } from "../../lib/sync/site-sync.js";
import type { FeedWatch } from "../events/feed-watch.js";
import type { FeedEvent } from "../store/feed.js";
import type { LogRow } from "../store/log.js";
import type { SiteStore } from "../store/store.js";
import { TELLING } from "./door-state.js";
import type { Asked, DoorRecord, DoorWatcher, Origin, SiteDoor, SiteDoors } from "./site-doors.js";

/** What of a site's server is needed for its doors to be published. */
export interface ServedSite {
	readonly store: SiteStore;
	readonly feed: Pick<FeedWatch, "bounds" | "watch">;
	readonly sync: Pick<SiteSync, "command" | "state">;
	readonly crypto: Crypto;
	/** Seconds since 1970. */
	readonly now: () => number;
}

/** Records that are looked at for how a door is. */
const RECENT = 1000;
/** What came of changes is looked up together, after this, ms. */
const GATHER_MS = 200;
/** Names that an administrator changes are in no event. */
const LOOK_MS = 30_000;

/** A site's doors for `HomeAssistant`, from the store and feed of its server. */
export class ServedDoors implements SiteDoors {
	readonly #site: ServedSite;
	readonly #failed: (error: unknown) => void;
	#doors: readonly SiteDoor[] = [];
	/** Of the newest row that was told of each door. */
	readonly #told = new Map<string, number>();
	#watcher: DoorWatcher | undefined;
	#unfeed = (): void => {};
	#look: NodeJS.Timeout | undefined;
	#isSoon = false;
	/** Rows of a door in their order: one look after the other. */
	#last: Promise<unknown> = Promise.resolve();

	static async open(site: ServedSite, failed: (error: unknown) => void): Promise<ServedDoors> {
		const doors = new ServedDoors(site, failed);
		doors.#doors = await doors.#now();
		const { newest } = await site.feed.bounds();
		doors.#unfeed = await site.feed.watch(newest, (event) => doors.#fed(event));
		doors.#lookIn(LOOK_MS);
		return doors;
	}

	private constructor(site: ServedSite, failed: (error: unknown) => void) {
		this.#site = site;
		this.#failed = failed;
	}

	list(): readonly SiteDoor[] {
		return this.#doors;
	}

	async recent(door: string): Promise<readonly DoorRecord[]> {
		const rows = await this.#site.store.log.rows({ door, kinds: TELLING, limit: RECENT });
		this.#told.set(door, rows[0]?.id ?? 0);
		return rows.reverse();
	}

	watch(watcher: DoorWatcher): () => void {
		this.#watcher = watcher;
		return () => {
			this.#watcher = undefined;
		};
	}

	/** Written down before it goes out, so that no command is without its origin. */
	async command(door: string, asked: Asked, { id, name }: Origin): Promise<string | null> {
		const { crypto, now, store, sync } = this.#site;
		const action = { at: now(), by: id, what: `command-${asked}`, to: door, details: { origin: name } };
		await store.actions.add(action, crypto);
		const result = await new Promise<CommandResult>((done) =>
			sync.command(door, { what: asked, for: 0, by: fromHex(id) }, done),
		);
		if (result === "done") return null;
		return result === "unknown" ? "the reader has not answered: it may have been done" : result.refusal;
	}

	close(): void {
		this.#unfeed();
		clearTimeout(this.#look);
		this.#watcher = undefined;
	}

	#fed({ door, kind }: FeedEvent): void {
		if (kind === "log" && door !== undefined) this.#tellRows(door);
		else this.#lookIn(GATHER_MS);
	}

	#tellRows(door: string): void {
		this.#last = this.#last.then(() => this.#rows(door)).catch(this.#failed);
	}

	/** Those of a door that nothing was told of are in its `recent`. */
	async #rows(door: string): Promise<void> {
		for (let more = this.#told.has(door); more; ) {
			const after = this.#told.get(door)!;
			const query = { door, kinds: TELLING, after, forward: true, limit: RECENT };
			const rows: LogRow[] = await this.#site.store.log.rows(query);
			for (const row of rows) this.#watcher?.recorded(door, row);
			if (rows.length > 0) this.#told.set(door, rows.at(-1)!.id);
			more = rows.length === RECENT;
		}
	}

	/** One that comes sooner is not put off. */
	#lookIn(ms: number): void {
		if (this.#isSoon) return;
		this.#isSoon = ms === GATHER_MS;
		clearTimeout(this.#look);
		this.#look = setTimeout(() => {
			this.#isSoon = false;
			this.#lookIn(LOOK_MS);
			this.#last = this.#last.then(() => this.#compare()).catch(this.#failed);
		}, ms);
	}

	async #compare(): Promise<void> {
		const before = new Map(this.#doors.map((door) => [door.id, JSON.stringify(door)]));
		this.#doors = await this.#now();
		const after = new Map(this.#doors.map((door) => [door.id, JSON.stringify(door)]));
		for (const id of new Set([...before.keys(), ...after.keys()]))
			if (before.get(id) !== after.get(id)) this.#watcher?.changed(id);
	}

	async #now(): Promise<SiteDoor[]> {
		const { store, sync } = this.#site;
		return (await store.doors.list()).map(({ id, ...door }) => ({
			id,
			name: "name" in door ? String(door.name) : "",
			online: sync.state(id)?.inSession === true,
		}));
	}
}
