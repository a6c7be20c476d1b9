// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument, UserEntry } from "../../lib/plan/document.js";
import { PARTS } from "./parts.js";
import type { Store } from "./store.js";
import type { Credential, User } from "./users.js";

/** The plan file that a store holds, with the ids that it has no place for. */
export interface SiteContent {
	readonly document: PlanDocument;
	/** Ids of `document.users`, in their order. */
	readonly userIds: readonly string[];
}

/** `undefined`: none was brought in yet. */
export async function readContent(store: Store): Promise<SiteContent | undefined> {
	const head = await store.facts.get("plan");
	if (head === undefined) return undefined;
	const users = await store.users.list();
	const doors = await store.doors.list();
	const parts: Record<string, unknown> = {};
	for (const kind of PARTS) {
		const part = await store.parts.all(kind);
		// What the file did not have stays away, unless something came since.
		if (head[kind] !== undefined || Object.keys(part).length > 0) parts[kind] = part;
	}
	const document = {
		...head,
		...parts,
		doors: Object.fromEntries(doors.map(({ id, entry }) => [id, entry])),
		users: users.map(entryOf),
	};
	return { document, userIds: users.map(({ id }) => id) };
}

/**
 * Writes all of a plan file in place of what is there. Users are known again by their credentials, so that one who has another name
 * keeps its id; doors by theirs. Within a transaction; the caller has checked that it compiles.
 */
export async function writeContent(
	store: Store,
	document: PlanDocument,
	at: number,
	newId: () => string,
): Promise<void> {
	await store.facts.set("plan", { ...document, ...emptied(document), accessPlans: {}, doors: {}, users: [] });
	await store.parts.replace(document);
	for (const { id } of await store.doors.list())
		if (!Object.hasOwn(document.doors, id)) await store.doors.remove(id, at);
	for (const [id, entry] of Object.entries(document.doors)) await store.doors.put(id, entry);
	await store.doors.order(Object.keys(document.doors));
	const before = await store.users.list();
	const owners = new Map(before.flatMap((user) => user.credentials.map(({ id }) => [id, user] as const)));
	const left = new Map(before.map((user) => [user.id, user]));
	const users = document.users.map((entry) => {
		const known = entry.credentials
			.map(({ id }) => owners.get(id.toLowerCase()))
			.find((u) => u && left.has(u.id));
		if (known !== undefined) left.delete(known.id);
		return userFrom(entry, known, newId);
	});
	await store.users.replace(users, at);
}

/** A user as the plan file has it. */
export function entryOf({
	name,
	entry,
	credentials,
}: Pick<User, "name" | "entry" | "credentials">): UserEntry {
	return { name, ...entry, credentials: credentials.map(({ id, entry }) => ({ id, ...entry })) };
}

function userFrom(
	{ name, credentials, ...entry }: UserEntry,
	known: User | undefined,
	newId: () => string,
): User {
	const before = new Map(known?.credentials.map((credential) => [credential.id, credential]));
	return {
		id: known?.id ?? newId(),
		name,
		email: known?.email,
		phone: known?.phone,
		entry,
		credentials: credentials.map(({ id, ...entry }): Credential => {
			const own = before.get(id.toLowerCase());
			return { id: id.toLowerCase(), entry, publicKey: own?.publicKey, issued: own?.issued };
		}),
	};
}

/** The optional objects of a plan file that it has, without their content. */
function emptied(document: PlanDocument): Pick<PlanDocument, "holidays" | "schedules"> {
	return {
		...(document.holidays !== undefined && { holidays: {} }),
		...(document.schedules !== undefined && { schedules: {} }),
	};
}
