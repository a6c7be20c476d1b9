// SPDX-License-Identifier: Apache-2.0

import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import Libsql from "libsql";
import { Failure } from "../../lib/files/failure.js";
import { type Database, isRead, type Sql, type SqlValue } from "./database.js";

/** Milliseconds for which another process's write is waited for. */
const BUSY_MS = 5000;
/** Transactions that are made durable together at most. */
const MAX_GROUP = 256;
/** Statements that stay prepared. */
const MAX_PREPARED = 256;

interface Job {
	readonly work: (sql: Sql) => Promise<unknown>;
	readonly settle: (result: unknown) => void;
	readonly fail: (error: unknown) => void;
}

/**
 * SQLite in a file: write-ahead log, each commit on the disk before it counts. Transactions that are asked for in the same turn of the
 * event loop share one commit, each in a savepoint of its own: what costs is the disk's confirmation, not the rows.
 */
export class SqliteDatabase implements Database {
	readonly engine = "sqlite";
	readonly #writer: Connection;
	/** Sees what is committed, and nothing of a transaction that goes on. */
	readonly #reader: Connection;
	readonly #jobs: Job[] = [];
	#flushing: Promise<void> | undefined;

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
	}

	all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		if (isRead(statement)) return this.#reader.all(statement, ...values);
		return this.transaction((sql) => sql.all<Row>(statement, ...values));
	}

	transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			this.#jobs.push({ work, settle: resolve as (result: unknown) => void, fail: reject });
			this.#flushing ??= new Promise((done) => {
				setImmediate(() => this.#flush().finally(done));
			});
		});
	}

	async close(): Promise<void> {
		while (this.#flushing !== undefined) await this.#flushing;
		this.#reader.close();
		this.#writer.close();
	}

	async #flush(): Promise<void> {
		while (this.#jobs.length > 0) await this.#commit(this.#jobs.splice(0, MAX_GROUP));
		this.#flushing = undefined;
	}

	async #commit(group: readonly Job[]): Promise<void> {
		const settled: (() => void)[] = [];
		try {
			this.#writer.exec("BEGIN IMMEDIATE");
			for (const job of group) settled.push(await this.#attempt(job));
			this.#writer.exec("COMMIT");
		} catch (error) {
			this.#writer.rollBack();
			for (const { fail } of group) fail(error);
			return;
		}
		for (const settle of settled) settle();
	}

	/** Does one job inside the group's transaction. What it throws is its own: the others go on. */
	async #attempt({ work, settle, fail }: Job): Promise<() => void> {
		this.#writer.exec("SAVEPOINT job");
		try {
			const result = await work(this.#writer);
			this.#writer.exec("RELEASE job");
			return () => settle(result);
		} catch (error) {
			this.#writer.exec("ROLLBACK TO job");
			this.#writer.exec("RELEASE job");
			return () => fail(error);
		}
	}
}

/** One connection, with its prepared statements. */
class Connection implements Sql {
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

	exec(statement: string): void {
		this.#database.exec(statement);
	}

	/** Where a commit failed, SQLite may have rolled back by itself. */
	rollBack(): void {
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
