// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { Invitations, type Made } from "../invitations/invitations.js";
import { InvitationView, STATES, viewsOf } from "../invitations/view.js";
import { type Invitation, STORED_STATES, type StoredState, WAYS, type Way } from "../store/invitations.js";
import type { User } from "../store/users.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { notFound, problemOf } from "./problem.js";
import { checkUser, mayOnUser } from "./rights.js";
import { Id16, Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";

const Params = Type.Object({ id: Id16 });
const MAX_LIST = 500;
const MAX_MANY = 1000;
const AT_A_TIME = 50;

const MadeView = Type.Intersect([
	InvitationView,
	Type.Object({
		link: orNull(
			Type.String({ description: "Of `by: link`: to hand over. Told this once; good for one phone" }),
		),
	}),
]);

export function invitations(api: Api, site: Site): void {
	const service = new Invitations(site);
	reading(api, site);
	making(api, site, service);
	makingMany(api, site, service);
	changing(api, site, service);
}

/** The user whom an invitation is for, where all of its doors are the caller's. */
function userOf(site: Site, caller: Caller, id: string): User {
	const user = site.planner.content.users.find((one) => one.id === id);
	if (user === undefined) throw notFound("user");
	checkUser(caller, site.planner.document, user.entry);
	return user;
}

/** Whether a caller may see it: those of people who are no more see all who have all doors. */
function isShown(site: Site, caller: Caller, { user: id }: Invitation): boolean {
	if (caller.doors === undefined) return true;
	const user = site.planner.content.users.find((one) => one.id === id);
	return user !== undefined && mayOnUser(caller, site.planner.document, user.entry);
}

async function madeOf(
	site: Site,
	{ invitation, link }: Made,
): Promise<InvitationView & { link: string | null }> {
	const [view] = await viewsOf(site, [invitation]);
	return { ...view!, link: link ?? null };
}

function reading(api: Api, site: Site): void {
	api.get(
		"/api/invitations",
		needs("viewer", {
			tags: ["invitations"],
			scope: "own",
			summary: "Invitations, the newest first",
			querystring: Type.Object(
				{
					state: Type.Optional(
						Type.Enum([...STATES], {
							description: "`active` and `accepted` are both those that were accepted",
						}),
					),
					user: Type.Optional(Type.String({ maxLength: 64 })),
					cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the page before" })),
					limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIST, default: 100 })),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({ invitations: Type.Array(InvitationView), next: orNull(Type.Integer()) }),
			},
		}),
		async ({ caller, query }) => {
			const { cursor, limit = 100, user } = query;
			const state = storedState(query.state);
			const filter = { user, state, before: cursor, limit, now: site.now() };
			const found = await site.store.invitations.list(filter);
			const next = found.length < limit ? null : found.at(-1)!.number;
			const shown = found.filter((one) => isShown(site, caller, one));
			return { invitations: await viewsOf(site, shown), next };
		},
	);
	api.get(
		"/api/invitations/:id",
		needs("viewer", {
			tags: ["invitations"],
			scope: "own",
			summary: "One invitation",
			params: Params,
			response: { 200: InvitationView },
		}),
		async ({ caller, params }) => {
			const found = await find(site, params.id);
			if (!isShown(site, caller, found)) throw notFound("invitation");
			return (await viewsOf(site, [found]))[0]!;
		},
	);
}

function storedState(state: string | undefined): StoredState | "expired" | undefined {
	if (state === "active") return "accepted";
	return STORED_STATES.find((one) => one === state) ?? (state === "expired" ? state : undefined);
}

async function find(site: Site, id: string): Promise<Invitation> {
	const invitation = await site.store.invitations.find(id);
	if (invitation === undefined) throw notFound("invitation");
	return invitation;
}

function making(api: Api, site: Site, service: Invitations): void {
	api.post(
		"/api/users/:id/invitations",
		needs("manager", {
			tags: ["invitations"],
			scope: "user",
			summary: "Invites a person to accept a credential on a phone",
			description:
				"By e-mail or SMS the person gets a link; by `link` the answer has it, to be handed over. It is good for one phone, for seven days. Refused with `no-https` where phones could not accept.",
			params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
			body: Type.Object(
				{
					by: Type.Enum([...WAYS]),
					replaces: Type.Optional(
						Type.String({
							pattern: "^[0-9a-f]{16}$",
							description: "A credential of the person, of a lost or former phone: accepting revokes it",
						}),
					),
					draft: Type.Optional(Type.Boolean({ description: "Nothing is sent until `resend`" })),
				},
				{ additionalProperties: false },
			),
			response: { 201: MadeView },
		}),
		async (request, reply) => {
			const { by, draft, replaces } = request.body;
			const user = userOf(site, request.caller, request.params.id);
			const made = await service.make(request.caller, user, by as Way, { draft, replaces });
			reply.status(201);
			return madeOf(site, made);
		},
	);
}

/** One by one: what is refused for one person is done for the others. */
function makingMany(api: Api, site: Site, service: Invitations): void {
	api.post(
		"/api/invitations",
		needs("manager", {
			tags: ["invitations"],
			scope: "own",
			summary: "Invites many people by e-mail or SMS",
			body: Type.Object(
				{
					users: Type.Array(Type.String({ maxLength: 64 }), {
						minItems: 1,
						maxItems: MAX_MANY,
						uniqueItems: true,
					}),
					by: Type.Enum(["email", "sms"]),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({
					made: Type.Integer(),
					refused: Type.Array(
						Type.Object({ user: Type.String(), reason: Type.String(), detail: Type.String() }),
					),
				}),
			},
		}),
		async ({ body, caller }) => {
			const refused: { user: string; reason: string; detail: string }[] = [];
			const make = async (id: string): Promise<void> => {
				try {
					await service.make(caller, userOf(site, caller, id), body.by as Way);
				} catch (error) {
					const problem = problemOf(error);
					if (problem === undefined) throw error;
					refused.push({ user: id, reason: problem.reason, detail: problem.message });
				}
			};
			// Some at a time, which share a commit.
			for (let at = 0; at < body.users.length; at += AT_A_TIME)
				await Promise.all(body.users.slice(at, at + AT_A_TIME).map(make));
			return { made: body.users.length - refused.length, refused };
		},
	);
}

function changing(api: Api, site: Site, service: Invitations): void {
	api.post(
		"/api/invitations/:id/resend",
		needs("manager", {
			tags: ["invitations"],
			scope: "own",
			summary: "Sends a new link; the one before is worth nothing from then on",
			params: Params,
			response: { 200: MadeView },
		}),
		async (request) => {
			const invitation = await find(site, request.params.id);
			const user = userOf(site, request.caller, invitation.user);
			return madeOf(site, await service.resend(request.caller, invitation, user));
		},
	);
	api.delete(
		"/api/invitations/:id",
		needs("manager", {
			tags: ["invitations"],
			scope: "own",
			summary: "Withdraws an invitation that was not accepted: its link is worth nothing",
			params: Params,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const invitation = await find(site, request.params.id);
			if (!isShown(site, request.caller, invitation)) throw notFound("invitation");
			await service.withdraw(request.caller, invitation);
			reply.status(204);
			return null;
		},
	);
}
