// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { Type } from "@fastify/type-provider-typebox";
import { type Reach, reachOf } from "../invitations/door-reach.js";
import { type InvitationView, reachView, viewOf } from "../invitations/view.js";
import type { Credential, User } from "../store/users.js";
import { UserList } from "../users/list.js";
import { standingOf, USER_STATES, type UserState, zoneOf } from "../users/standing.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { UserBody, UserView } from "./plan-schemas.js";
import { notFound, Problem } from "./problem.js";
import { checkUser, mayOnUser } from "./rights.js";
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
	const add = async (by: Caller, user: User): Promise<UserView> => {
		checkUser(by, site.planner.content.document, user.entry);
		await site.planner.edit([{ kind: "user", id: user.id, user }], site.action(by, "add-user", user.id));
		return (await viewsOf(site, [user]))[0]!;
	};
	// Changed as it is when it is its turn: a phone may accept an invitation meanwhile.
	const change = async (
		by: Caller,
		what: string,
		id: string,
		next: (user: User) => User,
	): Promise<UserView> => {
		let user = find(id);
		await site.planner.edit(
			() => {
				const { document } = site.planner.content;
				const before = find(id);
				user = next(before);
				for (const one of [before, user]) checkUser(by, document, one.entry);
				return [{ kind: "user", id, user }];
			},
			site.action(by, what, id),
		);
		return (await viewsOf(site, [user]))[0]!;
	};
	reading(api, site, find);
	writing(api, add, change);
	taking(api, site, find, change);
}

type Find = (id: string) => User;
type Add = (by: Caller, user: User) => Promise<UserView>;
type ChangeUser = (by: Caller, what: string, id: string, next: (user: User) => User) => Promise<UserView>;

function reading(api: Api, site: Site, find: Find): void {
	const list = new UserList();
	api.get(
		"/api/users",
		needs("viewer", {
			scope: "own",
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
		async ({ caller, query }) => {
			const { cursor, limit = 100, plan, search, state } = query;
			const { content, document } = site.planner;
			const zone = zoneOf(document.timeZone, site.now());
			const wanted = (user: User): boolean =>
				mayOnUser(caller, document, user.entry) &&
				(plan === undefined || user.entry.accessPlans.includes(plan)) &&
				(state === undefined || standingOf(user, zone, site.now()) === state);
			const page = list.page(content.users, { search, wanted, cursor, limit });
			return { ...page, users: await viewsOf(site, page.users) };
		},
	);
	api.get(
		"/api/users/:id",
		needs("viewer", {
			scope: "user",
			tags: ["users"],
			summary: "One person",
			params: UserId,
			response: { 200: UserView },
		}),
		async ({ params }) => (await viewsOf(site, [find(params.id)]))[0]!,
	);
}

function writing(api: Api, add: Add, change: ChangeUser): void {
	api.post(
		"/api/users",
		needs("manager", {
			scope: "own",
			tags: ["users"],
			summary: "Adds a person with access plans and credentials",
			body: UserBody,
			response: { 201: UserView },
		}),
		async (request, reply) => {
			const view = await add(request.caller, userOf(randomBytes(8).toString("hex"), request.body));
			reply.status(201);
			return view;
		},
	);
	api.put(
		"/api/users/:id",
		needs("manager", {
			scope: "user",
			tags: ["users"],
			summary: "Puts all that is known of a person",
			description: "Without `credentials` they stay; those that are left out are revoked for good.",
			params: UserId,
			body: UserBody,
			response: { 200: UserView },
		}),
		async (request) =>
			change(request.caller, "change-user", request.params.id, (user) => userOf(user.id, request.body, user)),
	);
	for (const [name, suspended, summary] of [
		["pause", true, "No door opens for this person any more, until `resume`"],
		["resume", false, "Doors open for this person again"],
	] as const)
		api.post(
			`/api/users/:id/${name}`,
			needs("manager", {
				scope: "user",
				tags: ["users"],
				summary,
				params: UserId,
				response: { 200: UserView },
			}),
			async (request) =>
				change(request.caller, `${name}-user`, request.params.id, (user) => ({
					...user,
					entry: { ...user.entry, suspended },
				})),
		);
}

function taking(api: Api, site: Site, find: Find, change: ChangeUser): void {
	api.delete(
		"/api/users/:id",
		needs("manager", {
			scope: "user",
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
			await site.store.privacy.erase(id);
			await site.act(request.caller, "erase-user", id);
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/users/:id/credentials/:credential",
		needs("manager", {
			scope: "user",
			tags: ["users"],
			summary: "Revokes a credential, at once and for good",
			params: Type.Object({ id: Type.String({ maxLength: 64 }), credential: Id16 }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { credential, id } = request.params;
			await change(request.caller, "revoke-credential", id, (user) => {
				if (!user.credentials.some((one) => one.id === credential))
					throw notFound("credential of this person");
				const credentials = user.credentials.map((one) =>
					one.id === credential ? { ...one, entry: { ...one.entry, revoked: true } } : one,
				);
				return { ...user, credentials };
			});
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

async function viewsOf(site: Site, users: readonly User[]): Promise<UserView[]> {
	const reach = await reachOf(site, users);
	const newest = await site.store.invitations.newest(users.map(({ id }) => id));
	const now = site.now();
	const zone = zoneOf(site.planner.document.timeZone, now);
	return users.map((user) => {
		const invitation = newest.get(user.id);
		const view = invitation === undefined ? null : viewOf(invitation, user, reach, now);
		return userView(user, standingOf(user, zone, now), reach, view);
	});
}

function userView(
	{ credentials, email, entry, id, name, phone }: User,
	state: UserState,
	reach: ReadonlyMap<string, Reach>,
	invitation: InvitationView | null,
): UserView {
	return {
		...{ id, name, ...entry },
		state,
		...(email !== undefined && { email }),
		...(phone !== undefined && { phone }),
		credentials: credentials.map(({ entry, id }) => ({ id, ...entry, doors: reachView(reach.get(id)!) })),
		invitation,
	};
}
