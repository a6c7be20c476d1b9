// SPDX-License-Identifier: Apache-2.0

import type { AlarmKind } from "../../lib/alarm-kinds.js";
import type { Sql, SqlValue } from "./database.js";

export interface Alarm {
	readonly id: number;
	readonly kind: AlarmKind;
	readonly door: string;
	/** When it happened, and when the site knew; seconds since 1970. */
	readonly at: number;
	readonly raised: number;
	/** The record of the log that it is of. */
	readonly reader: number | undefined;
	readonly serial: number | undefined;
	/** Numbers by kind: of a record `detail` and `value`. */
	readonly details: Readonly<Record<string, number>>;
	/** When what it warns of was over; `undefined`: it goes on, or has no end. */
	readonly ended: number | undefined;
	readonly acknowledged: number | undefined;
	/** Id of the token or of the administrator. */
	readonly by: string | undefined;
}

export interface AlarmQuery {
	readonly doors?: readonly string[] | undefined;
	readonly kinds?: readonly AlarmKind[] | undefined;
	/** Those alone that are not acknowledged. */
	readonly isOpen?: boolean;
	/** Ids below. */
	readonly before?: number | undefined;
	readonly limit: number;
}

interface Row {
	readonly id: number;
	readonly kind: AlarmKind;
	readonly door: string;
	readonly at: number;
	readonly raised: number;
	readonly reader: number | null;
	readonly serial: number | null;
	readonly details: string;
	readonly ended: number | null;
	readonly acknowledged: number | null;
	readonly acknowledged_by: string | null;
}

type NewAlarm = Pick<Alarm, "kind" | "door" | "at" | "raised" | "details"> &
	Partial<Pick<Alarm, "reader" | "serial">>;

export class AlarmsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/**
	 * Its id; `undefined`: the alarm of this record is here. What comes again before anybody has seen it is one alarm with that: `details` have
	 * `count`, and `first`, when it happened first.
	 */
	async raise(alarm: NewAlarm): Promise<number | undefined> {
		const { at, details, door, kind, raised, reader = null, serial = null } = alarm;
		const before = await this.newest(door, kind);
		if (before === undefined || before.acknowledged !== undefined) {
			const [row] = await this.#sql.all<{ id: number }>(
				`INSERT INTO alarms (kind, door, at, raised, reader, serial, details) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (reader, serial) DO NOTHING RETURNING id`,
				...[kind, door, at, raised, reader, serial, JSON.stringify(details)],
			);
			return row?.id;
		}
		if (before.reader === reader && serial !== null && serial <= before.serial!) return undefined;
		const { count = 1, first = before.at } = before.details;
		await this.#sql.all(
			"UPDATE alarms SET at = ?, raised = ?, reader = ?, serial = ?, details = ?, ended = NULL WHERE id = ?",
			...[at, raised, reader, serial, JSON.stringify({ ...details, count: count + 1, first }), before.id],
		);
		return before.id;
	}

	/** Those of the kind at the door that go on are over. Their ids. */
	async end(door: string, kind: AlarmKind, at: number): Promise<number[]> {
		const rows = await this.#sql.all<{ id: number }>(
			"UPDATE alarms SET ended = ? WHERE door = ? AND kind = ? AND ended IS NULL AND at <= ? RETURNING id",
			...[at, door, kind, at],
		);
		return rows.map(({ id }) => id);
	}

	async newest(door: string, kind: AlarmKind): Promise<Alarm | undefined> {
		const [row] = await this.#sql.all<Row>(
			"SELECT * FROM alarms WHERE door = ? AND kind = ? ORDER BY id DESC LIMIT 1",
			...[door, kind],
		);
		return row && alarmOf(row);
	}

	/** The newest first. */
	async list({ before, doors, isOpen, kinds, limit }: AlarmQuery): Promise<Alarm[]> {
		const where: string[] = ["1 = 1"];
		const values: SqlValue[] = [];
		const add = (clause: string, some: readonly SqlValue[]): void => {
			where.push(clause);
			values.push(...some);
		};
		if (isOpen) where.push("acknowledged IS NULL");
		if (before !== undefined) add("id < ?", [before]);
		for (const [column, some] of [
			["door", doors],
			["kind", kinds],
		] as const)
			if (some !== undefined)
				add(some.length === 0 ? "1 = 0" : `${column} IN (${some.map(() => "?").join(",")})`, some);
		const rows = await this.#sql.all<Row>(
			`SELECT * FROM alarms WHERE ${where.join(" AND ")} ORDER BY id DESC LIMIT ?`,
			...values,
			limit,
		);
		return rows.map(alarmOf);
	}

	async find(ids: readonly number[]): Promise<Alarm[]> {
		if (ids.length === 0) return [];
		const rows = await this.#sql.all<Row>(
			`SELECT * FROM alarms WHERE id IN (${ids.map(() => "?").join(",")}) ORDER BY id`,
			...ids,
		);
		return rows.map(alarmOf);
	}

	/** Those of these that were not; who was first stays. */
	async acknowledge(ids: readonly number[], by: string, at: number): Promise<number[]> {
		if (ids.length === 0) return [];
		const rows = await this.#sql.all<{ id: number }>(
			`UPDATE alarms SET acknowledged = ?, acknowledged_by = ?
			WHERE acknowledged IS NULL AND id IN (${ids.map(() => "?").join(",")}) RETURNING id`,
			at,
			by,
			...ids,
		);
		return rows.map(({ id }) => id);
	}

	/** Kinds of the alarms at each door that are not acknowledged, each once. */
	async open(): Promise<Map<string, AlarmKind[]>> {
		const rows = await this.#sql.all<{ door: string; kind: AlarmKind }>(
			"SELECT DISTINCT door, kind FROM alarms WHERE acknowledged IS NULL ORDER BY door, kind",
		);
		const byDoor = new Map<string, AlarmKind[]>();
		for (const { door, kind } of rows) byDoor.set(door, [...(byDoor.get(door) ?? []), kind]);
		return byDoor;
	}
}

function alarmOf({ acknowledged_by, details, ...row }: Row): Alarm {
	return {
		...row,
		reader: row.reader ?? undefined,
		serial: row.serial ?? undefined,
		details: JSON.parse(details) as Alarm["details"],
		ended: row.ended ?? undefined,
		acknowledged: row.acknowledged ?? undefined,
		by: acknowledged_by ?? undefined,
	};
}
