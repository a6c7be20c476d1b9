// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** A token for the API, without the token: only its hash is kept. */
export interface Token {
	readonly id: string;
	readonly name: string;
	readonly role: string;
	readonly made: number;
	/** From then on it is worth nothing. */
	readonly until: number;
}

export class TokensTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** `hash`: SHA-256 of the token. */
	async add({ id, name, role, made, until }: Token, hash: Uint8Array): Promise<void> {
		await this.#sql.all(
			"INSERT INTO tokens (id, name, role, hash, made, until) VALUES (?, ?, ?, ?, ?, ?)",
			id,
			name,
			role,
			hash,
			made,
			until,
		);
	}

	/** The token with this hash, before its end. */
	async find(hash: Uint8Array, now: number): Promise<Token | undefined> {
		const [row] = await this.#sql.all<Token>(
			"SELECT id, name, role, made, until FROM tokens WHERE hash = ? AND until > ?",
			hash,
			now,
		);
		return row;
	}

	list(): Promise<Token[]> {
		return this.#sql.all<Token>("SELECT id, name, role, made, until FROM tokens ORDER BY made, id");
	}

	async remove(id: string): Promise<void> {
		await this.#sql.all("DELETE FROM tokens WHERE id = ?", id);
	}
}
