// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { fromHex } from "../../../protocol/bytes.js";
import { MAX_SIGNED_LIST } from "../../../protocol/trust/envelope.js";
import { type Api, fromPage } from "../api/app.js";
import { ServerKey, serverKeyView } from "../api/keys.js";
import { Seconds } from "../api/schemas.js";
import type { Site } from "../api/site.js";
import { SECRET_FORM } from "../secrets.js";

const Secret = Type.String({ pattern: SECRET_FORM, description: "What stands behind # in the printed link" });

/** What the setup's routes work on. */
export interface Setup {
	/** Seconds since 1970. */
	readonly now: () => number;
	/** Throws `Problem` where the secret is not the printed link's. */
	check(secret: string, from: string): void;
	/** The public half of the server's key. */
	serverKey(): Uint8Array;
	/** Makes the site, and has its server take over. Throws `Failure`, `Problem`. */
	make(name: string, list: Uint8Array): Promise<{ site: string }>;
}

/** Routes of a server without a site: a page makes that, and says no more of it than its first list. */
export function setup(api: Api, stage: Setup): void {
	stageRoute(api, () => "site");
	api.post(
		"/api/setup/key",
		fromPage({
			tags: ["setup"],
			summary: "The key that the site's first trust list is to name for this server",
			body: Type.Object({ secret: Secret }, { additionalProperties: false }),
			response: { 200: Type.Object({ key: ServerKey, now: Seconds }), "4xx": { $ref: "Problem#" } },
		}),
		async ({ body, ip }) => {
			stage.check(body.secret, ip);
			return { key: serverKeyView(stage.serverKey(), stage.now()), now: stage.now() };
		},
	);
	api.post(
		"/api/setup/site",
		fromPage({
			tags: ["setup"],
			summary: "Makes the site by its first trust list; the server goes on as that site's",
			description: "The root that signed the list stays where it was made: nothing else of it is asked for.",
			body: Type.Object(
				{
					secret: Secret,
					name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S", description: "For people" }),
					list: Type.String({ pattern: "^([0-9a-f]{2})+$", maxLength: 2 * MAX_SIGNED_LIST }),
				},
				{ additionalProperties: false },
			),
			response: { 201: Type.Object({ site: Type.String() }), "4xx": { $ref: "Problem#" } },
		}),
		async ({ body, ip }, reply) => {
			stage.check(body.secret, ip);
			const made = await stage.make(body.name.trim(), fromHex(body.list));
			reply.status(201);
			return made;
		},
	);
}

/** Of a server that has its site. */
export function setupDone(api: Api, _site: Site): void {
	stageRoute(api, () => "running");
}

function stageRoute(api: Api, stage: () => "site" | "running"): void {
	api.get(
		"/api/setup",
		{
			schema: {
				tags: ["setup"],
				summary: "What the server waits for: a site to be made (`site`), or nothing (`running`)",
				response: { 200: Type.Object({ stage: Type.Enum(["site", "running"]) }) },
			},
		},
		async () => ({ stage: stage() }),
	);
}
