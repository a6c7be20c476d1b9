// SPDX-License-Identifier: Apache-2.0

import { atomically, insertRows, type Sql } from "./database.js";

/** A person who signs in and works on the site. */
export interface Administrator {
	/** 16 hexadecimal digits, which say nothing about the person. */
	readonly id: string;
	/** Empty once the person was erased. */
	readonly name: string;
	/** What the person signs in with, in lower case; `undefined` until the link was used that the person was given. */
	readonly login: string | undefined;
	readonly role: string;
	/** Of a manager: the doors that are this person's; else `undefined`: all. */
	readonly doors: readonly string[] | undefined;
	/** argon2id, in its own text form; `undefined`: by passkey alone. */
	readonly password: string | undefined;
	readonly made: number;
}

interface Row {
	readonly id: string;
	readonly name: string;
	readonly login: string | null;
	readonly role: string;
	readonly doors: string | null;
	readonly password: string | null;
	readonly made: number;
}

const COLUMNS = "id, name, login, role, doors, password, made";

/** Removed ones stay as rows without a login and a way in: the audit names them by their ids. */
export class AdministratorsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async list(): Promise<Administrator[]> {
		const rows = await this.#sql.all<Row>(
			`SELECT ${COLUMNS} FROM administrators WHERE removed IS NULL ORDER BY made, id`,
		);
		return rows.map(administratorOf);
	}

	async find(id: string): Promise<Administrator | undefined> {
		const [row] = await this.#sql.all<Row>(
			`SELECT ${COLUMNS} FROM administrators WHERE id = ? AND removed IS NULL`,
			id,
		);
		return row && administratorOf(row);
	}

	async byLogin(login: string): Promise<Administrator | undefined> {
		const [row] = await this.#sql.all<Row>(
			`SELECT ${COLUMNS} FROM administrators WHERE login = ? AND removed IS NULL`,
			login,
		);
		return row && administratorOf(row);
	}

	/** Names by id, of those that were removed, too. */
	async names(): Promise<Map<string, string>> {
		const rows = await this.#sql.all<{ id: string; name: string }>("SELECT id, name FROM administrators");
		return new Map(rows.map(({ id, name }) => [id, name]));
	}

	/** New, or in place of what it was. */
	async put({ doors, id, login, made, name, password, role }: Administrator): Promise<void> {
		await this.#sql.all(
			`INSERT INTO administrators (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, login = excluded.login, role = excluded.role,
			doors = excluded.doors, password = excluded.password`,
			id,
			name,
			login ?? null,
			role,
			doors === undefined ? null : JSON.stringify(doors),
			password ?? null,
			made,
		);
	}

	/** Nothing signs this person in any more: password, passkeys, codes, sessions and links are gone. */
	async shutOut(id: string): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all("UPDATE administrators SET password = NULL WHERE id = ?", id);
			for (const table of ["passkeys", "recovery_codes", "sessions", "start_links"])
				await sql.all(`DELETE FROM ${table} WHERE administrator = ?`, id);
		});
	}

	/** The name stays beside what the person did. */
	async remove(id: string, at: number): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await new AdministratorsTable(sql).shutOut(id);
			await sql.all("UPDATE administrators SET removed = ?, login = NULL WHERE id = ?", at, id);
		});
	}

	/** Forgets the name of one who was removed; whether there is such a person. */
	async forget(id: string): Promise<boolean> {
		const rows = await this.#sql.all(
			"UPDATE administrators SET name = '' WHERE id = ? AND removed IS NOT NULL RETURNING id",
			id,
		);
		return rows.length === 1;
	}

	/** These are the person's codes from now on, as their SHA-256. */
	async setCodes(id: string, hashes: readonly Uint8Array[]): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all("DELETE FROM recovery_codes WHERE administrator = ?", id);
			await insertRows(
				sql,
				"recovery_codes (hash, administrator)",
				hashes.map((hash) => [hash, id]),
			);
		});
	}

	async codesLeft(id: string): Promise<number> {
		const [row] = await this.#sql.all<{ count: number }>(
			"SELECT COUNT(*) AS count FROM recovery_codes WHERE administrator = ?",
			id,
		);
		return Number(row!.count);
	}

	/** Whether this was a code of the person's; it is none from then on. */
	async useCode(id: string, hash: Uint8Array): Promise<boolean> {
		const rows = await this.#sql.all(
			"DELETE FROM recovery_codes WHERE administrator = ? AND hash = ? RETURNING administrator",
			id,
			hash,
		);
		return rows.length === 1;
	}
}

function administratorOf({ doors, login, password, ...row }: Row): Administrator {
	return {
		...row,
		login: login ?? undefined,
		doors: doors === null ? undefined : (JSON.parse(doors) as string[]),
		password: password ?? undefined,
	};
}
