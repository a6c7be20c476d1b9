// SPDX-License-Identifier: Apache-2.0

import {
	type DoorEntry,
	type PlanDocument,
	PlanDocumentError,
	type UserEntry,
} from "../lib/plan/document.js";
import type { PartBody, PartKind } from "./store/parts.js";
import type { Credential, User } from "./store/users.js";

/** What a site's plans are made from: the plan file, and who its users are. */
export interface Content {
	readonly document: PlanDocument;
	/** Those of `document.users`, in the same order. */
	readonly users: readonly User[];
}

/** The plan file's fields that are neither lists nor objects by name, nor the site's name. */
export type PlanSettings = Omit<PlanDocument, PartKind | "doors" | "users" | "site">;

/** What an administrator changes. `undefined` takes it away. */
export type Change =
	| { readonly kind: "user"; readonly id: string; readonly user: User | undefined }
	/** Adds those that are new, and puts the others in their places. */
	| { readonly kind: "users"; readonly users: readonly User[] }
	| PartChange
	| { readonly kind: "door"; readonly id: string; readonly entry: DoorEntry | undefined }
	| { readonly kind: "settings"; readonly settings: PlanSettings }
	/** In place of all that is there. */
	| { readonly kind: "document"; readonly document: PlanDocument };

export type PartChange = {
	[K in PartKind]: {
		readonly kind: "part";
		readonly part: K;
		readonly name: string;
		readonly body: PartBody<K> | undefined;
	};
}[PartKind];

export function emptyContent(site: string): Content {
	return { document: { site, timeZone: "UTC0", accessPlans: {}, doors: {}, users: [] }, users: [] };
}

/** The content after a change. `newId` names users that come with a plan file. */
export function apply(content: Content, change: Change, newId: () => string): Content {
	const { document, users } = content;
	switch (change.kind) {
		case "user": {
			const at = users.findIndex(({ id }) => id === change.id);
			return withUsers(document, replaced(users, at, change.user));
		}
		case "users":
			return withUsers(document, merged(users, change.users));
		case "part": {
			const { part, name, body } = change;
			return { document: { ...document, [part]: put(document[part] ?? {}, name, body) }, users };
		}
		case "door":
			return { document: { ...document, doors: put(document.doors, change.id, change.entry) }, users };
		case "settings": {
			const { site, holidays, schedules, accessPlans, doors } = document;
			const parts = { ...(holidays && { holidays }), ...(schedules && { schedules }), accessPlans, doors };
			return { document: { ...change.settings, site, ...parts, users: document.users }, users };
		}
		case "document":
			if (change.document.site !== document.site)
				throw new PlanDocumentError(
					["site"],
					`is "${change.document.site}", and this server's site is "${document.site}"`,
				);
			return { document: change.document, users: usersOf(change.document, users, newId) };
	}
}

/** Doors whose plans may be others after a change. Which are, the compiler finds out. */
export function affectedDoors(before: Content, after: Content, change: Change): Set<string> {
	const all = (): Set<string> => new Set(Object.keys(after.document.doors));
	switch (change.kind) {
		case "user":
			return doorsOfUsers(before, after, [change.id], all);
		case "users":
			return doorsOfUsers(
				before,
				after,
				change.users.map(({ id }) => id),
				all,
			);
		case "part": {
			// Each door's tables have all schedules and holidays.
			if (change.part !== "accessPlans") return all();
			const rules = [before, after].flatMap(({ document }) => document.accessPlans[change.name] ?? []);
			return doorsOf(rules, all);
		}
		case "door":
			return new Set(change.entry === undefined ? [] : [change.id]);
		case "settings":
		case "document":
			return all();
	}
}

/** Whether it gives access and takes none. Such changes may wait for others. */
export function onlyAdds(before: Content, change: Change): boolean {
	switch (change.kind) {
		case "user": {
			const old = before.users.find(({ id }) => id === change.id);
			return old === undefined || (change.user !== undefined && hasNoLess(change.user, old));
		}
		case "users": {
			const known = byId(before.users);
			return change.users.every((user) => {
				const old = known.get(user.id);
				return old === undefined || hasNoLess(user, old);
			});
		}
		case "part":
			// A holiday takes its day out of schedules.
			return change.part !== "holidays" && before.document[change.part]?.[change.name] === undefined;
		case "door":
			return before.document.doors[change.id] === undefined;
		default:
			return false;
	}
}

/** Ids that could open before and can no more: they have to be told to readers by name. */
export function revokedIds(before: Content, after: Content): string[] {
	const live = new Set(liveIds(after));
	return [...liveIds(before)].filter((id) => !live.has(id));
}

/** Refuses a plan file in which an id opens again that never may. `ids`: of users whose place is told. */
export function refuseRevoked({ document }: Content, isRevoked: (id: string) => boolean): void {
	for (const [u, { credentials }] of document.users.entries())
		for (const [c, { id, revoked }] of credentials.entries())
			if (!revoked && isRevoked(id.toLowerCase()))
				throw new PlanDocumentError(
					["users", u, "credentials", c, "id"],
					`"${id}" was revoked, and readers never take it again: issue a new credential`,
				);
}

/** A user as the plan file has it. */
export function entryOf({
	name,
	entry,
	credentials,
}: Pick<User, "name" | "entry" | "credentials">): UserEntry {
	return { name, ...entry, credentials: credentials.map(({ id, entry }) => ({ id, ...entry })) };
}

/** The users of a plan file. Those of before are known again by their credentials, so that one who has another name keeps its id. */
export function usersOf(document: PlanDocument, before: readonly User[], newId: () => string): User[] {
	const owners = new Map(before.flatMap((user) => user.credentials.map(({ id }) => [id, user] as const)));
	const left = new Set(before);
	return document.users.map((entry) => {
		const known = entry.credentials
			.map(({ id }) => owners.get(id.toLowerCase()))
			.find((user) => user !== undefined && left.has(user));
		if (known !== undefined) left.delete(known);
		return userOf(entry, known, newId);
	});
}

function userOf(
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

function withUsers(document: PlanDocument, users: readonly User[]): Content {
	return { document: { ...document, users: users.map(entryOf) }, users };
}

/** A user whose plan entry is the same object stays as it is; `at` -1: one more. */
function replaced(users: readonly User[], at: number, user: User | undefined): User[] {
	const next = [...users];
	if (at < 0) {
		if (user !== undefined) next.push(user);
	} else next.splice(at, 1, ...(user === undefined ? [] : [user]));
	return next;
}

/** `users` with `some` in the places of those that have the same ids, and the others of `some` behind them. */
export function merged(users: readonly User[], some: readonly User[]): User[] {
	const next = byId(some);
	const known = new Set(users.map(({ id }) => id));
	return [...users.map((user) => next.get(user.id) ?? user), ...some.filter(({ id }) => !known.has(id))];
}

function byId(users: readonly User[]): Map<string, User> {
	return new Map(users.map((user) => [user.id, user]));
}

function put<T>(parts: Readonly<Record<string, T>>, name: string, body: T | undefined): Record<string, T> {
	const entries = Object.entries(parts);
	const at = entries.findIndex(([key]) => key === name);
	const some: [string, T][] = body === undefined ? [] : [[name, body]];
	if (at < 0) entries.push(...some);
	else entries.splice(at, 1, ...some);
	// As data, whatever the name is.
	return Object.fromEntries(entries);
}

/** Doors at which these users' credentials are others after a change. */
function doorsOfUsers(
	before: Content,
	after: Content,
	ids: readonly string[],
	all: () => Set<string>,
): Set<string> {
	const sides = [before, after].map((content) => {
		const wanted = new Set(ids);
		return { content, users: byId(content.users.filter(({ id }) => wanted.has(id))) };
	});
	const changed = ids.filter((id) => {
		const [old, next] = sides.map(({ users }) => JSON.stringify(accessOf(users.get(id))));
		return old !== next;
	});
	if (changed.length === 0) return new Set();
	// Everyone is listed everywhere, so that a door can say that it is the wrong one.
	if (after.document.listElsewhere ?? true) return all();
	const rules = sides.flatMap(({ content, users }) => {
		const names = new Set(changed.flatMap((id) => users.get(id)?.entry.accessPlans ?? []));
		return [...names].flatMap((name) => content.document.accessPlans[name] ?? []);
	});
	return doorsOf(rules, all);
}

function accessOf(user: User | undefined): unknown {
	return user === undefined ? undefined : [user.entry, user.credentials.map(({ id, entry }) => [id, entry])];
}

function doorsOf(rules: readonly { doors?: readonly string[] }[], all: () => Set<string>): Set<string> {
	if (rules.some(({ doors }) => doors === undefined)) return all();
	return new Set(rules.flatMap(({ doors }) => doors ?? []));
}

function hasNoLess(next: User, old: User): boolean {
	const { suspended: pausedNow, ...now } = next.entry;
	const { suspended: paused, ...before } = old.entry;
	if (JSON.stringify(now) !== JSON.stringify(before) || (pausedNow && !paused)) return false;
	const entries = new Map(next.credentials.map(({ id, entry }) => [id, JSON.stringify(entry)]));
	return old.credentials.every(({ id, entry }) => entries.get(id) === JSON.stringify(entry));
}

function* liveIds({ users }: Content): Iterable<string> {
	for (const { credentials } of users) for (const { id, entry } of credentials) if (!entry.revoked) yield id;
}
