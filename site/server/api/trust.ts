// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { MAX_SIGNED_LIST } from "../../../protocol/trust/envelope.js";
import { describeList } from "../../lib/trust/describe.js";
import { type Api, needs } from "./app.js";
import { Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Key = Type.Object({
	fingerprint: Type.String(),
	publicKey: Type.String(),
	roles: Type.Array(Type.String()),
	state: Type.String(),
	days: Type.Optional(Type.Integer()),
	until: Type.Optional(Type.String()),
	doors: Type.Optional(Type.Array(Type.String())),
});
const Trust = Type.Object({
	site: Type.String(),
	version: Type.Integer(),
	epoch: Type.Integer(),
	issued: Type.String(),
	threshold: Type.Integer(),
	roots: Type.Array(Type.Object({ fingerprint: Type.String(), publicKey: Type.String() })),
	keys: Type.Array(Key),
	revoked: Type.Array(Type.String({ description: "Ids of revoked readers" })),
	lists: Type.Array(Type.String(), { description: "Each version as its roots signed it, hexadecimal" }),
});

export function trust(api: Api, site: Site): void {
	const view = (): Static<typeof Trust> => {
		const { keys, revoked, roots, ...list } = describeList(site.keys.trust, site.now());
		return {
			...list,
			roots: roots.map((root) => ({ ...root, publicKey: toHex(root.publicKey) })),
			keys: keys.map(({ doors, roles, ...key }) => ({
				...{ ...key, publicKey: toHex(key.publicKey), roles: [...roles] },
				...(doors !== undefined && { doors: [...doors] }),
			})),
			revoked: revoked.map(toHex),
			lists: site.keys.lists.map(toHex),
		};
	};
	api.get(
		"/api/trust",
		needs("viewer", {
			tags: ["site"],
			summary: "The site's trust lists, and what the newest says",
			response: { 200: Trust },
		}),
		async () => view(),
	);
	api.post(
		"/api/trust",
		needs("administrator", {
			tags: ["site"],
			summary: "Brings the next trust list; it goes to all doors at once",
			description:
				"Its roots' signatures say whether it is good, so that who brings it needs no more than access.",
			body: Type.Object(
				{ list: Type.String({ pattern: "^([0-9a-f]{2})+$", maxLength: 2 * MAX_SIGNED_LIST }) },
				{ additionalProperties: false },
			),
			response: { 201: Trust },
		}),
		async (request, reply) => {
			const { epoch, version } = await site.takeList(fromHex(request.body.list));
			await site.act(request.caller, "take-list", String(version), { epoch });
			reply.status(201);
			return view();
		},
	);
	api.get(
		"/api/site",
		needs("monitor", {
			scope: "site",
			tags: ["site"],
			summary: "Which site this is",
			response: {
				200: Type.Object({
					site: Type.String(),
					name: Type.String({ description: "For people" }),
					timeZone: Type.String(),
					now: Seconds,
					firstStart: Seconds,
					list: Type.Integer({ description: "Version of the newest trust list" }),
					epoch: Type.Integer(),
				}),
			},
		}),
		async () => ({
			site: site.id,
			name: (await site.store.facts.get("siteName")) ?? site.id,
			timeZone: site.planner.document.timeZone,
			now: site.now(),
			firstStart: (await site.store.facts.get("firstStart")) ?? 0,
			list: site.keys.trust.version,
			epoch: site.keys.trust.epoch,
		}),
	);
}
