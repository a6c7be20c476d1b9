// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { keyFor } from "../../lib/site-keys.js";
import { CODES, type PhoneSettings, phoneSettings } from "../invitations/phone-settings.js";
import { type Api, needs } from "./app.js";
import { Nothing, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Body = Type.Object(
	{
		name: Type.String({
			minLength: 1,
			maxLength: 100,
			pattern: "^[^\\u0000-\\u001f\\u007f]*$",
			description: "Of the site, for people",
		}),
		credentialDays: Type.Integer({
			minimum: 1,
			maximum: 366,
			description:
				"Life of a phone's credential, which it renews by itself; less where the server's key may less",
		}),
		codes: Type.Enum([...CODES], { description: "Who shows codes to scanners: everyone, or visitors alone" }),
		lostByMail: Type.Boolean({
			description: "Whether people get a link for a new phone by a mail to their own address",
		}),
	},
	{ additionalProperties: false },
);
const View = Type.Object({
	...Body.properties,
	address: Type.Object({
		pages: Type.String({ description: "Where these pages are" }),
		links: orNull(
			Type.String({ description: "What links begin with; null: not known, so nobody is invited" }),
		),
	}),
	issues: orNull(
		Type.Object(
			{
				days: Type.Integer({
					description: "Longest life of a credential that the server's key signs; 0: any",
				}),
				until: orNull(Seconds),
			},
			{ description: "null: the server's key issues no credentials, so nobody is invited" },
		),
	),
});

/** What the site is called, what phones get, and where they find the server. */
export function siteSettings(api: Api, site: Site): void {
	api.get(
		"/api/settings/site",
		needs("administrator", {
			tags: ["site"],
			summary: "The site's name, what phones get, where they find the server",
			response: { 200: View },
		}),
		async () => ({
			name: (await site.store.facts.get("siteName")) ?? site.id,
			...(await phoneSettings(site.store)),
			address: { pages: site.address.origin, links: site.address.forLinks ?? null },
			issues: issuesOf(site),
		}),
	);
	api.put(
		"/api/settings/site",
		needs("administrator", {
			tags: ["site"],
			summary: "Puts the site's name and what phones get",
			body: Body,
			response: { 204: Nothing },
		}),
		async ({ body, caller }, reply) => {
			const { name, ...phones } = body;
			await site.store.transaction(async (tx) => {
				await tx.facts.set("siteName", name);
				await tx.facts.set("phones", phones as PhoneSettings);
				await tx.actions.add(site.action(caller, "put-site", undefined, body), site.crypto);
			});
			reply.status(204);
			return null;
		},
	);
}

/** By the key's limits in the newest list. */
function issuesOf({ crypto, keys, now }: Site): { days: number; until: number | null } | null {
	const found = keyFor(keys.keys, "issue", undefined, now(), crypto);
	if (typeof found === "string") return null;
	const { days, until } = keys.trust.findKey(found.publicKey)!;
	return { days, until: until === 0 ? null : until };
}
