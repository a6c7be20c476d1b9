// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { orNull, Seconds } from "../api/schemas.js";
import type { Site } from "../api/site.js";
import { type Invitation, OPEN_STATES, STORED_STATES, type StoredState, WAYS } from "../store/invitations.js";
import type { User } from "../store/users.js";
import { type Reach, reachOf } from "./door-reach.js";

/** As people are shown them: `active` at one door at least, `expired` unless its person is invited again. */
export const STATES = Object.freeze([...STORED_STATES, "active", "expired"] as const);
export type InvitationState = StoredState | "active" | "expired";

/** Doors that are named. */
const MAX_WAITING = 20;

export const ReachView = Type.Object(
	{
		has: Type.Integer({ description: "Doors at which it is so" }),
		of: Type.Integer({ description: "Doors at which it has to be" }),
		waiting: Type.Array(Type.String(), {
			description: `Ids of the doors at which it is not yet, the first ${MAX_WAITING}`,
		}),
	},
	{ description: "At how many doors a credential is as the site wants it: usable, paused, revoked" },
);

export const InvitationView = Type.Object({
	id: Type.String(),
	user: Type.String(),
	name: orNull(Type.String({ description: "The person's; null: was removed" })),
	by: Type.Enum([...WAYS]),
	state: Type.Enum([...STATES]),
	reason: orNull(Type.String({ description: "Why a message bounced, in the transport's words" })),
	made: Seconds,
	sent: orNull(Seconds),
	until: Seconds,
	opened: orNull(Seconds),
	accepted: orNull(Seconds),
	replaces: orNull(Type.String({ description: "A credential that is revoked when this is accepted" })),
	credential: orNull(Type.String({ description: "What has come of it" })),
	doors: orNull(ReachView),
});
export type InvitationView = Static<typeof InvitationView>;

/** `user`: whom it is for, where that is still a user. `reach`: of its credential. */
export function stateOf(
	{ phone, state, until }: Invitation,
	user: User | undefined,
	reach: Reach | undefined,
	now: number,
): InvitationState {
	if (user === undefined) return "withdrawn";
	if (OPEN_STATES.includes(state)) return until <= now ? "expired" : state;
	if (state !== "accepted") return state;
	const credential = user.credentials.find(({ id }) => id === phone!.credential);
	if (credential === undefined || credential.entry.revoked) return "withdrawn";
	return reach !== undefined && reach.has > 0 ? "active" : "accepted";
}

export async function viewsOf(site: Site, invitations: readonly Invitation[]): Promise<InvitationView[]> {
	const wanted = new Set(invitations.map(({ user }) => user));
	const users = new Map(
		site.planner.content.users.flatMap((user) => (wanted.has(user.id) ? [[user.id, user]] : [])),
	);
	const reach = await reachOf(site, [...users.values()]);
	return invitations.map((invitation) => viewOf(invitation, users.get(invitation.user), reach, site.now()));
}

export function viewOf(
	invitation: Invitation,
	user: User | undefined,
	reach: ReadonlyMap<string, Reach>,
	now: number,
): InvitationView {
	const { accepted, id, made, opened, phone, reason, replaces, sent, until, way } = invitation;
	const doors = phone && reach.get(phone.credential);
	return {
		...{ id, user: invitation.user, name: user?.name ?? null, by: way, made, until },
		state: stateOf(invitation, user, doors, now),
		reason: reason ?? null,
		sent: sent ?? null,
		opened: opened ?? null,
		accepted: accepted ?? null,
		replaces: replaces ?? null,
		credential: phone?.credential ?? null,
		doors: doors === undefined ? null : reachView(doors),
	};
}

export function reachView({ has, of, waiting }: Reach): Static<typeof ReachView> {
	return { has, of, waiting: waiting.slice(0, MAX_WAITING) };
}
