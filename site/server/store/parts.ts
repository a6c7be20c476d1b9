// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument } from "../../lib/plan/document.js";
import { insertRows, type Sql } from "./database.js";

/** The plan file's objects by name, besides doors. */
export const PARTS = Object.freeze(["holidays", "schedules", "accessPlans"] as const);
export type PartKind = (typeof PARTS)[number];
export type PartBody<K extends PartKind> = NonNullable<PlanDocument[K]>[string];

export class PartsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** By name, in the order of the plan file. */
	async all<K extends PartKind>(kind: K): Promise<Record<string, PartBody<K>>> {
		const rows = await this.#sql.all<{ name: string; body: string }>(
			"SELECT name, body FROM parts WHERE kind = ? ORDER BY position, name",
			kind,
		);
		return Object.fromEntries(rows.map(({ name, body }) => [name, JSON.parse(body) as PartBody<K>]));
	}

	async put<K extends PartKind>(kind: K, name: string, body: PartBody<K>): Promise<void> {
		await this.#sql.all(
			`INSERT INTO parts (kind, name, position, body)
			VALUES (?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM parts), ?)
			ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`,
			kind,
			name,
			JSON.stringify(body),
		);
	}

	async remove(kind: PartKind, name: string): Promise<void> {
		await this.#sql.all("DELETE FROM parts WHERE kind = ? AND name = ?", kind, name);
	}

	/** Takes the place of all parts of all kinds. Within a transaction. */
	async replace(document: PlanDocument): Promise<void> {
		await this.#sql.all("DELETE FROM parts");
		const rows = PARTS.flatMap((kind) =>
			Object.entries(document[kind] ?? {}).map(
				([name, body], position) => [kind, name, position, JSON.stringify(body)] as const,
			),
		);
		await insertRows(this.#sql, "parts (kind, name, position, body)", rows);
	}
}
