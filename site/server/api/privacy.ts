// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { personData } from "../privacy/person.js";
import { eraseOld, LEAST_DAYS } from "../privacy/retention.js";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { Id16, Nothing, orNull } from "./schemas.js";
import type { Site } from "./site.js";

/** 100 years. */
const MAX_DAYS = 36_500;
const Days = (minimum: number, description: string) =>
	orNull(Type.Integer({ minimum, maximum: MAX_DAYS, description: `Days; null: for ever. ${description}` }));

const Keeps = Type.Object(
	{
		names: Days(LEAST_DAYS.names!, "Names and addresses of people who were removed"),
		events: Days(LEAST_DAYS.events!, "Doors' logs, and alarms that were acknowledged"),
		audit: Days(LEAST_DAYS.audit!, "What administrators did"),
	},
	{ additionalProperties: false },
);
const FOR_EVER = Object.freeze({ names: null, events: null, audit: null });

/** What the site keeps of people and for how long, and what it has of one. */
export function privacy(api: Api, site: Site): void {
	keeping(api, site);
	ofOne(api, site);
}

function keeping(api: Api, site: Site): void {
	const { store } = site;
	api.get(
		"/api/settings/privacy",
		needs("administrator", {
			tags: ["privacy"],
			summary: "For how long the site keeps what it knows of people",
			response: { 200: Keeps },
		}),
		async () => (await store.facts.get("retention")) ?? FOR_EVER,
	);
	api.put(
		"/api/settings/privacy",
		needs("owner", {
			confirmed: true,
			tags: ["privacy"],
			summary: "Sets for how long the site keeps what it knows; what is older is erased at once, and daily",
			description:
				"Chains of records stay whole: they have ids alone, and go on by the link of the last that was removed.",
			body: Keeps,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			await store.facts.set("retention", request.body);
			await site.act(request.caller, "put-privacy", undefined, request.body);
			await eraseOld(store, site.now(), site.crypto);
			reply.status(204);
			return null;
		},
	);
}

function ofOne(api: Api, site: Site): void {
	const { store } = site;
	api.get(
		"/api/users/:id/export",
		needs("administrator", {
			tags: ["privacy"],
			summary: "All that the site has of one person, removed or not, as JSON",
			params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
			response: { 200: Type.Unsafe<object>({ type: "object", additionalProperties: true }) },
		}),
		async (request, reply) => {
			const { id } = request.params;
			const data = await personData(store, id);
			if (data === undefined) throw notFound("user");
			await site.act(request.caller, "export-person", id);
			reply.header("content-disposition", `attachment; filename="${id.replace(/[^\w.-]/g, "_")}.json"`);
			return data;
		},
	);
	api.post(
		"/api/administrators/:id/erase",
		needs("owner", {
			permits: true,
			tags: ["privacy"],
			summary: "Forgets the name of an administrator who was removed",
			params: Type.Object({ id: Id16 }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			if (!(await store.administrators.forget(request.params.id)))
				throw notFound("administrator who was removed");
			await site.act(request.caller, "erase-administrator", request.params.id);
			reply.status(204);
			return null;
		},
	);
}
