// SPDX-License-Identifier: Apache-2.0

/**
 * What the store needs of an engine: statements with `?` for each value, and transactions. Statements are those that SQLite and
 * PostgreSQL both take, so each is written once; what differs is in the engine's own file.
 */
export type SqlValue = string | number | Uint8Array | null;

export interface Sql {
	/** The rows of a statement; none where it gives none. Byte strings come as Uint8Array, numbers as number. */
	all<Row = unknown>(statement: string, ...values: readonly SqlValue[]): Promise<Row[]>;
}

/** A statement outside a transaction is one by itself. */
export interface Database extends Sql {
	readonly engine: "sqlite" | "postgres";
	/**
	 * Does `work` whole or not at all; what it resolves with is durable when the promise resolves. `work` awaits nothing but its `sql`:
	 * others' transactions wait for it.
	 */
	transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
	/** What has begun is ended first. */
	close(): Promise<void>;
}

/** `work` in the transaction that `sql` is, or in one of its own. */
export function atomically<T>(sql: Sql | Database, work: (sql: Sql) => Promise<T>): Promise<T> {
	return "transaction" in sql ? sql.transaction(work) : work(sql);
}

/** Whether a statement changes nothing. */
export function isRead(statement: string): boolean {
	return /^\s*(SELECT|WITH)\b/.test(statement);
}

/** The most values in one statement: SQLite takes 32,766, PostgreSQL 65,535. */
const MAX_VALUES = 32_000;

/** `INSERT INTO into VALUES …` for all rows, in as few statements as it takes; `rest` is what follows the values. */
export async function insertRows(
	sql: Sql,
	into: string,
	rows: readonly (readonly SqlValue[])[],
	rest = "",
): Promise<void> {
	const [first] = rows;
	if (first === undefined) return;
	const row = `(${first.map(() => "?").join(",")})`;
	const most = Math.floor(MAX_VALUES / first.length);
	for (let at = 0; at < rows.length; at += most) {
		const some = rows.slice(at, at + most);
		const values = some.map(() => row).join(",");
		await sql.all(`INSERT INTO ${into} VALUES ${values} ${rest}`, ...some.flat());
	}
}
