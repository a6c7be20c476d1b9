// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** What has happened, for those who watch: it names rows of other tables, and no people. */
export interface FeedEvent {
	/** Rises; where a watcher goes on after a break. */
	readonly id: number;
	readonly at: number;
	readonly kind: string;
	readonly door: string | undefined;
	readonly body: unknown;
}

/** Events that are kept for watchers that come back. */
const KEPT = 100_000;
/** They are cut down to that each time so many have come. */
const CUT_EVERY = 1_000;

export class FeedTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add({ at, kind, door, body }: Omit<FeedEvent, "id">): Promise<FeedEvent> {
		const [row] = await this.#sql.all<{ id: number }>(
			"INSERT INTO feed (at, kind, door, body) VALUES (?, ?, ?, ?) RETURNING id",
			at,
			kind,
			door ?? null,
			JSON.stringify(body),
		);
		const { id } = row!;
		if (id % CUT_EVERY === 0) await this.#sql.all("DELETE FROM feed WHERE id <= ?", id - KEPT);
		return { id, at, kind, door, body };
	}

	/** In their order; fewer than `limit` where there are no more. */
	async after(id: number, limit: number): Promise<FeedEvent[]> {
		const rows = await this.#sql.all<FeedEvent & { door: string | null; body: string }>(
			"SELECT id, at, kind, door, body FROM feed WHERE id > ? ORDER BY id LIMIT ?",
			id,
			limit,
		);
		return rows.map((row) => ({
			...row,
			door: row.door ?? undefined,
			body: JSON.parse(row.body) as unknown,
		}));
	}

	/** Of the oldest and the newest event that are here; 0: none. */
	async bounds(): Promise<{ oldest: number; newest: number }> {
		const [row] = await this.#sql.all<{ oldest: number | null; newest: number | null }>(
			"SELECT MIN(id) AS oldest, MAX(id) AS newest FROM feed",
		);
		return { oldest: row?.oldest ?? 0, newest: row?.newest ?? 0 };
	}
}
