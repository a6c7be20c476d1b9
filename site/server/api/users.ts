// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { Type } from "@fastify/type-provider-typebox";
import type { Credential, User } from "../store/users.js";
import { UserList } from "../users/list.js";
import { standingOf, USER_STATES, zoneOf } from "../users/standing.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { UserBody, UserView } from "./plan-schemas.js";
import { notFound, Problem } from "./problem.js";
import { Id16, Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";

const UserId = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const MAX_USERS = 1000;

export function users(api: Api, site: Site): void {
	const find = (id: string): User => {
		const user = site.planner.content.users.find((one) => one.id === id);
		if (user === undefined) throw notFound("user");
		return user;
	};
	const put = async (by: Caller, what: string, user: User): Promise<UserView> => {
		await site.planner.edit([{ kind: "user", id: user.id, user }], site.action(by, what, user.id));
		return viewOf(site, user);
	};
	reading(api, site, find);
	writing(api, find, put);
	taking(api, site, find, put);
}

type Find = (id: string) => User;
type Put = (by: Caller, what: string, user: User) => Promise<UserView>;

function reading(api: Api, site: Site, find: Find): void {
	const list = new UserList();
	api.get(
		"/api/users",
		needs("viewer", {
			tags: ["users"],
			summary: "People, by name",
			querystring: Type.Object(
				{
					search: Type.Optional(
						Type.String({ maxLength: 200, description: "Words that are parts of name or address" }),
					),
					state: Type.Optional(Type.Enum([...USER_STATES])),
					plan: Type.Optional(Type.String({ maxLength: 100, description: "An access plan of theirs" })),
					cursor: Type.Optional(Type.String({ maxLength: 1000, description: "`next` of the page before" })),
					limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_USERS, default: 100 })),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({
					users: Type.Array(UserView),
					total: Type.Integer({ description: "How many are found in all" }),
					next: orNull(Type.String()),
				}),
			},
		}),
		async ({ query }) => {
			const { cursor, limit = 100, plan, search, state } = query;
			const { content, document } = site.planner;
			const zone = zoneOf(document.timeZone, site.now());
			const wanted = (user: User): boolean =>
				(plan === undefined || user.entry.accessPlans.includes(plan)) &&
				(state === undefined || standingOf(user, zone, site.now()) === state);
			const page = list.page(content.users, { search, wanted, cursor, limit });
			return { ...page, users: page.users.map((user) => viewOf(site, user)) };
		},
	);
	api.get(
		"/api/users/:id",
		needs("viewer", {
			tags: ["users"],
			summary: "One person",
			params: UserId,
			response: { 200: UserView },
		}),
		async ({ params }) => viewOf(site, find(params.id)),
	);
}

function writing(api: Api, find: Find, put: Put): void {
	api.post(
		"/api/users",
		needs("administrator", {
			tags: ["users"],
			summary: "Adds a person with access plans and credentials",
			body: UserBody,
			response: { 201: UserView },
		}),
		async (request, reply) => {
			const view = await put(
				request.caller,
				"add-user",
				userOf(randomBytes(8).toString("hex"), request.body),
			);
			reply.status(201);
			return view;
		},
	);
	api.put(
		"/api/users/:id",
		needs("administrator", {
			tags: ["users"],
			summary: "Puts all that is known of a person",
			description: "Without `credentials` they stay; those that are left out are revoked for good.",
			params: UserId,
			body: UserBody,
			response: { 200: UserView },
		}),
		async (request) =>
			put(request.caller, "change-user", userOf(request.params.id, request.body, find(request.params.id))),
	);
	for (const [name, suspended, summary] of [
		["pause", true, "No door opens for this person any more, until `resume`"],
		["resume", false, "Doors open for this person again"],
	] as const)
		api.post(
			`/api/users/:id/${name}`,
			needs("administrator", { tags: ["users"], summary, params: UserId, response: { 200: UserView } }),
			async (request) => {
				const user = find(request.params.id);
				return put(request.caller, `${name}-user`, { ...user, entry: { ...user.entry, suspended } });
			},
		);
}

function taking(api: Api, site: Site, find: Find, put: Put): void {
	api.delete(
		"/api/users/:id",
		needs("administrator", {
			tags: ["users"],
			summary: "Removes a person and revokes the credentials, at once and for good",
			description: "The name stays beside what the person did, until `erase`.",
			params: UserId,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = find(request.params.id);
			await site.planner.edit(
				[{ kind: "user", id, user: undefined }],
				site.action(request.caller, "remove-user", id),
			);
			reply.status(204);
			return null;
		},
	);
	api.post(
		"/api/users/:id/erase",
		needs("administrator", {
			tags: ["users"],
			summary: "Forgets who a removed person was: name and addresses; the log stays, of somebody unnamed",
			params: UserId,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = request.params;
			if (site.planner.content.users.some((user) => user.id === id))
				throw new Problem(409, "still-there", "remove the person first");
			await site.store.users.erase(id);
			await site.act(request.caller, "erase-user", id);
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/users/:id/credentials/:credential",
		needs("administrator", {
			tags: ["users"],
			summary: "Revokes a credential, at once and for good",
			params: Type.Object({ id: Type.String({ maxLength: 64 }), credential: Id16 }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const user = find(request.params.id);
			const { credential } = request.params;
			if (!user.credentials.some(({ id }) => id === credential)) throw notFound("credential of this person");
			const credentials = user.credentials.map((one) =>
				one.id === credential ? { ...one, entry: { ...one.entry, revoked: true } } : one,
			);
			await put(request.caller, "revoke-credential", { ...user, credentials });
			reply.status(204);
			return null;
		},
	);
}

/** `before`: what is known besides. */
function userOf(id: string, { credentials, email, name, phone, ...entry }: UserBody, before?: User): User {
	const own = new Map(before?.credentials.map((credential) => [credential.id, credential]));
	return {
		...{ id, name, email, phone, entry },
		credentials:
			credentials?.map(({ id: given, ...entry }): Credential => {
				const known = own.get(given.toLowerCase());
				return { id: given.toLowerCase(), entry, publicKey: known?.publicKey, issued: known?.issued };
			}) ??
			before?.credentials ??
			[],
	};
}

function viewOf({ now, planner }: Site, user: User): UserView {
	const { credentials, email, entry, id, name, phone } = user;
	return {
		...{ id, name, ...entry },
		state: standingOf(user, zoneOf(planner.document.timeZone, now()), now()),
		...(email !== undefined && { email }),
		...(phone !== undefined && { phone }),
		credentials: credentials.map(({ entry, id }) => ({ id, ...entry })),
	};
}
