// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { Seconds } from "../api/schemas.js";
import type { Site } from "../api/site.js";
import type { Invitation } from "../store/invitations.js";
import type { User } from "../store/users.js";
import type { Reach } from "./door-reach.js";
import { doorsOf, rightsOf } from "./rights.js";

const RuleView = Type.Object({
	doors: Type.Array(Type.String(), { description: "Ids of doors" }),
	schedule: Type.String({ description: "A schedule's name, `always` or `never`" }),
	times: Type.Array(
		Type.Object({
			days: Type.Optional(Type.Array(Type.String())),
			holidays: Type.Optional(Type.Array(Type.String())),
			from: Type.String(),
			to: Type.String(),
		}),
		{ description: "Of the schedule; local times of the doors" },
	),
	from: Type.Optional(Type.String()),
	until: Type.Optional(Type.String()),
});

const RIGHTS = {
	site: Type.String({ description: "The site's identifier" }),
	siteName: Type.String({ description: "For people" }),
	person: Type.String(),
	timeZone: Type.String({ description: "Of the site" }),
	paused: Type.Boolean({ description: "No door opens for this person until an administrator resumes" }),
	from: Type.Optional(Type.String({ description: "As access plans have dates; absent: at once" })),
	until: Type.Optional(Type.String()),
	pass: Type.Optional(
		Type.Object(
			{ count: Type.Optional(Type.Integer({ description: "How often it opens in all" })) },
			{ description: "Of a visitor, whose credential is for scanners alone" },
		),
	),
	plans: Type.Array(Type.Object({ name: Type.String(), rules: Type.Array(RuleView) })),
};
const DOOR = { id: Type.String(), name: Type.String({ description: "For people; else the id" }) };

/** What a link's page shows before it is accepted. */
export const OfferView = Type.Object({
	...RIGHTS,
	state: Type.Enum(["open", "accepted"]),
	expires: Seconds,
	replaces: Type.Boolean({ description: "The credential of another phone ends when this is accepted" }),
	doors: Type.Array(Type.Object(DOOR)),
});

/** What a phone shows of its credential. */
export const PhoneView = Type.Object({
	...RIGHTS,
	credential: Type.String({ description: "16 hexadecimal digits" }),
	expires: Type.Integer({ description: "When its CWT ends, seconds since 1970; it is renewed before" }),
	doors: Type.Array(Type.Object({ ...DOOR, has: Type.Boolean({ description: "Active there" }) })),
	lend: Type.Optional(
		Type.Object(
			{
				doors: Type.Array(Type.Object(DOOR)),
				days: Type.Integer({ description: "Longest window of a pass" }),
				count: Type.Optional(Type.Integer({ description: "Most openings of a pass" })),
			},
			{ description: "What its holder may lend to visitors" },
		),
	),
	active: Type.Object({ has: Type.Integer(), of: Type.Integer() }),
	listVersion: Type.Integer({ description: "Of the site's newest trust list" }),
	now: Seconds,
});
export type PhoneView = Static<typeof PhoneView>;

/** Where, when and for whom, in one answer. */
async function rightsView(site: Site, { entry, id, name }: User) {
	const { document } = site.planner;
	const names = new Map((await site.store.doors.list()).map((door) => [door.id, door.name]));
	const { from, suspended = false, until } = entry;
	const pass = await site.store.passes.find(id);
	return {
		...(pass && { pass: pass.count === undefined ? {} : { count: pass.count } }),
		...{ site: site.id, siteName: (await site.store.facts.get("siteName")) ?? site.id, person: name },
		...{ timeZone: document.timeZone, paused: suspended, ...(from && { from }), ...(until && { until }) },
		plans: rightsOf(document, entry).map(({ name, rules }) => ({
			name,
			rules: rules.map(({ doors, times, ...rule }) => ({
				...rule,
				doors: [...doors],
				times: times.map(timeView),
			})),
		})),
		doors: doorsOf(document, entry).map((id) => ({ id, name: names.get(id) || id })),
	};
}

function timeView({
	days,
	from,
	holidays,
	to,
}: {
	days?: readonly string[];
	holidays?: readonly string[];
	from: string;
	to: string;
}) {
	return { from, to, ...(days && { days: [...days] }), ...(holidays && { holidays: [...holidays] }) };
}

export async function offerView(
	site: Site,
	user: User,
	{ phone, replaces, until }: Invitation,
): Promise<Static<typeof OfferView>> {
	const state = phone === undefined ? "open" : "accepted";
	return { ...(await rightsView(site, user)), state, expires: until, replaces: replaces !== undefined };
}

export async function phoneView(
	site: Site,
	user: User,
	credential: string,
	expires: number,
	reach: Reach,
): Promise<PhoneView> {
	const { doors, ...view } = await rightsView(site, user);
	const lend = await site.store.passes.lend(user.id);
	return {
		...(lend && {
			lend: {
				doors: doors.filter(({ id }) => lend.doors?.includes(id) ?? true),
				...{ days: lend.days, ...(lend.count !== undefined && { count: lend.count }) },
			},
		}),
		...{ ...view, credential, expires, listVersion: site.keys.trust.version, now: site.now() },
		doors: doors.map((door) => ({ ...door, has: !reach.waiting.includes(door.id) })),
		active: { has: reach.has, of: reach.of },
	};
}
