// SPDX-License-Identifier: Apache-2.0

import type { Content } from "../content.js";
import type { Credential, User } from "../store/users.js";
import type { ColumnName, CsvLine } from "./csv.js";

/** Why a line of a file cannot be taken; each is in the pages' words. */
export type LineReason =
	| "no-name"
	| "too-long"
	| "unknown-id"
	| "ambiguous"
	| "twice"
	| "bad-email"
	| "bad-phone"
	| "unknown-plan"
	| "bad-date"
	| "bad-paused"
	| "bad-credential"
	| "taken-credential"
	/** What the plan's rules say of it. */
	| "bad-plan";

export interface LineError {
	readonly line: number;
	readonly column: ColumnName | undefined;
	readonly reason: LineReason;
	/** What the cell has, or what the plan's rules say. */
	readonly value: string;
}

export interface ImportLine {
	readonly line: number;
	readonly what: "add" | "change" | "same";
	readonly user: User;
}

export interface Import {
	readonly lines: readonly ImportLine[];
	readonly errors: readonly LineError[];
}

const MAX_NAME = 200;
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}Z?)?$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;
const PHONE = /^\+?[0-9 ()/.-]{3,39}$/;
const YES = ["yes", "ja", "true", "1", "x"];
const NO = ["", "no", "nein", "false", "0"];

class BadCell extends Error {
	readonly column: ColumnName;
	readonly reason: LineReason;

	constructor(column: ColumnName, reason: LineReason, value: string) {
		super(value);
		this.column = column;
		this.reason = reason;
	}
}

/**
 * What the lines of a file would make of the users. A line is the user's with its `id`, else with its e-mail address, else a new one's.
 * A column that the file lacks stays as it is; credentials are added, and none is ever taken by a file.
 */
export function importOf(
	file: readonly CsvLine[],
	{ document, users }: Content,
	newId: () => string,
): Import {
	const known = new Known(users);
	const lines: ImportLine[] = [];
	const errors: LineError[] = [];
	const seen = new Set<string>();
	for (const { cells, line } of file) {
		try {
			const before = known.of(cells);
			if (before !== undefined && seen.has(before.id)) throw new BadCell("id", "twice", before.name);
			const id = before?.id ?? newId();
			const user = userOf(cells, id, before, document.accessPlans);
			known.claim(user);
			seen.add(id);
			const same = before !== undefined && JSON.stringify(before) === JSON.stringify(user);
			lines.push({ line, user, what: before === undefined ? "add" : same ? "same" : "change" });
		} catch (error) {
			if (!(error instanceof BadCell)) throw error;
			errors.push({ line, column: error.column, reason: error.reason, value: error.message });
		}
	}
	return { lines, errors };
}

/** Users by what a line may name them by. */
class Known {
	readonly #byId: Map<string, User>;
	readonly #byEmail = new Map<string, User[]>();
	readonly #owners = new Map<string, string>();

	constructor(users: readonly User[]) {
		this.#byId = new Map(users.map((user) => [user.id, user]));
		for (const user of users) {
			for (const { id } of user.credentials) this.#owners.set(id, user.id);
			if (user.email === undefined) continue;
			const key = user.email.toLowerCase();
			this.#byEmail.set(key, [...(this.#byEmail.get(key) ?? []), user]);
		}
	}

	of({ email = "", id = "" }: CsvLine["cells"]): User | undefined {
		if (id !== "") {
			const user = this.#byId.get(id);
			if (user === undefined) throw new BadCell("id", "unknown-id", id);
			return user;
		}
		const found = this.#byEmail.get(email.toLowerCase()) ?? [];
		if (found.length > 1) throw new BadCell("email", "ambiguous", email);
		return found[0];
	}

	/** Each credential is one person's. */
	claim({ credentials, id: user }: User): void {
		for (const { id } of credentials) {
			if ((this.#owners.get(id) ?? user) !== user) throw new BadCell("credentials", "taken-credential", id);
			this.#owners.set(id, user);
		}
	}
}

function userOf(
	cells: CsvLine["cells"],
	id: string,
	before: User | undefined,
	plans: Readonly<Record<string, unknown>>,
): User {
	const name = cells.name ?? before?.name ?? "";
	if (name === "") throw new BadCell("name", "no-name", "");
	if (name.length > MAX_NAME) throw new BadCell("name", "too-long", name.slice(0, 40));
	return {
		...{ id, name },
		email: addressOf(cells, "email", EMAIL, "bad-email", before),
		phone: addressOf(cells, "phone", PHONE, "bad-phone", before),
		entry: entryOf(cells, before?.entry, plans),
		credentials: credentialsOf(cells.credentials ?? "", before?.credentials ?? []),
	};
}

function addressOf(
	cells: CsvLine["cells"],
	column: "email" | "phone",
	form: RegExp,
	reason: LineReason,
	before: User | undefined,
): string | undefined {
	const cell = cells[column];
	if (cell === undefined) return before?.[column];
	if (cell === "") return undefined;
	if (!form.test(cell)) throw new BadCell(column, reason, cell);
	return cell;
}

function entryOf(
	cells: CsvLine["cells"],
	before: User["entry"] | undefined,
	plans: Readonly<Record<string, unknown>>,
): User["entry"] {
	const accessPlans =
		cells.access_plans === undefined ? (before?.accessPlans ?? []) : partsOf(cells.access_plans);
	for (const plan of accessPlans)
		if (!Object.hasOwn(plans, plan)) throw new BadCell("access_plans", "unknown-plan", plan);
	const entry: Mutable<User["entry"]> = { ...before, accessPlans };
	for (const column of ["from", "until"] as const) {
		const cell = cells[column];
		if (cell === undefined) continue;
		if (cell === "") delete entry[column];
		else if (MOMENT.test(cell)) entry[column] = cell;
		else throw new BadCell(column, "bad-date", cell);
	}
	const paused = cells.paused?.toLowerCase();
	if (paused === undefined) return entry;
	if (YES.includes(paused)) entry.suspended = true;
	else if (!NO.includes(paused)) throw new BadCell("paused", "bad-paused", paused);
	else if (entry.suspended) entry.suspended = false;
	return entry;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function credentialsOf(cell: string, before: readonly Credential[]): readonly Credential[] {
	const ids = partsOf(cell).map((id) => id.toLowerCase());
	const bad = ids.find((id) => !/^[0-9a-f]{16}$/.test(id));
	if (bad !== undefined) throw new BadCell("credentials", "bad-credential", bad);
	const added = [...new Set(ids)].filter((id) => !before.some((one) => one.id === id));
	return [...before, ...added.map((id) => ({ id, entry: {}, publicKey: undefined, issued: undefined }))];
}

function partsOf(cell: string): string[] {
	return cell
		.split(/[;\n]/)
		.map((part) => part.trim())
		.filter((part) => part !== "");
}
