// SPDX-License-Identifier: Apache-2.0

import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import Libsql from "libsql";
import { Failure } from "../../lib/files/failure.js";
import { Commits, type Writer } from "./commits.js";
import { type Database, isRead, type Sql, type SqlValue } from "./database.js";

/** Milliseconds for which another process's write is waited for. */
const BUSY_MS = 5000;
/** Statements that stay prepared. */
const MAX_PREPARED = 256;

/** SQLite in a file: write-ahead log, each commit on the disk before it counts. */
export class SqliteDatabase implements Database {
	readonly engine = "sqlite";
	readonly #writer: Connection;
	/** Sees what is committed, and nothing of a transaction that goes on. */
	readonly #reader: Connection;
	readonly #commits: Commits;

	/** Throws `Failure` at a file that is no database. */
	constructor(path: string) {
		// Made before SQLite would make it, readable by others.
		if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
		chmodSync(path, 0o600);
		try {
			this.#writer = new Connection(path, false);
			this.#reader = new Connection(path, true);
		} catch (error) {
			throw failureOf(error, path);
		}
		this.#commits = new Commits(async () => this.#writer.begin());
	}

	all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		if (isRead(statement)) return this.#reader.all(statement, ...values);
		return this.transaction((sql) => sql.all<Row>(statement, ...values));
	}

	transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
		return this.#commits.do(work);
	}

	async close(): Promise<void> {
		await this.#commits.ended();
		this.#reader.close();
		this.#writer.close();
	}
}

/** One connection, with its prepared statements. */
class Connection implements Writer {
	readonly #database: Libsql.Database;
	readonly #prepared = new Map<string, Libsql.Statement<unknown[]>>();

	constructor(path: string, readOnly: boolean) {
		this.#database = new Libsql(path, { timeout: BUSY_MS });
		this.#database.pragma("journal_mode = WAL");
		this.#database.pragma("synchronous = FULL");
		this.#database.pragma("foreign_keys = ON");
		if (readOnly) this.#database.pragma("query_only = ON");
	}

	async all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		const rows = this.#prepare(statement).all(values) as Record<string, unknown>[];
		// libsql gives bare buffers.
		for (const row of rows)
			for (const name in row) if (row[name] instanceof ArrayBuffer) row[name] = new Uint8Array(row[name]);
		return rows as Row[];
	}

	begin(): this {
		this.#database.exec("BEGIN IMMEDIATE");
		return this;
	}

	async commit(): Promise<void> {
		this.#database.exec("COMMIT");
	}

	/** Where a commit failed, SQLite may have rolled back by itself. */
	async rollBack(): Promise<void> {
		if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
	}

	close(): void {
		this.#prepared.clear();
		this.#database.close();
	}

	#prepare(statement: string): Libsql.Statement<unknown[]> {
		let prepared = this.#prepared.get(statement);
		if (prepared === undefined) {
			prepared = this.#database.prepare(statement);
			if (this.#prepared.size === MAX_PREPARED)
				this.#prepared.delete(this.#prepared.keys().next().value as string);
			this.#prepared.set(statement, prepared);
		}
		return prepared;
	}
}

function failureOf(error: unknown, path: string): unknown {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT")
		return new Failure(
			"input",
			"damaged-store",
			`${path} is no store, or is damaged`,
			"Restore the newest backup by `lintel site restore`.",
		);
	if (code === "SQLITE_CANTOPEN")
		return new Failure(
			"input",
			"no-store",
			`${path} cannot be opened`,
			"Check that the folder exists and that you may write there.",
		);
	return error;
}
