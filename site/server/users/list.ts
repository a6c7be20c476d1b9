// SPDX-License-Identifier: Apache-2.0

import type { User } from "../store/users.js";

export interface UserQuery {
	/** Words that are all parts of name or addresses, in any case and without accents. */
	readonly search?: string | undefined;
	/** Whether a user is among those that are wanted. */
	readonly wanted?: ((user: User) => boolean) | undefined;
	/** `next` of the page before. */
	readonly cursor?: string | undefined;
	readonly limit: number;
}

export interface UserPage {
	readonly users: readonly User[];
	/** How many are found in all. */
	readonly total: number;
	readonly next: string | null;
}

interface Row {
	readonly user: User;
	/** What is searched. */
	readonly text: string;
}

const collator = new Intl.Collator("en", { numeric: true });

/** People by name, in pages, found by parts of their names and addresses. What was sorted stays so until another edit. */
export class UserList {
	#of: readonly User[] | undefined;
	#rows: readonly Row[] = [];
	#texts = new WeakMap<User, string>();

	page(users: readonly User[], { cursor, limit, search = "", wanted }: UserQuery): UserPage {
		const words = folded(search).split(/\s+/);
		const found = this.#sorted(users).filter(
			({ text, user }) => words.every((word) => text.includes(word)) && (wanted?.(user) ?? true),
		);
		const after = cursor === undefined ? undefined : decodeCursor(cursor);
		const from = after === undefined ? 0 : firstAfter(found, after);
		const page = found.slice(from, from + limit);
		const more = from + limit < found.length;
		return {
			users: page.map(({ user }) => user),
			total: found.length,
			next: more ? encodeCursor(page.at(-1)!.user) : null,
		};
	}

	#sorted(users: readonly User[]): readonly Row[] {
		if (users !== this.#of) {
			this.#of = users;
			this.#rows = users
				.map((user) => ({ user, text: this.#textOf(user) }))
				.sort((a, b) => compare(a.user, b.user));
		}
		return this.#rows;
	}

	#textOf(user: User): string {
		const known = this.#texts.get(user);
		if (known !== undefined) return known;
		const text = folded([user.name, user.email, user.phone].join("\n"));
		this.#texts.set(user, text);
		return text;
	}
}

/** The place of a user in the list, whether or not it is still there. */
type Place = Pick<User, "id" | "name">;

function compare(a: Place, b: Place): number {
	return collator.compare(a.name, b.name) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function firstAfter(rows: readonly Row[], place: Place): number {
	let low = 0;
	let high = rows.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (compare(rows[middle]!.user, place) <= 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** "Zoë" as "zoe". */
function folded(text: string): string {
	return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}

function encodeCursor({ id, name }: Place): string {
	return Buffer.from(JSON.stringify([name, id])).toString("base64url");
}

/** `undefined`: it is none, and the list begins anew. */
function decodeCursor(cursor: string): Place | undefined {
	try {
		const [name, id] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[];
		return typeof name === "string" && typeof id === "string" ? { id, name } : undefined;
	} catch {
		return undefined;
	}
}
