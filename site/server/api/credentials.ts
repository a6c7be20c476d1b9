// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { reachOf, revocationReach } from "../invitations/door-reach.js";
import { ReachView, reachView } from "../invitations/view.js";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { mayOnUser } from "./rights.js";
import { Id16 } from "./schemas.js";
import type { Site } from "./site.js";

/** How far what was changed of a credential has come, also of one whose user was removed. */
export function credentials(api: Api, site: Site): void {
	api.get(
		"/api/credentials/:id/doors",
		needs("viewer", {
			scope: "own",
			tags: ["users"],
			summary:
				"At how many doors a credential is as the site wants it; one that was revoked: at how many it is so",
			params: Type.Object({ id: Id16 }),
			response: { 200: Type.Object({ ...ReachView.properties, revoked: Type.Boolean() }) },
		}),
		async ({ caller, params: { id } }) => {
			const { document, users } = site.planner.content;
			const user = users.find(({ credentials }) => credentials.some((one) => one.id === id));
			const isShown =
				user === undefined ? caller.doors === undefined : mayOnUser(caller, document, user.entry);
			const isKnown = user !== undefined || (await site.store.users.ownerOf(id)) !== undefined;
			if (!isShown || !isKnown) throw notFound("credential");
			const reach =
				user === undefined ? await revocationReach(site, id) : (await reachOf(site, [user])).get(id)!;
			const revoked = user?.credentials.find((one) => one.id === id)?.entry.revoked ?? user === undefined;
			return { ...reachView(reach), revoked };
		},
	);
}
