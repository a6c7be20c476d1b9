// SPDX-License-Identifier: Apache-2.0

import pg from "pg";
import { Failure } from "../../lib/files/failure.js";
import { Commits, type Writer } from "./commits.js";
import { type Database, isRead, type Sql, type SqlValue } from "./database.js";

/** Connections that read. */
const MAX_READERS = 4;
/** Milliseconds in which a connection has to stand. */
export const CONNECT_MS = 10_000;
/** Of PostgreSQL's types: numbers here are below 2^53. */
const INT8 = 20;
const BYTEA = 17;
/** Names the lock that servers of one site take in turn to write, "lintel". */
const LOCK = 0x6c69_6e74;

/**
 * A database of PostgreSQL of its own. Writes of all servers on it go one after the other, so that numbers that rise are seen in their
 * order.
 */
export class PostgresDatabase implements Database {
	readonly engine = "postgres";
	readonly #pool: pg.Pool;
	readonly #commits: Commits;

	/** `url`: `postgres://USER@HOST/NAME`. Nothing is connected before it is used. */
	constructor(url: string) {
		this.#pool = new pg.Pool({
			connectionString: url,
			max: MAX_READERS + 1,
			connectionTimeoutMillis: CONNECT_MS,
			types: typeParsers,
		});
		// A connection that breaks while nobody uses it: the next use makes another.
		this.#pool.on("error", () => undefined);
		// While one is used, what it was asked rejects.
		this.#pool.on("connect", (client) => client.on("error", () => undefined));
		this.#commits = new Commits(() => again(() => this.#begin()));
	}

	async all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		if (!isRead(statement)) return this.transaction((sql) => sql.all<Row>(statement, ...values));
		return again(() => rowsOf(this.#pool, statement, values));
	}

	transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
		return this.#commits.do(work);
	}

	async close(): Promise<void> {
		await this.#commits.ended();
		await this.#pool.end();
	}

	async #begin(): Promise<Writer> {
		const client = await this.#pool.connect();
		try {
			await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${LOCK})`);
			return new Connection(client);
		} catch (error) {
			client.release(true);
			throw error;
		}
	}
}

/** Of the lock that a server has on its database, "site". */
const SERVER = 0x7369_7465;

/** Keeps a database for one server, or for those that share it, as long as a connection stands. Throws `Failure` where others have it. */
export async function holdDatabase(url: string, shared: boolean): Promise<() => Promise<void>> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
	client.on("error", () => undefined);
	await client.connect();
	const { rows } = await client.query(
		`SELECT pg_try_advisory_lock${shared ? "_shared" : ""}(${SERVER}) AS held`,
	);
	if ((rows[0] as { held: boolean }).held) return () => client.end();
	await client.end();
	throw new Failure(
		"input",
		"in-use",
		"another server works in this database",
		"Stop that one first; or give both --mqtt with one broker: then they share the doors.",
	);
}

class Connection implements Writer {
	readonly #client: pg.PoolClient;

	constructor(client: pg.PoolClient) {
		this.#client = client;
	}

	all<Row>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]> {
		return rowsOf(this.#client, statement, values);
	}

	async commit(): Promise<void> {
		// Those that listen look at what is new.
		await this.#client.query("NOTIFY lintel; COMMIT");
		this.#client.release();
	}

	/** The server rolls back what a connection that ends has begun. */
	async rollBack(): Promise<void> {
		this.#client.release(true);
	}
}

/** Does once more what has changed nothing, where a connection of the pool turns out to be broken. Throws `Failure` where there is none. */
async function again<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!isBroken(error)) throw error;
	}
	try {
		return await work();
	} catch (error) {
		if (!isBroken(error)) throw error;
		throw new Failure(
			"input",
			"no-store",
			`PostgreSQL cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
			"Check that it runs, and the address, name and password in the URL.",
		);
	}
}

/** Whether the connection failed, and not the statement: errors of PostgreSQL have a code of five characters. */
function isBroken(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	// Connection exceptions, shutdown, and what a login may be refused for.
	return !/^[0-9A-Z]{5}$/.test(code) || /^(08|57P|28|3D)/.test(code);
}

async function rowsOf<Row>(
	by: { query(text: string, values: unknown[]): Promise<pg.QueryResult> },
	statement: string,
	values: readonly SqlValue[],
): Promise<Row[]> {
	const { rows } = await by.query(numbered(statement), [...values]);
	return rows as Row[];
}

/** PostgreSQL numbers the values that SQLite takes in their order. No text in a statement has a question mark. */
function numbered(statement: string): string {
	let n = 0;
	return statement.replaceAll("?", () => `$${++n}`);
}

export const typeParsers = { getTypeParser };

function getTypeParser(type: number, format?: "text" | "binary"): (value: string) => unknown {
	if (type === INT8) return Number;
	if (type === BYTEA) return (value) => new Uint8Array(Buffer.from(value.slice(2), "hex"));
	return pg.types.getTypeParser(type, format as "text") as (value: string) => unknown;
}
