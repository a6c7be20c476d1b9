// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument } from "../../lib/plan/document.js";
import { type Change, type Content, entryOf } from "../content.js";
import { PARTS } from "./parts.js";
import type { Store } from "./store.js";

/** `undefined`: nothing was written yet. */
export async function readContent(store: Store): Promise<Content | undefined> {
	const head = await store.facts.get("plan");
	if (head === undefined) return undefined;
	const users = await store.users.list();
	const doors = await store.doors.list();
	const parts: Record<string, unknown> = {};
	for (const kind of PARTS) {
		const part = await store.parts.all(kind);
		if (head[kind] !== undefined) parts[kind] = part;
	}
	const document = {
		...head,
		...parts,
		doors: Object.fromEntries(doors.map(({ id, entry }) => [id, entry])),
		users: users.map(entryOf),
	};
	return { document, users };
}

/** Writes what a change has made of the content. Within a transaction. */
export async function writeChange(store: Store, change: Change, after: Content, at: number): Promise<void> {
	await store.facts.set("plan", headOf(after.document));
	switch (change.kind) {
		case "user":
			if (change.user === undefined) await store.users.remove(change.id, at);
			else await store.users.put([change.user], at);
			return;
		case "users":
			await store.users.put(change.users, at);
			return;
		case "part":
			if (change.body === undefined) await store.parts.remove(change.part, change.name);
			else await store.parts.put(change.part, change.name, change.body);
			return;
		case "door":
			if (change.entry === undefined) await store.doors.remove(change.id, at);
			else await store.doors.put(change.id, change.entry);
			return;
		case "settings":
			return;
		case "document":
			await writeContent(store, after, at);
	}
}

/** Writes all of a site's content in place of what is there. Within a transaction. */
export async function writeContent(store: Store, { document, users }: Content, at: number): Promise<void> {
	await store.facts.set("plan", headOf(document));
	await store.parts.replace(document);
	for (const { id } of await store.doors.list())
		if (!Object.hasOwn(document.doors, id)) await store.doors.remove(id, at);
	for (const [id, entry] of Object.entries(document.doors)) await store.doors.put(id, entry);
	await store.doors.order(Object.keys(document.doors));
	await store.users.replace(users, at);
}

/** The plan file's own fields, with its lists and objects empty where it has them. */
function headOf(document: PlanDocument): PlanDocument {
	return {
		...document,
		...(document.holidays !== undefined && { holidays: {} }),
		...(document.schedules !== undefined && { schedules: {} }),
		accessPlans: {},
		doors: {},
		users: [],
	};
}
