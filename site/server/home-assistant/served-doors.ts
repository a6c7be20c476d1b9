// SPDX-License-Identifier: Apache-2.0

import { fromHex } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import type { CommandResult } from "../../lib/sync/door-command.js";
import type { SiteSync } from "../../lib/sync/site-sync.js";
import type { SiteTransport } from "../broker/transport.js";
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
	readonly transport: Pick<SiteTransport, "isConnected">;
	readonly crypto: Crypto;
	/** Seconds since 1970. */
	readonly now: () => number;
}

/** Records that are looked at for how a door is. */
const RECENT = 1000;
/** What came of changes is looked up together, after this, ms. */
const GATHER_MS = 200;
/** Names that an administrator changes are in no event. */
const NAMES_MS = 30_000;
/** That a connection is gone is in no event, either. */
const ONLINE_MS = 2_000;

/** A site's doors for `HomeAssistant`, from the store and feed of its server. */
export class ServedDoors implements SiteDoors {
	readonly #site: ServedSite;
	readonly #failed: (error: unknown) => void;
	#doors: readonly SiteDoor[] = [];
	/** Of the newest row that was told of each door. */
	readonly #told = new Map<string, number>();
	#watcher: DoorWatcher | undefined;
	#unfeed = (): void => {};
	#soon: NodeJS.Timeout | undefined;
	readonly #timers: NodeJS.Timeout[] = [];
	/** Rows of a door in their order: one look after the other. */
	#last: Promise<unknown> = Promise.resolve();

	static async open(site: ServedSite, failed: (error: unknown) => void): Promise<ServedDoors> {
		const doors = new ServedDoors(site, failed);
		await doors.#lookUp();
		const { newest } = await site.feed.bounds();
		doors.#unfeed = await site.feed.watch(newest, (event) => doors.#fed(event));
		doors.#timers.push(
			setInterval(() => doors.#lookSoon(), NAMES_MS),
			setInterval(() => doors.#compare(doors.#doors.map(({ id, name }) => doors.#door(id, name))), ONLINE_MS),
		);
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
		clearTimeout(this.#soon);
		for (const timer of this.#timers) clearInterval(timer);
		this.#watcher = undefined;
	}

	#fed({ door, kind }: FeedEvent): void {
		if (kind === "log" && door !== undefined) this.#tellRows(door);
		else this.#lookSoon();
	}

	#tellRows(door: string): void {
		this.#turn(() => this.#rows(door));
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

	/** What comes soon is looked up once for all that came. */
	#lookSoon(): void {
		this.#soon ??= setTimeout(() => {
			this.#soon = undefined;
			this.#turn(() => this.#lookUp());
		}, GATHER_MS);
	}

	async #lookUp(): Promise<void> {
		const doors = await this.#site.store.doors.list();
		this.#compare(doors.map(({ id, name }) => this.#door(id, name)));
	}

	/** A broker knows at once that a reader is gone, and its session not before it is asked. */
	#door(id: string, name: string): SiteDoor {
		const { sync, transport } = this.#site;
		return { id, name, online: sync.state(id)?.inSession === true && transport.isConnected(id) !== false };
	}

	#compare(doors: readonly SiteDoor[]): void {
		const before = new Map(this.#doors.map((door) => [door.id, door]));
		this.#doors = doors;
		const gone = new Set(before.keys());
		for (const door of doors) {
			gone.delete(door.id);
			const was = before.get(door.id);
			if (was?.name !== door.name || was.online !== door.online) this.#watcher?.changed(door.id);
		}
		for (const id of gone) this.#watcher?.changed(id);
	}

	#turn(work: () => Promise<void>): void {
		this.#last = this.#last.then(work).catch(this.#failed);
	}
}
