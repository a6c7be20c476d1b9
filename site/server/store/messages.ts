// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** A message that waits to be sent. What it says is made when it is: the store has no link that opens anything. */
export interface QueuedMessage {
	readonly number: number;
	/** Who makes it and is told what becomes of it, as `invitation`. */
	readonly kind: string;
	/** Of that kind. */
	readonly ref: string;
	/** Times that it was tried, this one included. */
	readonly tries: number;
	readonly made: number;
}

export class MessagesTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** It goes out as soon as may be, once, however often it is asked for meanwhile. */
	async add(kind: string, ref: string, at: number): Promise<void> {
		await this.#sql.all(
			`INSERT INTO messages (kind, ref, tries, next, made) VALUES (?, ?, 0, ?, ?)
			ON CONFLICT (kind, ref) DO UPDATE SET tries = 0, next = excluded.next, made = excluded.made`,
			kind,
			ref,
			at,
			at,
		);
	}

	/**
	 * The next that is due, for this process alone until `lease`: one that ends in the middle leaves it to others then. `undefined`: none is
	 * due.
	 */
	async claim(now: number, lease: number): Promise<QueuedMessage | undefined> {
		const [row] = await this.#sql.all<QueuedMessage>(
			`UPDATE messages SET next = ?, tries = tries + 1 WHERE number =
			(SELECT number FROM messages WHERE next <= ? ORDER BY next, number LIMIT 1) AND next <= ?
			RETURNING number, kind, ref, tries, made`,
			lease,
			now,
			now,
		);
		return row;
	}

	async later({ number }: QueuedMessage, next: number): Promise<void> {
		await this.#sql.all("UPDATE messages SET next = ? WHERE number = ?", next, number);
	}

	/** It was not tried. */
	async giveBack({ number }: QueuedMessage, next: number): Promise<void> {
		await this.#sql.all("UPDATE messages SET next = ?, tries = tries - 1 WHERE number = ?", next, number);
	}

	async remove({ number }: QueuedMessage): Promise<void> {
		await this.#sql.all("DELETE FROM messages WHERE number = ?", number);
	}

	/** When the next is due; `undefined`: none waits. */
	async next(): Promise<number | undefined> {
		const [row] = await this.#sql.all<{ next: number | null }>("SELECT MIN(next) AS next FROM messages");
		return row?.next ?? undefined;
	}

	async count(): Promise<number> {
		const [row] = await this.#sql.all<{ count: number }>("SELECT COUNT(*) AS count FROM messages");
		return Number(row?.count ?? 0);
	}
}
