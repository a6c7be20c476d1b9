// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { type Api, needs } from "./app.js";
import { notFound, Problem } from "./problem.js";
import type { Site } from "./site.js";
import { newToken } from "./token.js";

/** Longest life of a token that the API makes, s. */
const MAX_LIFE = 366 * 86_400;

const Token = Type.Object({
	id: Type.String(),
	name: Type.String(),
	role: Type.String(),
	made: Type.Integer({ description: "Seconds since 1970" }),
	until: Type.Integer({ description: "From then on it is worth nothing" }),
});
const TokenId = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });

export function tokens(api: Api, site: Site): void {
	const { now, store } = site;
	api.get(
		"/api/tokens",
		needs("owner", {
			tags: ["tokens"],
			summary: "The tokens that other programs have",
			response: { 200: Type.Object({ tokens: Type.Array(Token) }) },
		}),
		async () => ({ tokens: await store.tokens.list() }),
	);
	api.post(
		"/api/tokens",
		needs("owner", {
			confirmed: true,
			tags: ["tokens"],
			summary: "Makes a token; the answer is the only place where it stands",
			description: "No token that is made here opens a door or ends a lockdown.",
			body: Type.Object(
				{
					name: Type.String({ minLength: 1, maxLength: 100 }),
					role: Type.Enum(["monitor", "viewer", "administrator"]),
					until: Type.Integer({ description: "Seconds since 1970, within 366 days" }),
				},
				{ additionalProperties: false },
			),
			response: { 201: Type.Intersect([Token, Type.Object({ token: Type.String() })]) },
		}),
		async (request, reply) => {
			const { name, role, until } = request.body;
			const made = now();
			if (until <= made || until > made + MAX_LIFE)
				throw new Problem(422, "bad-end", "a token ends within 366 days, and not in the past");
			const { hash, id, text: token } = newToken();
			const row = { id, name, role, made, until };
			await store.tokens.add(row, hash);
			await site.act(request.caller, "make-token", id, { role, until });
			reply.status(201);
			return { ...row, token };
		},
	);
	api.delete(
		"/api/tokens/:id",
		needs("owner", {
			confirmed: true,
			ends: true,
			tags: ["tokens"],
			summary: "Ends a token",
			params: TokenId,
			response: { 204: Type.Null() },
		}),
		async (request, reply) => {
			const { id } = request.params;
			if (!(await store.tokens.list()).some((token) => token.id === id)) throw notFound("token");
			await store.tokens.remove(id);
			await site.act(request.caller, "end-token", id);
			reply.status(204);
			return null;
		},
	);
}
