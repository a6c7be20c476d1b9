// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** A link of one use by which a person makes a way to sign in. */
export interface StartLink {
	/** Whose; `undefined`: of a new owner. */
	readonly administrator: string | undefined;
	readonly made: number;
	readonly until: number;
}

/** Hashes of the links' secrets. */
export class StartLinksTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** In place of those that this person was given before. */
	async add({ administrator, made, until }: StartLink, hash: Uint8Array): Promise<void> {
		await (administrator === undefined
			? this.#sql.all("DELETE FROM start_links WHERE administrator IS NULL OR until <= ?", made)
			: this.#sql.all("DELETE FROM start_links WHERE administrator = ? OR until <= ?", administrator, made));
		await this.#sql.all(
			"INSERT INTO start_links (hash, administrator, made, until) VALUES (?, ?, ?, ?)",
			hash,
			administrator ?? null,
			made,
			until,
		);
	}

	async find(hash: Uint8Array, now: number): Promise<StartLink | undefined> {
		const [row] = await this.#sql.all<{ administrator: string | null; made: number; until: number }>(
			"SELECT administrator, made, until FROM start_links WHERE hash = ? AND until > ?",
			hash,
			now,
		);
		return row && { ...row, administrator: row.administrator ?? undefined };
	}

	/** Whether it was there still: of two who use it at once one has it. */
	async use(hash: Uint8Array): Promise<boolean> {
		const rows = await this.#sql.all("DELETE FROM start_links WHERE hash = ? RETURNING until", hash);
		return rows.length === 1;
	}
}
