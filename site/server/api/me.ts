// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { PERSON_ROLES, ROLES } from "./roles.js";
import { orNull, Seconds } from "./schemas.js";

/** The roles of a person, as a schema. */
export const PersonRole = Type.Enum([...PERSON_ROLES]);

export const Me = Type.Object({
	kind: Type.Enum(["token", "person"]),
	id: Type.String(),
	name: Type.String(),
	role: Type.Enum([...ROLES]),
	doors: orNull(Type.Array(Type.String(), { description: "Of a manager; null: all" })),
	confirmed: orNull(
		Type.Integer({ description: "When a person has shown last who it is, seconds since 1970" }),
	),
	until: orNull(Seconds),
});

export function meOf({ confirmed, doors, id, kind, name, role, until }: Caller): Static<typeof Me> {
	return {
		...{ kind, id, name, role },
		doors: doors === undefined ? null : [...doors],
		confirmed: confirmed ?? null,
		until: until ?? null,
	};
}

export function me(api: Api): void {
	api.get(
		"/api/me",
		needs("monitor", {
			scope: "site",
			tags: ["sign-in"],
			summary: "Who you are here",
			response: { 200: Me },
		}),
		async ({ caller }) => meOf(caller),
	);
}
