// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../../protocol/crypto.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { actionRecord, firstLink } from "../../lib/log/actions.js";
import { atomically, type Sql, type SqlValue } from "./database.js";

/** What an administrator did. It names rows by their ids and never a person, so that erasing one leaves the chain whole. */
export interface Action {
	readonly at: number;
	/** Id of the token or of the administrator; `MACHINE`: whoever commands the server's machine. */
	readonly by: string;
	/** As `revoke-credential`. */
	readonly what: string;
	/** What it was done to: a user's, credential's, door's id or a part's name. */
	readonly to: string | undefined;
	readonly details: unknown;
}

export interface ActionRow extends Action {
	readonly serial: number;
	/** As those of readers' logs: 32 bytes with the link. Its subject is the beginning of the SHA-256 of `body`. */
	readonly record: Uint8Array;
	/** The text that the record's subject is the hash of. */
	readonly body: string;
}

export const MACHINE = "machine";

/** Which of them are looked for, the newest first. */
export interface ActionsQuery {
	readonly limit: number;
	/** Serials before this one. */
	readonly before?: number | undefined;
	readonly since?: number | undefined;
	readonly until?: number | undefined;
	/** Any of these stands in its text: ids, or parts of words. */
	readonly texts?: readonly string[] | undefined;
}

interface Row {
	readonly serial: number;
	readonly record: Uint8Array;
	readonly body: string;
}

/**
 * Records in the form of readers' logs, so that the same links prove that none was changed or taken out. Only the oldest are ever removed, and
 * the link that the first of the rest follows is kept.
 */
export class ActionsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add(action: Action, crypto: Crypto): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			const [last] = await sql.all<{ record: Uint8Array }>(
				"SELECT record FROM actions ORDER BY serial DESC LIMIT 1",
			);
			const before = last === undefined ? undefined : decodeRecord(last.record);
			const serial = (before?.serial ?? 0) + 1;
			const body = JSON.stringify(action);
			const record = actionRecord(serial, action.at, body, before?.link ?? firstLink(crypto), crypto);
			await sql.all(
				"INSERT INTO actions (serial, record, body, at) VALUES (?, ?, ?, ?)",
				serial,
				record,
				body,
				action.at,
			);
		});
	}

	/** After `serial`, in their order. */
	async after(serial: number, limit: number): Promise<ActionRow[]> {
		const rows = await this.#sql.all<Row>(
			"SELECT serial, record, body FROM actions WHERE serial > ? ORDER BY serial LIMIT ?",
			serial,
			limit,
		);
		return rows.map(actionOf);
	}

	async search({ before, limit, since, texts, until }: ActionsQuery): Promise<ActionRow[]> {
		const clauses = ["1 = 1"];
		const values: SqlValue[] = [];
		for (const [clause, value] of [
			["serial < ?", before],
			["at >= ?", since],
			["at <= ?", until],
		] as const)
			if (value !== undefined) {
				clauses.push(clause);
				values.push(value);
			}
		if (texts !== undefined) {
			clauses.push(
				texts.length === 0 ? "1 = 0" : `(${texts.map(() => "LOWER(body) LIKE ? ESCAPE '!'").join(" OR ")})`,
			);
			values.push(...texts.map((text) => `%${text.toLowerCase().replace(/[!%_]/g, "!$&")}%`));
		}
		const rows = await this.#sql.all<Row>(
			`SELECT serial, record, body FROM actions WHERE ${clauses.join(" AND ")} ORDER BY serial DESC LIMIT ?`,
			...values,
			limit,
		);
		return rows.map(actionOf);
	}

	/** Removes those of before `at`, but the newest of all, whose link the next one follows. The last of them that goes is given back. */
	async removeBefore(at: number): Promise<ActionRow | undefined> {
		return atomically(this.#sql, async (sql) => {
			const [last] = await sql.all<Row>(
				`SELECT serial, record, body FROM actions WHERE at < ? AND serial < (SELECT MAX(serial) FROM actions)
				ORDER BY serial DESC LIMIT 1`,
				at,
			);
			if (last === undefined) return undefined;
			await sql.all("DELETE FROM actions WHERE serial <= ?", last.serial);
			return actionOf(last);
		});
	}
}

function actionOf(row: Row): ActionRow {
	return { ...(JSON.parse(row.body) as Action), ...row };
}
