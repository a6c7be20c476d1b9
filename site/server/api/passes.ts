// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { MAX_COUNT } from "../../../protocol/credential/credential.js";
import { MAX_DOORS, Passes } from "../invitations/passes.js";
import { doorsOf } from "../invitations/rights.js";
import { WAYS, type Way } from "../store/invitations.js";
import type { Pass } from "../store/passes.js";
import { type Api, needs } from "./app.js";
import { LentPass, PassFields, passView } from "./pass-view.js";
import { notFound, Problem } from "./problem.js";
import { checkDoors, mayOn } from "./rights.js";
import { DoorId, Id16, Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";

const View = Type.Object({
	...LentPass.properties,
	lender: orNull(
		Type.String({ description: "The user who has lent it; null: an administrator has made it" }),
	),
});
const Lend = Type.Object(
	{
		doors: Type.Optional(
			Type.Array(DoorId, {
				minItems: 1,
				maxItems: MAX_DOORS,
				description: "Among the user's own; else all of those",
			}),
		),
		days: Type.Integer({ minimum: 1, maximum: 366, description: "Longest window of a pass" }),
		count: Type.Optional(
			Type.Integer({
				minimum: 1,
				maximum: MAX_COUNT,
				description: "Most openings of a pass; else none have to be counted",
			}),
		),
	},
	{ additionalProperties: false },
);

/** Passes of visitors, and who may lend some. */
export function passes(api: Api, site: Site): void {
	const service = new Passes(site);
	reading(api, site);
	making(api, site, service);
	lending(api, site);
}

async function viewOf(site: Site, pass: Pass): Promise<Static<typeof View>> {
	return { ...(await passView(site, pass)), lender: pass.lender ?? null };
}

function reading(api: Api, site: Site): void {
	api.get(
		"/api/passes",
		needs("viewer", {
			scope: "own",
			tags: ["passes"],
			summary: "Visitors' passes that are not over, the newest first",
			response: { 200: Type.Object({ passes: Type.Array(View) }) },
		}),
		async ({ caller }) => {
			const all = await site.store.passes.standing(site.now());
			const shown = all.filter(({ doors }) => mayOn(caller, doors));
			return { passes: await Promise.all(shown.map((pass) => viewOf(site, pass))) };
		},
	);
}

function making(api: Api, site: Site, service: Passes): void {
	api.post(
		"/api/passes",
		needs("manager", {
			scope: "own",
			tags: ["passes"],
			summary: "Makes a visitor's pass and sends it, or gives its link",
			description:
				"The visitor becomes a user whose credential is for scanners alone, at these doors and in this window. Opened more often than `count`: refused at the door.",
			body: Type.Object(
				{
					...PassFields,
					by: Type.Enum([...WAYS]),
					email: Type.Optional(Type.String({ maxLength: 254 })),
					phone: Type.Optional(Type.String({ maxLength: 40 })),
				},
				{ additionalProperties: false },
			),
			response: { 201: Type.Object({ ...View.properties, link: orNull(Type.String()) }) },
		}),
		async (request, reply) => {
			const { by, ...wanted } = request.body;
			checkDoors(request.caller, wanted.doors);
			const { link, user } = await service.make(request.caller, wanted, by as Way);
			const pass = (await site.store.passes.find(user.id))!;
			reply.status(201);
			return { ...(await viewOf(site, pass)), link: link ?? null };
		},
	);
	api.delete(
		"/api/passes/:id",
		needs("manager", {
			scope: "own",
			tags: ["passes"],
			summary: "Withdraws a pass at once: the visitor is removed, the credential revoked",
			params: Type.Object({ id: Id16 }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const pass = await site.store.passes.find(request.params.id);
			if (pass === undefined) throw notFound("pass");
			checkDoors(request.caller, pass.doors);
			await service.withdraw(request.caller, pass);
			reply.status(204);
			return null;
		},
	);
}

function lending(api: Api, site: Site): void {
	const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
	const check = (id: string, doors: readonly string[] = []): void => {
		const user = site.planner.content.users.find((one) => one.id === id);
		if (user === undefined) throw notFound("user");
		const own = doorsOf(site.planner.document, user.entry);
		const other = doors.find((door) => !own.includes(door));
		if (other !== undefined)
			throw new Problem(422, "other-doors", `this user may not open ${other}, so lends no pass for it`);
	};
	api.get(
		"/api/users/:id/lend",
		needs("viewer", {
			scope: "user",
			tags: ["passes"],
			summary: "What a user may lend to visitors; null: nothing",
			params: Params,
			response: { 200: orNull(Lend) },
		}),
		async ({ params }) => {
			check(params.id);
			const lend = await site.store.passes.lend(params.id);
			if (lend === undefined) return null;
			const { doors, ...rest } = lend;
			return { ...rest, ...(doors && { doors: [...doors] }) };
		},
	);
	api.put(
		"/api/users/:id/lend",
		needs("manager", {
			scope: "user",
			tags: ["passes"],
			summary: "Says what a user may lend to visitors; null: nothing",
			params: Params,
			body: orNull(Lend),
			response: { 204: Nothing },
		}),
		async ({ body, caller, params }, reply) => {
			check(params.id, body?.doors);
			await site.store.transaction(async (tx) => {
				await tx.passes.setLend(params.id, body ?? undefined);
				await tx.actions.add(site.action(caller, "put-lend", params.id, body), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}
