// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { type Static, Type } from "@fastify/type-provider-typebox";
import { newStartLink } from "../sign-in/start-link.js";
import type { Administrator } from "../store/administrators.js";
import type { Store } from "../store/store.js";
import { type Api, needs } from "./app.js";
import { PersonRole } from "./me.js";
import { notFound, Problem } from "./problem.js";
import { DoorId, Id16, Nothing, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";
import { Name } from "./start.js";

const Params = Type.Object({ id: Id16 });
const View = Type.Object({
	id: Type.String(),
	name: Type.String(),
	role: PersonRole,
	doors: orNull(Type.Array(Type.String(), { description: "Of a manager; null: all" })),
	state: Type.Enum(["invited", "active"], { description: "Whether the person has signed up" }),
	login: Type.String(),
	made: Seconds,
});
const Body = Type.Object(
	{
		name: Name,
		role: PersonRole,
		doors: Type.Optional(
			Type.Array(DoorId, {
				minItems: 1,
				maxItems: 1000,
				uniqueItems: true,
				description: "Of a manager alone",
			}),
		),
	},
	{ additionalProperties: false },
);
const Link = Type.Object({
	link: Type.String({ description: "Of one use; the answer is the only place where it stands" }),
	until: Seconds,
});

/** The people who work on the site, by their owners. */
export function administrators(api: Api, site: Site): void {
	listing(api, site);
	inviting(api, site);
	changing(api, site);
}

function listing(api: Api, { store }: Site): void {
	api.get(
		"/api/administrators",
		needs("administrator", {
			tags: ["administrators"],
			summary: "Who works on the site",
			response: { 200: Type.Object({ administrators: Type.Array(View) }) },
		}),
		async () => ({ administrators: (await store.administrators.list()).map(viewOf) }),
	);
}

function inviting(api: Api, site: Site): void {
	const { now, store } = site;
	api.post(
		"/api/administrators",
		needs("owner", {
			permits: true,
			tags: ["administrators"],
			summary: "Invites a person by a link of one use, which you hand over; it is good for 7 days",
			body: Body,
			response: { 201: Type.Intersect([View, Link]) },
		}),
		async (request, reply) => {
			const { name, role } = request.body;
			const person: Administrator = {
				id: randomBytes(8).toString("hex"),
				...{ name: name.trim(), role, doors: doorsOf(site, request.body) },
				...{ login: undefined, password: undefined, made: now() },
			};
			const link = await store.transaction(async (within) => {
				await within.administrators.put(person);
				const action = site.action(request.caller, "invite-administrator", person.id, rightsIn(person));
				await within.actions.add(action, site.crypto);
				return linkFor(within, site, person);
			});
			reply.status(201);
			return { ...viewOf(person), ...link };
		},
	);
	api.post(
		"/api/administrators/:id/link",
		needs("owner", {
			permits: true,
			tags: ["administrators"],
			summary: "Makes another link for a person who did not use the first, or who is locked out",
			description: "Earlier ways to sign in end when it is used.",
			params: Params,
			response: { 201: Link },
		}),
		async (request, reply) => {
			const link = await store.transaction(async (within) => {
				const person = await found(within, request.params.id);
				await within.actions.add(site.action(request.caller, "link-administrator", person.id), site.crypto);
				return linkFor(within, site, person);
			});
			reply.status(201);
			return link;
		},
	);
}

function changing(api: Api, site: Site): void {
	const { now, store } = site;
	api.put(
		"/api/administrators/:id",
		needs("owner", {
			permits: true,
			ends: true,
			tags: ["administrators"],
			summary: "Puts a person's name, role and doors; another role or other doors end the person's sessions",
			params: Params,
			body: Body,
			response: { 200: View },
		}),
		async (request) => {
			const doors = doorsOf(site, request.body);
			const { name, role } = request.body;
			const changed = await store.transaction(async (within) => {
				const before = await found(within, request.params.id);
				const after = { ...before, name: name.trim(), role, doors };
				await within.administrators.put(after);
				if (JSON.stringify(rightsIn(before)) === JSON.stringify(rightsIn(after))) return after;
				await keepOwner(within, before);
				await within.sessions.endAll(after.id);
				const action = site.action(request.caller, "change-administrator", after.id, rightsIn(after));
				await within.actions.add(action, site.crypto);
				return after;
			});
			return viewOf(changed);
		},
	);
	api.delete(
		"/api/administrators/:id",
		needs("owner", {
			permits: true,
			ends: true,
			tags: ["administrators"],
			summary: "Removes a person, who is signed out at once; never the last owner",
			params: Params,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			await store.transaction(async (within) => {
				const before = await found(within, request.params.id);
				const { id } = before;
				await within.administrators.remove(id, now());
				await keepOwner(within, before);
				await within.actions.add(site.action(request.caller, "remove-administrator", id), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}

async function found(store: Store, id: string): Promise<Administrator> {
	const person = await store.administrators.find(id);
	if (person === undefined) throw notFound("administrator");
	return person;
}

/** Throws `Problem` where `changed` was the last who may all. */
async function keepOwner(within: Store, changed: Administrator): Promise<void> {
	const isOwner = ({ login, role }: Administrator): boolean => role === "owner" && login !== undefined;
	if (isOwner(changed) && !(await within.administrators.list()).some(isOwner))
		throw new Problem(409, "last-owner", "the site needs an owner who can sign in: make another first");
}

/** The doors of a manager. Throws `Problem` where role and doors do not go together. */
function doorsOf({ planner }: Site, { doors, role }: Static<typeof Body>): readonly string[] | undefined {
	if ((role === "manager") !== (doors !== undefined))
		throw new Problem(422, "which-doors", "a manager has doors, and nobody else has");
	for (const door of doors ?? [])
		if (!Object.hasOwn(planner.content.document.doors, door)) throw notFound(`door as ${door}`);
	return doors;
}

/** What the audit has of a person: no name. */
function rightsIn({ doors, role }: Administrator): { role: string; doors?: readonly string[] } {
	return { role, ...(doors && { doors }) };
}

async function linkFor(
	within: Store,
	{ address, now }: Site,
	{ id }: Administrator,
): Promise<Static<typeof Link>> {
	const { secret, until } = await newStartLink(within, now(), id);
	return { link: `${address.origin}/join#${secret}`, until };
}

function viewOf({ doors, id, login, made, name, role }: Administrator): Static<typeof View> {
	return {
		...{ id, name, role: role as Static<typeof PersonRole>, doors: doors === undefined ? null : [...doors] },
		...{ state: login === undefined ? "invited" : "active", login: login ?? "", made },
	};
}
