// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { zoneNamed } from "../../lib/plan/zones.js";
import type { Change, PartChange, PlanSettings } from "../content.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { AccessPlan, DoorPlan, Holidays, Plan, Schedule, Settings } from "./plan-schemas.js";
import { notFound } from "./problem.js";
import { planFor } from "./rights.js";
import { DoorId, Nothing } from "./schemas.js";
import type { Site } from "./site.js";

/** Bytes of a whole plan file: some 300,000 users. */
const MAX_PLAN = 64 * 1024 * 1024;
/** Weeks that are looked at may lie back so far, s. */
const PAST_S = 366 * 86_400;
const Zone = Type.Object({
	posix: Type.String({ description: "POSIX TZ string" }),
	shifts: Type.Array(Type.Object({ at: Type.Integer(), offset: Type.Integer() }), {
		description: "Changes of the clock that the string cannot express: from when, seconds east of UTC",
	}),
});
const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) });

export function plan(api: Api, site: Site): void {
	const edit = (by: Caller, what: string, to: string | undefined, ...changes: Change[]): Promise<void> =>
		site.planner.edit(changes, site.action(by, what, to));
	whole(api, site, edit);
	settings(api, site, edit);
	doorPart(api, site, edit);
	for (const [part, body, summary, all] of [
		["accessPlans", AccessPlan, "an access plan: where and when its users may open", "access plans"],
		["schedules", Schedule, "a schedule", "schedules"],
		["holidays", Holidays, "a kind of holidays", "kinds of holidays"],
	] as const) {
		api.get(
			`/api/plan/${part}`,
			needs("viewer", {
				scope: "own",
				tags: ["plan"],
				summary: `All ${all} by name, without the plan's people`,
				response: {
					200: Type.Unsafe<Readonly<Record<string, unknown>>>({
						type: "object",
						additionalProperties: true,
					}),
				},
			}),
			async ({ caller }) => planFor(caller, site.planner.document)[part] ?? {},
		);
		api.put(
			`/api/plan/${part}/:name`,
			needs("administrator", {
				tags: ["plan"],
				summary: `Puts ${summary}`,
				params: Name,
				body,
				response: { 204: Nothing },
			}),
			async (request, reply) => {
				const { name } = request.params;
				const change = { kind: "part", part, name, body: request.body } as PartChange;
				await edit(request.caller, "put-part", `${part}/${name}`, change);
				reply.status(204);
				return null;
			},
		);
		api.delete(
			`/api/plan/${part}/:name`,
			needs("administrator", {
				tags: ["plan"],
				summary: `Removes ${summary}; refused while something needs it`,
				params: Name,
				response: { 204: Nothing },
			}),
			async (request, reply) => {
				const { name } = request.params;
				if (!Object.hasOwn(site.planner.content.document[part] ?? {}, name))
					throw notFound(`${name} among ${part}`);
				await edit(request.caller, "remove-part", `${part}/${name}`, {
					kind: "part",
					part,
					name,
					body: undefined,
				} as PartChange);
				reply.status(204);
				return null;
			},
		);
	}
}

type Edit = (by: Caller, what: string, to: string | undefined, ...changes: Change[]) => Promise<void>;

function whole(api: Api, site: Site, edit: Edit): void {
	api.get(
		"/api/plan",
		needs("viewer", {
			scope: "own",
			tags: ["plan"],
			summary: "The site's plan, as `lintel plan compile` takes it",
			response: { 200: Plan },
		}),
		async ({ caller }) => planFor(caller, site.planner.content.document),
	);
	api.put(
		"/api/plan",
		{
			bodyLimit: MAX_PLAN,
			...needs("administrator", {
				tags: ["plan"],
				summary: "Puts a plan file in place of all that is there: people, access plans, doors",
				description:
					"Users are known again by their credentials. Credentials that are not in it any more are revoked for good.",
				body: Plan,
				response: { 204: Nothing },
			}),
		},
		async (request, reply) => {
			const before = Object.keys(site.planner.content.document.doors);
			await edit(request.caller, "import-plan", undefined, { kind: "document", document: request.body });
			const after = Object.keys(request.body.doors);
			for (const door of new Set([...before, ...after]))
				if (before.includes(door) !== after.includes(door)) await site.doorChanged(door);
			reply.status(204);
			return null;
		},
	);
}

function settings(api: Api, site: Site, edit: Edit): void {
	api.get(
		"/api/plan/settings",
		needs("viewer", {
			scope: "own",
			tags: ["plan"],
			summary: "What holds for the whole site, and the clocks of its doors",
			response: {
				200: Type.Object({
					settings: Settings,
					zones: Type.Record(Type.String(), Zone, {
						description: "By the names that the plan has, the site's and its doors'",
					}),
				}),
			},
		}),
		async ({ caller }) => {
			const document = planFor(caller, site.planner.document);
			const {
				accessPlans: _,
				doors,
				holidays: __,
				schedules: ___,
				site: ____,
				users: _____,
				...settings
			} = document;
			const names = [document.timeZone, ...Object.values(doors).flatMap(({ timeZone }) => timeZone ?? [])];
			return { settings, zones: Object.fromEntries(names.map((name) => [name, zoneOf(name, site.now())])) };
		},
	);
	api.put(
		"/api/plan/settings",
		needs("administrator", {
			tags: ["plan"],
			summary: "Puts what holds for the whole site: time zone, how long plans hold without renewal",
			body: Settings,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const settings = request.body as PlanSettings;
			await edit(request.caller, "put-settings", undefined, { kind: "settings", settings });
			reply.status(204);
			return null;
		},
	);
}

/** A time zone as readers have it, from now on. */
function zoneOf(name: string, now: number): Static<typeof Zone> {
	const { posix, shifts } = zoneNamed(name, now - PAST_S) ?? { posix: name, shifts: [] };
	return { posix, shifts: [...shifts] };
}

function doorPart(api: Api, site: Site, edit: Edit): void {
	api.get(
		"/api/plan/doors",
		needs("viewer", {
			scope: "own",
			tags: ["plan"],
			summary: "What the plan says of each door, by its id",
			response: { 200: Type.Record(Type.String(), DoorPlan) },
		}),
		async ({ caller }) => planFor(caller, site.planner.document).doors,
	);
	api.put(
		"/api/plan/doors/:door",
		needs("administrator", {
			tags: ["plan"],
			summary: "Puts what the plan says of a door: its modes, its time zone",
			params: Type.Object({ door: DoorId }),
			body: DoorPlan,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { door: id } = request.params;
			if ((await site.store.doors.find(id)) === undefined) throw notFound("door");
			await edit(request.caller, "put-door", id, { kind: "door", id, entry: request.body });
			reply.status(204);
			return null;
		},
	);
}
