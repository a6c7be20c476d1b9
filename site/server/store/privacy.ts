// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../../protocol/bytes.js";
import { atomically, type Sql } from "./database.js";

/** The last record of a reader's log that was removed as too old: the one after it follows its link. */
export interface CutLog {
	readonly serial: number;
	readonly link: Uint8Array;
}

/** What the store has of one person besides the log and the audit, as its tables have it. */
export interface PersonRows {
	readonly user: { readonly id: string; readonly entry: unknown; readonly removed: number | null };
	readonly person: {
		readonly name: string;
		readonly email: string | null;
		readonly phone: string | null;
	} | null;
	readonly credentials: readonly Readonly<Record<string, unknown>>[];
	readonly invitations: readonly Readonly<Record<string, unknown>>[];
}

/** Statements over all tables that have something of people: to give it out, to forget it, and to forget what is old. */
export class PrivacyTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** Of a person who was removed, too. */
	async person(id: string): Promise<PersonRows | undefined> {
		const [user] = await this.#sql.all<{ id: string; entry: string; removed: number | null }>(
			"SELECT id, entry, removed FROM users WHERE id = ?",
			id,
		);
		if (user === undefined) return undefined;
		const [person] = await this.#sql.all<PersonRows["person"] & object>(
			"SELECT name, email, phone FROM people WHERE user_id = ?",
			id,
		);
		const credentials = await this.#sql.all<Record<string, unknown>>(
			"SELECT id, entry, public_key, issued, removed FROM credentials WHERE user_id = ? ORDER BY position, id",
			id,
		);
		const invitations = await this.#sql.all<Record<string, unknown>>(
			`SELECT id, way, state, reason, made, sent, until, opened, accepted, replaces, credential, issued, expires, seen
			FROM invitations WHERE user_id = ? ORDER BY number`,
			id,
		);
		return {
			user: { ...user, entry: JSON.parse(user.entry) as unknown },
			person: person ?? null,
			credentials: credentials.map(shown),
			invitations: invitations.map(shown),
		};
	}

	/**
	 * Forgets who a removed person was: name and addresses, also where a transport named one in its refusal; links that were not used are
	 * worth nothing. What the person's credentials did stays, as that of an unnamed person.
	 */
	async erase(user: string): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all("DELETE FROM people WHERE user_id = ?", user);
			await sql.all("UPDATE invitations SET reason = NULL, link = NULL WHERE user_id = ?", user);
		});
	}

	/** Likewise all people and administrators who were removed before `at`. How many there were. */
	async eraseRemoved(at: number): Promise<number> {
		return atomically(this.#sql, async (sql) => {
			const users = await sql.all<{ id: string }>(
				"SELECT id FROM users WHERE removed < ? AND id IN (SELECT user_id FROM people)",
				at,
			);
			for (const { id } of users) await new PrivacyTable(sql).erase(id);
			const administrators = await sql.all(
				"UPDATE administrators SET name = '' WHERE removed < ? AND name <> '' RETURNING id",
				at,
			);
			return users.length + administrators.length;
		});
	}

	/** Readers whose logs are here. */
	async readers(): Promise<number[]> {
		const rows = await this.#sql.all<{ id: number }>("SELECT id FROM readers ORDER BY id");
		return rows.map(({ id }) => id);
	}

	/** Removes a reader's records that were received before `at`, but the newest of all, with their checkpoints. How many there were. */
	async cutLog(reader: number, at: number): Promise<number> {
		const from = await this.#firstSince(reader, at);
		if (from === undefined) return 0;
		return atomically(this.#sql, async (sql) => {
			const [last] = await sql.all<CutLog>(
				"SELECT serial, link FROM log WHERE reader = ? AND serial < ? ORDER BY serial DESC LIMIT 1",
				reader,
				from,
			);
			if (last === undefined) return 0;
			const gone = await sql.all(
				"DELETE FROM log WHERE reader = ? AND serial < ? RETURNING serial",
				reader,
				from,
			);
			await sql.all("DELETE FROM checkpoints WHERE reader = ? AND serial < ?", reader, from);
			await sql.all("DELETE FROM forks WHERE reader = ? AND received < ?", reader, at);
			await sql.all(
				`INSERT INTO log_cuts (reader, serial, link) VALUES (?, ?, ?)
				ON CONFLICT (reader) DO UPDATE SET serial = excluded.serial, link = excluded.link`,
				reader,
				last.serial,
				last.link,
			);
			return gone.length;
		});
	}

	/** Where a reader's log begins after what was removed of it. */
	async cut(reader: number): Promise<CutLog | undefined> {
		const [row] = await this.#sql.all<CutLog>("SELECT serial, link FROM log_cuts WHERE reader = ?", reader);
		return row;
	}

	/** Alarms that were seen, and events for watchers, of before `at`. */
	async eraseNews(at: number): Promise<void> {
		await this.#sql.all("DELETE FROM alarms WHERE acknowledged IS NOT NULL AND raised < ?", at);
		await this.#sql.all("DELETE FROM feed WHERE at < ?", at);
	}

	/** The serial of the first record from `at` on, or of the newest of all; records came in the order of their serials. */
	async #firstSince(reader: number, at: number): Promise<number | undefined> {
		const [ends] = await this.#sql.all<{ first: number | null; last: number | null }>(
			"SELECT MIN(serial) AS first, MAX(serial) AS last FROM log WHERE reader = ?",
			reader,
		);
		if (ends?.first == null || ends.last === null) return undefined;
		let low = ends.first;
		let high = ends.last;
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			const [row] = await this.#sql.all<{ serial: number; received: number }>(
				"SELECT serial, received FROM log WHERE reader = ? AND serial >= ? ORDER BY serial LIMIT 1",
				reader,
				middle,
			);
			if (row!.received < at) low = row!.serial + 1;
			else high = middle;
		}
		return Math.min(low, ends.last);
	}
}

function shown(row: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]),
	);
}
