// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { type Static, Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import type { Passes } from "../invitations/passes.js";
import type { User } from "../store/users.js";
import type { Api } from "./app.js";
import { LentPass, PassFields, passView } from "./pass-view.js";
import type { PhoneCaller } from "./phone-caller.js";
import { notFound } from "./problem.js";
import { Id16, Nothing } from "./schemas.js";
import type { Site } from "./site.js";

const BODY_LIMIT = 4096;
const MAX_LIST = 100;
const Refusals = { "4xx": { $ref: "Problem#" }, "5xx": { $ref: "Problem#" } };
const Lent = Type.Object({ ...LentPass.properties, link: Type.String({ description: "To hand over" }) });

/** What a user lends to visitors, by the user's own phone. */
export function phonePasses(
	api: Api,
	site: Site,
	passes: Passes,
	callerOf: (request: FastifyRequest) => PhoneCaller,
): void {
	api.get(
		"/api/phone/passes",
		{
			schema: {
				tags: ["phone"],
				summary: "The passes that this phone's holder has lent, the newest first",
				response: { 200: Type.Object({ passes: Type.Array(LentPass) }), ...Refusals },
			},
		},
		async (request) => ({ passes: await lentOf(site, callerOf(request).user) }),
	);
	api.post(
		"/api/phone/passes",
		{
			bodyLimit: BODY_LIMIT,
			schema: {
				tags: ["phone"],
				summary: "Lends a pass, within what the holder may",
				body: Type.Object(
					{
						...PassFields,
						request: Type.Optional(
							Type.String({
								pattern: "^[\\w-]{8,64}$",
								description: "Made up by the phone: the same again makes no other pass, and a new link",
							}),
						),
					},
					{ additionalProperties: false },
				),
				response: { 201: Lent, ...Refusals },
			},
		},
		async (request, reply) => {
			const { invitation, user: lender } = callerOf(request);
			const { request: id = randomBytes(16).toString("hex"), ...wanted } = request.body;
			const by = { id: invitation.phone!.credential };
			const { link, user } = await passes.lend(by, lender, wanted, id);
			const pass = (await site.store.passes.find(user.id))!;
			reply.status(201);
			return { ...(await passView(site, pass)), link: link! };
		},
	);
	api.delete(
		"/api/phone/passes/:id",
		{
			schema: {
				tags: ["phone"],
				summary: "Withdraws a pass that this phone's holder has lent",
				params: Type.Object({ id: Id16 }),
				response: { 204: Nothing, ...Refusals },
			},
		},
		async (request, reply) => {
			const { invitation, user } = callerOf(request);
			const pass = await site.store.passes.find(request.params.id);
			if (pass === undefined || pass.lender !== user.id) throw notFound("pass of yours");
			await passes.withdraw({ id: invitation.phone!.credential }, pass);
			reply.status(204);
			return null;
		},
	);
}

async function lentOf(site: Site, { id }: User): Promise<Static<typeof LentPass>[]> {
	return Promise.all((await site.store.passes.lentBy(id, MAX_LIST)).map((pass) => passView(site, pass)));
}
