// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import type { CredentialEntry, UserEntry } from "../../lib/plan/document.js";
import { atomically, insertRows, type Sql, type SqlValue } from "./database.js";

export interface User {
	/** Says nothing about the person. */
	readonly id: string;
	/** Empty once the person was erased. */
	readonly name: string;
	readonly email: string | undefined;
	readonly phone: string | undefined;
	/** What the plan file has of a user besides name and credentials. */
	readonly entry: Omit<UserEntry, "name" | "credentials">;
	readonly credentials: readonly Credential[];
}

export interface Credential {
	/** 16 hexadecimal digits in lower case: its `cti`. */
	readonly id: string;
	readonly entry: Omit<CredentialEntry, "id">;
	/** Of the phone that it was issued to; `undefined`: issued elsewhere. */
	readonly publicKey: Uint8Array | undefined;
	/** When it was issued here. */
	readonly issued: number | undefined;
}

interface UserRow {
	readonly id: string;
	readonly entry: string;
	readonly name: string | null;
	readonly email: string | null;
	readonly phone: string | null;
}

interface CredentialRow {
	readonly id: Uint8Array;
	readonly user_id: string;
	readonly entry: string;
	readonly public_key: Uint8Array | null;
	readonly issued: number | null;
}

const USERS = `SELECT users.id, users.entry, people.name, people.email, people.phone
	FROM users LEFT JOIN people ON people.user_id = users.id WHERE users.removed IS NULL`;
const CREDENTIALS = "SELECT id, user_id, entry, public_key, issued FROM credentials WHERE removed IS NULL";

export class UsersTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** In the order of the plan file; those that were removed are not among them. */
	async list(): Promise<User[]> {
		const users = await this.#sql.all<UserRow>(`${USERS} ORDER BY users.position, users.id`);
		const credentials = await this.#sql.all<CredentialRow>(`${CREDENTIALS} ORDER BY position, id`);
		const byUser = grouped(credentials);
		return users.map((row) => userOf(row, byUser.get(row.id) ?? []));
	}

	async find(id: string): Promise<User | undefined> {
		const [row] = await this.#sql.all<UserRow>(`${USERS} AND users.id = ?`, id);
		if (row === undefined) return undefined;
		const own = await this.#sql.all<CredentialRow>(
			`${CREDENTIALS} AND user_id = ? ORDER BY position, id`,
			id,
		);
		return userOf(row, own);
	}

	/** Whose credential this is or was; `undefined` of one that was never here. */
	async ownerOf(credential: string): Promise<string | undefined> {
		const [row] = await this.#sql.all<{ user_id: string }>(
			"SELECT user_id FROM credentials WHERE id = ?",
			fromHex(credential),
		);
		return row?.user_id;
	}

	/** Ids of all credentials that a user has or had. */
	async credentialsOf(user: string): Promise<string[]> {
		const rows = await this.#sql.all<{ id: Uint8Array }>(
			"SELECT id FROM credentials WHERE user_id = ?",
			user,
		);
		return rows.map(({ id }) => toHex(id));
	}

	/** The same of all users, removed ones among them, whose name has this part, in lower case. */
	async credentialsNamed(part: string): Promise<string[]> {
		// Engines differ in what is lower case beyond ASCII: any character stands there, and the names are looked at once more.
		const pattern = `%${part.replace(/[^a-z0-9]/gu, "_")}%`;
		const rows = await this.#sql.all<{ id: Uint8Array; name: string }>(
			`SELECT credentials.id, people.name FROM people JOIN credentials ON credentials.user_id = people.user_id
			WHERE LOWER(people.name) LIKE ?`,
			pattern,
		);
		return rows.flatMap(({ id, name }) => (name.toLowerCase().includes(part) ? toHex(id) : []));
	}

	/** Writes users with all of their credentials; those that are no more among a user's are removed at `at`. New users come last. */
	async put(users: readonly User[], at: number): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			const [last] = await sql.all<{ position: number }>(
				"SELECT COALESCE(MAX(position), 0) AS position FROM users",
			);
			const rows = users.map(({ id, entry }, i) => [id, last!.position + 1 + i, JSON.stringify(entry)]);
			await insertRows(sql, INTO_USERS, rows, USERS_STAY);
			for (let from = 0; from < users.length; from += MAX_IDS) {
				const ids = users.slice(from, from + MAX_IDS).map(({ id }) => id);
				const places = ids.map(() => "?").join(",");
				await sql.all(
					`UPDATE credentials SET removed = ? WHERE user_id IN (${places}) AND removed IS NULL`,
					at,
					...ids,
				);
			}
			await insertRows(sql, PEOPLE, users.map(personRow), PEOPLE_AGAIN);
			await insertRows(sql, INTO_CREDENTIALS, users.flatMap(credentialRows), CREDENTIALS_AGAIN);
		});
	}

	/** These are the users from now on, in this order; all others are removed. */
	async replace(users: readonly User[], at: number): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all("UPDATE users SET removed = ? WHERE removed IS NULL", at);
			await sql.all("UPDATE credentials SET removed = ? WHERE removed IS NULL", at);
			const rows = users.map(({ id, entry }, position) => [id, position, JSON.stringify(entry)]);
			await insertRows(sql, INTO_USERS, rows, USERS_AGAIN);
			await insertRows(sql, PEOPLE, users.map(personRow), PEOPLE_AGAIN);
			await insertRows(sql, INTO_CREDENTIALS, users.flatMap(credentialRows), CREDENTIALS_AGAIN);
		});
	}

	/** The user has no access any more; its name stays beside what it did, until it is erased. */
	async remove(id: string, at: number): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all("UPDATE users SET removed = ? WHERE id = ? AND removed IS NULL", at, id);
			await sql.all("UPDATE credentials SET removed = ? WHERE user_id = ? AND removed IS NULL", at, id);
		});
	}
}

/** Ids in one statement. */
const MAX_IDS = 1000;
const INTO_USERS = "users (id, position, entry)";
const USERS_AGAIN =
	"ON CONFLICT (id) DO UPDATE SET position = excluded.position, entry = excluded.entry, removed = NULL";
/** A user that is there keeps its place. */
const USERS_STAY = `ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, removed = NULL,
	position = CASE WHEN users.removed IS NULL THEN users.position ELSE excluded.position END`;
const PEOPLE = "people (user_id, name, email, phone)";
const PEOPLE_AGAIN =
	"ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone";
const INTO_CREDENTIALS = "credentials (id, user_id, position, entry, public_key, issued)";
const CREDENTIALS_AGAIN = `ON CONFLICT (id) DO UPDATE SET user_id = excluded.user_id, position = excluded.position,
	entry = excluded.entry, public_key = excluded.public_key, issued = excluded.issued, removed = NULL`;

function personRow({ id, name, email, phone }: User): SqlValue[] {
	return [id, name, email ?? null, phone ?? null];
}

function credentialRows({ id: user, credentials }: User): SqlValue[][] {
	return credentials.map(({ id, entry, publicKey, issued }, position) => [
		fromHex(id),
		user,
		position,
		JSON.stringify(entry),
		publicKey ?? null,
		issued ?? null,
	]);
}

function grouped(rows: readonly CredentialRow[]): Map<string, CredentialRow[]> {
	const byUser = new Map<string, CredentialRow[]>();
	for (const row of rows) {
		const own = byUser.get(row.user_id);
		if (own === undefined) byUser.set(row.user_id, [row]);
		else own.push(row);
	}
	return byUser;
}

function userOf({ id, entry, name, email, phone }: UserRow, credentials: readonly CredentialRow[]): User {
	return {
		id,
		name: name ?? "",
		email: email ?? undefined,
		phone: phone ?? undefined,
		entry: JSON.parse(entry) as User["entry"],
		credentials: credentials.map((row) => ({
			id: toHex(row.id),
			entry: JSON.parse(row.entry) as Credential["entry"],
			publicKey: row.public_key ?? undefined,
			issued: row.issued ?? undefined,
		})),
	};
}
