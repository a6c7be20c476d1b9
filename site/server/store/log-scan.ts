// SPDX-License-Identifier: Apache-2.0

import { fromHex } from "../../../protocol/bytes.js";
import type { Sql, SqlValue } from "./database.js";

/** What of a record tells whether it is looked for. */
export interface LogGlance {
	readonly id: number;
	readonly at: number;
	readonly reader: number;
	readonly kind: number;
	readonly detail: number;
	readonly subject: Uint8Array | null;
}

/** What an index gives in the order of time: all, of some readers, of some credentials, of some kinds, or the denials. */
export type LogStream =
	| { readonly of: "all" | "denied" }
	| { readonly of: "reader" | "kind"; readonly any: readonly number[] }
	| { readonly of: "subject"; readonly any: readonly string[] };

/** Where a scan goes on. */
export interface LogPlace {
	readonly at: number;
	readonly id: number;
}

export interface LogRange {
	/** When it happened, both included. */
	readonly since?: number | undefined;
	readonly until?: number | undefined;
	/** Behind this record, in the scan's direction. */
	readonly from?: LogPlace | undefined;
	/** The oldest first; else the newest. */
	readonly forward: boolean;
}

/** The next records of a stream in the order of time; each is read from an index, so the time that it takes is that of `limit`. */
export function scanLog(sql: Sql, stream: LogStream, range: LogRange, limit: number): Promise<LogGlance[]> {
	const streams = conditionsOf(stream);
	const { values: bounds, where } = boundsOf(range);
	const order = range.forward ? "ORDER BY at, id" : "ORDER BY at DESC, id DESC";
	const selects = streams.map(
		({ where: own }, i) =>
			`SELECT * FROM (SELECT id, at, reader, kind, detail, subject FROM log WHERE ${[own, ...where].join(" AND ")} ${order} LIMIT ?) AS s${i}`,
	);
	return sql.all<LogGlance>(
		`${selects.join(" UNION ALL ")} ${order} LIMIT ?`,
		...streams.flatMap(({ values }) => [...values, ...bounds, limit]),
		limit,
	);
}

interface Condition {
	readonly where: string;
	readonly values: readonly SqlValue[];
}

/** As the indexes have them (migrations.ts). */
function conditionsOf(stream: LogStream): Condition[] {
	switch (stream.of) {
		case "all":
			return [{ where: "1 = 1", values: [] }];
		case "denied":
			return [{ where: "kind = 16 AND detail % 256 <> 0", values: [] }];
		case "subject":
			return [...new Set(stream.any)].map((id) => ({ where: "subject = ?", values: [fromHex(id)] }));
		default:
			return [...new Set(stream.any)].map((value) => ({ where: `${stream.of} = ?`, values: [value] }));
	}
}

function boundsOf({ forward, from, since, until }: LogRange): { where: string[]; values: SqlValue[] } {
	const where: string[] = [];
	const values: SqlValue[] = [];
	const add = (clause: string, ...some: readonly SqlValue[]): void => {
		where.push(clause);
		values.push(...some);
	};
	if (since !== undefined) add("at >= ?", since);
	if (until !== undefined) add("at <= ?", until);
	if (from !== undefined) add(`(at, id) ${forward ? ">" : "<"} (?, ?)`, from.at, from.id);
	return { where, values };
}
