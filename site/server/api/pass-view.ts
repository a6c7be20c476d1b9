// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { MAX_COUNT } from "../../../protocol/credential/credential.js";
import { MAX_DOORS } from "../invitations/passes.js";
import type { Pass } from "../store/passes.js";
import { DoorId, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

/** What is said of a pass that is made. */
export const PassFields = {
	name: Type.String({ minLength: 1, maxLength: 200, description: "The visitor's" }),
	doors: Type.Array(DoorId, { minItems: 1, maxItems: MAX_DOORS, uniqueItems: true }),
	from: Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: "Seconds since 1970" }),
	until: Type.Integer({ minimum: 0, maximum: 0xffff_ffff, description: "Seconds since 1970" }),
	count: Type.Optional(
		Type.Integer({
			minimum: 1,
			maximum: MAX_COUNT,
			description: "How often it opens in all: at one door alone. Else as often as the visitor likes",
		}),
	),
};

export const LentPass = Type.Object({
	id: Type.String(),
	name: Type.String({ description: "The visitor's; empty once it is withdrawn" }),
	doors: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
	from: Seconds,
	until: Seconds,
	count: Type.Optional(Type.Integer()),
	state: Type.Enum(["open", "accepted", "expired", "withdrawn"]),
});

export async function passView(site: Site, pass: Pass): Promise<Static<typeof LentPass>> {
	const { count, doors, from, until, user: id } = pass;
	const { planner, store } = site;
	const user = planner.content.users.find((one) => one.id === id);
	const names = new Map((await store.doors.list()).map((door) => [door.id, door.name]));
	const invitation = (await store.invitations.newest([id])).get(id);
	const state =
		user === undefined || invitation?.state === "withdrawn"
			? "withdrawn"
			: until <= site.now()
				? "expired"
				: invitation?.phone === undefined
					? "open"
					: "accepted";
	return {
		...{ id, name: user?.name ?? "", from, until, state, ...(count !== undefined && { count }) },
		doors: doors.map((door) => ({ id: door, name: names.get(door) || door })),
	};
}
