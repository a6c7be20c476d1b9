// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import {
	decodeRecord,
	RECORD_SIZE,
	TIME_TRUSTS,
	type TimeTrust,
	trustCode,
} from "../../../protocol/log/record.js";
import type { SiteCursor } from "../../lib/log/intake.js";
import { atomically, insertRows, type Sql, type SqlValue } from "./database.js";
import { type LogGlance, type LogRange, type LogStream, scanLog } from "./log-scan.js";

/** A record of a reader's log, with the door and the person that it is about. */
export interface LogRow {
	/** Rises in the order in which records came. */
	readonly id: number;
	readonly door: string;
	/** The store's number of the reader. */
	readonly reader: number;
	readonly serial: number;
	/** Seconds since 1970, or since the reader's start where `trust` is `unset`. */
	readonly time: number;
	readonly trust: TimeTrust;
	readonly kind: number;
	readonly detail: number;
	readonly value: number;
	/** Hexadecimal; `undefined` where it is zero. */
	readonly subject: string | undefined;
	/** Hexadecimal. */
	readonly link: string;
	readonly received: number;
	/** When it happened as far as that is known, never later than it was received; people's order. */
	readonly at: number;
	/** Whose credential the subject is. */
	readonly user: string | undefined;
	/** The person's name; `undefined` where the person was erased. */
	readonly person: string | undefined;
}

/** What is asked for; what is absent is not asked. */
export interface LogQuery {
	readonly door?: string | undefined;
	readonly user?: string | undefined;
	readonly reader?: number | undefined;
	readonly kinds?: readonly number[] | undefined;
	/** Serials of a reader's log, both included. */
	readonly first?: number | undefined;
	readonly last?: number | undefined;
	/** Rows with an id above or below. */
	readonly after?: number | undefined;
	readonly before?: number | undefined;
	/** The oldest first; else the newest. */
	readonly forward?: boolean | undefined;
	readonly limit: number;
}

interface Row {
	readonly id: number;
	readonly door: string;
	readonly reader: number;
	readonly serial: number;
	readonly time: number;
	readonly kind: number;
	readonly trust: number;
	readonly detail: number;
	readonly value: number;
	readonly subject: Uint8Array | null;
	readonly link: Uint8Array;
	readonly received: number;
	readonly at: number;
	readonly user_id: string | null;
	readonly name: string | null;
}

export class LogTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** What a reader's log has more, 32 bytes each, and with it how far it is here now. Throws where another process has taken more. */
	async append(reader: number, records: Uint8Array, cursor: SiteCursor, received: number): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			const rows = recordsOf(records).map((record) => rowOf(reader, record, received));
			await insertRows(
				sql,
				"log (reader, serial, time, kind, trust, detail, value, subject, link, received, at)",
				rows,
			);
			const moved = await sql.all(
				`UPDATE readers SET cursor_serial = ?, cursor_link = ?, cursor_before = ?, cursor_signed = ?
				WHERE id = ? AND cursor_serial <= ? RETURNING id`,
				cursor.serial,
				cursor.link,
				cursor.before,
				cursor.signed ? 1 : 0,
				reader,
				cursor.serial,
			);
			if (moved.length === 0)
				throw new Error(`reader ${reader}: more of its log is here than to ${cursor.serial}`);
		});
	}

	async addCheckpoint(reader: number, serial: number, checkpoint: Uint8Array): Promise<void> {
		await this.#sql.all(
			`INSERT INTO checkpoints (reader, serial, checkpoint) VALUES (?, ?, ?)
			ON CONFLICT (reader, serial) DO NOTHING`,
			reader,
			serial,
			checkpoint,
		);
	}

	/** A record whose serial is here with another link, where fewer than `limit` are kept of its reader. */
	async addFork(reader: number, record: Uint8Array, received: number, limit: number): Promise<void> {
		const { serial } = decodeRecord(record);
		await atomically(this.#sql, async (sql) => {
			const [row] = await sql.all<{ count: number }>(
				"SELECT COUNT(*) AS count FROM forks WHERE reader = ?",
				reader,
			);
			if (row!.count >= limit) return;
			await insertRows(
				sql,
				"forks (reader, serial, record, received)",
				[[reader, serial, record, received]],
				"ON CONFLICT (reader, serial, record) DO NOTHING",
			);
		});
	}

	async forks(reader: number): Promise<Uint8Array[]> {
		const rows = await this.#sql.all<{ record: Uint8Array }>(
			"SELECT record FROM forks WHERE reader = ? ORDER BY serial, received",
			reader,
		);
		return rows.map(({ record }) => record);
	}

	/** The links of the records from `first` to `last` that are here, hexadecimal, by serial. */
	async links(reader: number, first: number, last: number): Promise<Map<number, string>> {
		const rows = await this.#sql.all<{ serial: number; link: Uint8Array }>(
			"SELECT serial, link FROM log WHERE reader = ? AND serial BETWEEN ? AND ?",
			reader,
			first,
			last,
		);
		return new Map(rows.map(({ serial, link }) => [serial, toHex(link)]));
	}

	async checkpoints(reader: number): Promise<{ serial: number; checkpoint: Uint8Array }[]> {
		return this.#sql.all(
			"SELECT serial, checkpoint FROM checkpoints WHERE reader = ? ORDER BY serial",
			reader,
		);
	}

	/** The checkpoint of the sector that the record `serial` begins. */
	async checkpoint(reader: number, serial: number): Promise<Uint8Array | undefined> {
		const [row] = await this.#sql.all<{ checkpoint: Uint8Array }>(
			"SELECT checkpoint FROM checkpoints WHERE reader = ? AND serial = ?",
			reader,
			serial,
		);
		return row?.checkpoint;
	}

	/** In the order in which they came. */
	async rows(query: LogQuery): Promise<LogRow[]> {
		const { where, values } = conditions(query);
		const rows = await this.#sql.all<Row>(
			`${ROWS} WHERE ${where} ORDER BY log.id ${query.forward ? "" : "DESC"} LIMIT ?`,
			...values,
			query.limit,
		);
		return rows.map(rowIn);
	}

	/** The first and the last serial of what a reader's log has of a time, both ends included. */
	async serials(
		reader: number,
		since = 0,
		until = Number.MAX_SAFE_INTEGER,
	): Promise<{ first: number; last: number } | undefined> {
		const [row] = await this.#sql.all<{ first: number | null; last: number | null }>(
			"SELECT MIN(serial) AS first, MAX(serial) AS last FROM log WHERE reader = ? AND at >= ? AND at <= ?",
			reader,
			since,
			until,
		);
		return row?.first == null ? undefined : { first: row.first, last: row.last! };
	}

	/** How many were refused at a reader from one second to another, both included. */
	async denials(reader: number, since: number, until: number): Promise<number> {
		const [row] = await this.#sql.all<{ count: number }>(
			`SELECT COUNT(*) AS count FROM log
			WHERE reader = ? AND at >= ? AND at <= ? AND kind = 16 AND detail % 256 <> 0`,
			reader,
			since,
			until,
		);
		return Number(row!.count);
	}

	/** How many records are kept of each reader that differ from those of its log. */
	async forkCounts(): Promise<Map<number, number>> {
		const rows = await this.#sql.all<{ reader: number; count: number }>(
			"SELECT reader, COUNT(*) AS count FROM forks GROUP BY reader",
		);
		return new Map(rows.map(({ count, reader }) => [reader, Number(count)]));
	}

	/** When the newest record of each door's reader happened, by reader. */
	async newest(): Promise<Map<number, number>> {
		const rows = await this.#sql.all<{ id: number; at: number | null }>(
			"SELECT id, (SELECT MAX(at) FROM log WHERE reader = readers.id) AS at FROM readers WHERE replaced IS NULL",
		);
		return new Map(rows.flatMap(({ at, id }) => (at === null ? [] : [[id, at]])));
	}

	/** The next records of a stream in the order of time. */
	scan(stream: LogStream, range: LogRange, limit: number): Promise<LogGlance[]> {
		return scanLog(this.#sql, stream, range, limit);
	}

	/** Those with these ids, in their order. */
	async rowsOf(ids: readonly number[]): Promise<LogRow[]> {
		if (ids.length === 0) return [];
		const rows = await this.#sql.all<Row>(
			`${ROWS} WHERE log.id IN (${ids.map(() => "?").join(",")})`,
			...ids,
		);
		const byId = new Map(rows.map((row) => [row.id, rowIn(row)]));
		return ids.flatMap((id) => byId.get(id) ?? []);
	}
}

const ROWS = `SELECT log.*, readers.door, credentials.user_id, people.name FROM log
	JOIN readers ON readers.id = log.reader
	LEFT JOIN credentials ON credentials.id = log.subject
	LEFT JOIN people ON people.user_id = credentials.user_id`;

function rowIn({ user_id, name, subject, link, trust, ...row }: Row): LogRow {
	return {
		...row,
		trust: TIME_TRUSTS[trust] ?? "unset",
		subject: subject === null ? undefined : toHex(subject),
		link: toHex(link),
		user: user_id ?? undefined,
		person: name ?? undefined,
	};
}

function recordsOf(bytes: Uint8Array): Uint8Array[] {
	const records: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += RECORD_SIZE) records.push(bytes.subarray(at, at + RECORD_SIZE));
	return records;
}

function rowOf(reader: number, record: Uint8Array, received: number): SqlValue[] {
	const { serial, time, kind, trust, detail, value, subject, link } = decodeRecord(record);
	const about = subject.some((byte) => byte !== 0) ? subject : null;
	const at = trust === "unset" ? received : Math.min(time, received);
	return [reader, serial, time, kind, trustCode(trust), detail, value, about, link, received, at];
}

function conditions(query: LogQuery): { where: string; values: SqlValue[] } {
	const clauses: string[] = ["1 = 1"];
	const values: SqlValue[] = [];
	const add = (clause: string, ...some: readonly (SqlValue | undefined)[]): void => {
		if (some.includes(undefined)) return;
		clauses.push(clause);
		values.push(...(some as SqlValue[]));
	};
	add("readers.door = ?", query.door);
	add("log.subject IN (SELECT id FROM credentials WHERE user_id = ?)", query.user);
	add("log.reader = ?", query.reader);
	if (query.kinds !== undefined)
		add(
			query.kinds.length === 0 ? "1 = 0" : `log.kind IN (${query.kinds.map(() => "?").join(",")})`,
			...query.kinds,
		);
	add("log.serial >= ?", query.first);
	add("log.serial <= ?", query.last);
	add("log.id > ?", query.after);
	add("log.id < ?", query.before);
	return { where: clauses.join(" AND "), values };
}

/** The 32 bytes of a record, as its reader wrote them. */
export function recordOf({ serial, time, kind, trust, detail, value, subject, link }: LogRow): Uint8Array {
	const record = new Uint8Array(RECORD_SIZE);
	const view = new DataView(record.buffer);
	view.setUint32(0, serial);
	view.setUint32(4, time);
	view.setUint8(8, kind);
	view.setUint8(9, trustCode(trust));
	view.setUint16(10, detail);
	view.setUint32(12, value);
	if (subject !== undefined) record.set(fromHex(subject), 16);
	record.set(fromHex(link), 24);
	return record;
}
