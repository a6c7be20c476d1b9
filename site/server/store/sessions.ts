// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** Where an administrator is signed in, without the cookie: only its hash is kept. */
export interface Session {
	/** 16 hexadecimal digits. */
	readonly id: string;
	readonly administrator: string;
	/** When the person signed in. */
	readonly made: number;
	/** When it was used last, to the minute. */
	readonly seen: number;
	/** When the person has shown last who it is: at the sign-in, or since. */
	readonly confirmed: number;
	/** Which browser it is, in words. */
	readonly browser: string;
}

/** Without a request for so long a session has ended, s. */
const IDLE_S = 12 * 3600;
/** Its end in any case, s after the sign-in. */
export const SESSION_LIFE_S = 7 * 86_400;
/** It is written down so seldom that it is used, s. */
const SEEN_EVERY_S = 60;

const COLUMNS = "id, administrator, made, seen, confirmed, browser";

export class SessionsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** `hash`: SHA-256 of the cookie. Those that have ended make room. */
	async add({ administrator, browser, confirmed, id, made, seen }: Session, hash: Uint8Array): Promise<void> {
		await this.#sql.all(
			"DELETE FROM sessions WHERE made <= ? OR seen <= ?",
			made - SESSION_LIFE_S,
			made - IDLE_S,
		);
		await this.#sql.all(
			`INSERT INTO sessions (hash, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			hash,
			id,
			administrator,
			made,
			seen,
			confirmed,
			browser,
		);
	}

	/** The session with this hash, where it has not ended. */
	async find(hash: Uint8Array, now: number): Promise<Session | undefined> {
		const [row] = await this.#sql.all<Session>(
			`SELECT ${COLUMNS} FROM sessions WHERE hash = ? AND made > ? AND seen > ?`,
			hash,
			now - SESSION_LIFE_S,
			now - IDLE_S,
		);
		return row;
	}

	/** It was used now. */
	async use({ id, seen }: Session, now: number): Promise<void> {
		if (now >= seen + SEEN_EVERY_S) await this.#sql.all("UPDATE sessions SET seen = ? WHERE id = ?", now, id);
	}

	async confirm(id: string, now: number): Promise<void> {
		await this.#sql.all("UPDATE sessions SET confirmed = ? WHERE id = ?", now, id);
	}

	/** A person's, the newest first. */
	list(administrator: string, now: number): Promise<Session[]> {
		return this.#sql.all<Session>(
			`SELECT ${COLUMNS} FROM sessions WHERE administrator = ? AND made > ? AND seen > ? ORDER BY made DESC, id`,
			administrator,
			now - SESSION_LIFE_S,
			now - IDLE_S,
		);
	}

	/** Whether there was such a session of this person. */
	async end(administrator: string, id: string): Promise<boolean> {
		const rows = await this.#sql.all(
			"DELETE FROM sessions WHERE administrator = ? AND id = ? RETURNING id",
			administrator,
			id,
		);
		return rows.length > 0;
	}

	async drop(hash: Uint8Array): Promise<void> {
		await this.#sql.all("DELETE FROM sessions WHERE hash = ?", hash);
	}

	/** `but`: the id of one that stays. */
	async endAll(administrator: string, but = ""): Promise<void> {
		await this.#sql.all("DELETE FROM sessions WHERE administrator = ? AND id <> ?", administrator, but);
	}
}
