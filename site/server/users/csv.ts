// SPDX-License-Identifier: Apache-2.0

import { CsvError, type Info, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import type { User } from "../store/users.js";

/** Columns of a file of users, in the order in which one is written. A list in a cell has its parts between semicolons. */
export const COLUMNS = Object.freeze([
	"id",
	"name",
	"email",
	"phone",
	"access_plans",
	"from",
	"until",
	"paused",
	"credentials",
] as const);
export type ColumnName = (typeof COLUMNS)[number];

/** Lines that a file may have. */
export const MAX_LINES = 20_000;
/** Characters that a cell may have. */
const MAX_CELL = 2000;

/** One line, with the cells of the columns that the file has. */
export interface CsvLine {
	/** In the file, from 1; the line of names is one. */
	readonly line: number;
	readonly cells: Readonly<Partial<Record<ColumnName, string>>>;
}

export interface CsvFile {
	readonly lines: readonly CsvLine[];
	/** Columns of other names, of which nothing is taken. */
	readonly ignored: readonly string[];
}

/** The file is none of users. */
export class CsvProblem extends Error {
	override readonly name = "CsvProblem";
	readonly reason: "bad-csv" | "no-names" | "too-many-lines";

	constructor(reason: CsvProblem["reason"], message: string) {
		super(message);
		this.reason = reason;
	}
}

/** Throws `CsvProblem`. Spreadsheets write commas, semicolons or tabs: what the first line has. */
export function readCsv(text: string): CsvFile {
	const [first = ""] = text.split(/\r?\n/, 1);
	const delimiter = [";", "\t"].find((one) => first.includes(one)) ?? ",";
	const records = parsed(text, delimiter);
	const names = (records.shift()?.record ?? []).map((name) => name.trim());
	const columns = names.map((name) => columnOf(name));
	if (!columns.includes("name"))
		throw new CsvProblem("no-names", "the first line has to name the columns, one of them `name`");
	if (records.length > MAX_LINES)
		throw new CsvProblem("too-many-lines", `a file may have ${MAX_LINES} lines; split it`);
	const lines = records.map(({ info, record }) => {
		const cells: Partial<Record<ColumnName, string>> = {};
		for (const [i, column] of columns.entries())
			if (column !== undefined) cells[column] = plain(record[i] ?? "");
		return { line: info.lines, cells };
	});
	return { lines, ignored: names.filter((_, i) => columns[i] === undefined) };
}

interface Parsed {
	readonly info: Info;
	readonly record: readonly string[];
}

function parsed(text: string, delimiter: string): Parsed[] {
	try {
		return parse(text, {
			...{ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true },
			skip_records_with_empty_values: true,
			max_record_size: MAX_CELL * COLUMNS.length * 2,
		}) as unknown as Parsed[];
	} catch (error) {
		if (error instanceof CsvError) throw new CsvProblem("bad-csv", error.message);
		throw error;
	}
}

/** "Access plans" and "access_plans" are one. */
function columnOf(name: string): ColumnName | undefined {
	const key = name.toLowerCase().replaceAll(/[\s-]+/g, "_");
	return COLUMNS.find((one) => one === key);
}

/** A spreadsheet's apostrophe before what would be a formula belongs to the file and not to the text. */
function plain(cell: string): string {
	return cell.replace(/^'(?=[=+\-@\t\r])/, "").trim();
}

/** A file that spreadsheets show and do not run: what would be a formula has an apostrophe before it. */
export function writeCsv(users: readonly User[]): string {
	const rows = users.map(({ credentials, email, entry, id, name, phone }) => [
		...[id, name, email ?? "", phone ?? "", entry.accessPlans.join("; ")],
		...[entry.from ?? "", entry.until ?? "", entry.suspended ? "yes" : "no"],
		credentials.flatMap(({ entry, id }) => (entry.revoked ? [] : [id])).join("; "),
	]);
	return stringify([[...COLUMNS], ...rows], {
		bom: true,
		escape_formulas: true,
		record_delimiter: "windows",
	});
}
