// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** What a visitor may do: a user of the plan whose credential is for scanners alone. */
export interface Pass {
	/** The visitor. */
	readonly user: string;
	/** Ids. */
	readonly doors: readonly string[];
	/** The window, seconds since 1970. */
	readonly from: number;
	readonly until: number;
	/** How often it opens its one door in all; `undefined`: as often as the visitor likes. */
	readonly count: number | undefined;
	/** The user who has lent it; `undefined`: an administrator has made it. */
	readonly lender: string | undefined;
	/** What the lender's phone has named its request with, so that one that is sent twice makes one pass. */
	readonly request: string | undefined;
	readonly made: number;
}

/** What a user may lend to visitors. */
export interface Lend {
	/** Ids, among the user's own; `undefined`: all of those. */
	readonly doors?: readonly string[];
	/** Longest window, days. */
	readonly days: number;
	/** Most openings of a pass; `undefined`: no limit has to be set. */
	readonly count?: number;
}

interface Row {
	readonly user_id: string;
	readonly doors: string;
	readonly begins: number;
	readonly until: number;
	readonly count: number | null;
	readonly lender: string | null;
	readonly request: string | null;
	readonly made: number;
}

export class PassesTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add({ count, doors, from, lender, made, request, until, user }: Pass): Promise<void> {
		await this.#sql.all(
			"INSERT INTO passes (user_id, doors, begins, until, count, lender, request, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			...[user, JSON.stringify(doors), from, until, count ?? null, lender ?? null, request ?? null, made],
		);
	}

	async find(user: string): Promise<Pass | undefined> {
		return (await this.of([user])).get(user);
	}

	/** Of those of these users who are visitors. */
	async of(users: readonly string[]): Promise<Map<string, Pass>> {
		if (users.length === 0) return new Map();
		const places = users.map(() => "?").join(",");
		const rows = await this.#sql.all<Row>(`SELECT * FROM passes WHERE user_id IN (${places})`, ...users);
		return new Map(rows.map((row) => [row.user_id, passOf(row)]));
	}

	/** Those whose window is not over, the newest first. */
	async standing(now: number): Promise<Pass[]> {
		const rows = await this.#sql.all<Row>(
			"SELECT * FROM passes WHERE until > ? ORDER BY made DESC, user_id",
			now,
		);
		return rows.map(passOf);
	}

	/** Users whose window has been over since then. */
	async over(since: number): Promise<string[]> {
		const rows = await this.#sql.all<Row>("SELECT * FROM passes WHERE until <= ?", since);
		return rows.map(({ user_id }) => user_id);
	}

	/** What a user has lent, the newest first. */
	async lentBy(lender: string, limit: number): Promise<Pass[]> {
		const rows = await this.#sql.all<Row>(
			"SELECT * FROM passes WHERE lender = ? ORDER BY made DESC, user_id LIMIT ?",
			lender,
			limit,
		);
		return rows.map(passOf);
	}

	async findRequest(lender: string, request: string): Promise<Pass | undefined> {
		const [row] = await this.#sql.all<Row>(
			"SELECT * FROM passes WHERE lender = ? AND request = ?",
			lender,
			request,
		);
		return row && passOf(row);
	}

	/** What a user may lend; `undefined`: nothing. */
	async lend(user: string): Promise<Lend | undefined> {
		const [row] = await this.#sql.all<{ body: string }>("SELECT body FROM lends WHERE user_id = ?", user);
		return row && (JSON.parse(row.body) as Lend);
	}

	async setLend(user: string, lend: Lend | undefined): Promise<void> {
		if (lend === undefined) await this.#sql.all("DELETE FROM lends WHERE user_id = ?", user);
		else
			await this.#sql.all(
				"INSERT INTO lends (user_id, body) VALUES (?, ?) ON CONFLICT (user_id) DO UPDATE SET body = excluded.body",
				user,
				JSON.stringify(lend),
			);
	}
}

function passOf({ begins, count, doors, lender, made, request, until, user_id }: Row): Pass {
	return {
		...{ user: user_id, doors: JSON.parse(doors) as string[], from: begins, until, made },
		...{ count: count ?? undefined, lender: lender ?? undefined, request: request ?? undefined },
	};
}
