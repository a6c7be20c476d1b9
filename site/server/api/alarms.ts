// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { ALARM_KINDS } from "../../lib/alarm-kinds.js";
import type { Alarm } from "../store/alarms.js";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { checkDoors, mayOn } from "./rights.js";
import { DoorId, Nothing, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const MAX_ROWS = 500;

const View = Type.Object({
	id: Type.Integer(),
	kind: Type.Enum([...ALARM_KINDS]),
	door: Type.String(),
	at: Type.Integer({ description: "When it happened, seconds since 1970" }),
	raised: Type.Integer({ description: "When the server knew" }),
	ended: orNull(Type.Integer({ description: "When it was over; null: it goes on, or has no end" })),
	details: Type.Record(Type.String(), Type.Number()),
	acknowledged: orNull(
		Type.Object({
			at: Seconds,
			by: Type.String(),
			name: orNull(Type.String({ description: "Of a person" })),
		}),
	),
});

export function alarms(api: Api, site: Site): void {
	reading(api, site);
	acknowledging(api, site);
}

function reading(api: Api, { store }: Site): void {
	api.get(
		"/api/alarms",
		needs("viewer", {
			scope: "own",
			tags: ["alarms"],
			summary: "What people have to know of, the newest first",
			description:
				"Events of the kinds `alarm-raised`, `alarm-ended` and `alarm-acknowledged` tell of changes.",
			querystring: Type.Object(
				{
					state: Type.Optional(
						Type.Enum(["open", "all"], { default: "open", description: "Open: not acknowledged" }),
					),
					door: Type.Optional(DoorId),
					kind: Type.Optional(Type.Enum([...ALARM_KINDS])),
					cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the page before" })),
					limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: 100 })),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({
					alarms: Type.Array(View),
					next: Type.Union([Type.Integer(), Type.Null()], {
						description: "`cursor` of the next page; null: none",
					}),
				}),
			},
		}),
		async ({ caller, query }) => {
			const { cursor, door, kind, limit = 100, state } = query;
			const own = caller.doors && [...caller.doors];
			const found = await store.alarms.list({
				...{ before: cursor, isOpen: state !== "all", limit },
				doors: door === undefined ? own : mayOn(caller, [door]) ? [door] : [],
				kinds: kind && [kind],
			});
			const names = await store.administrators.names();
			return {
				alarms: found.map((alarm) => viewOf(alarm, names)),
				next: found.length < limit ? null : found.at(-1)!.id,
			};
		},
	);
}

function acknowledging(api: Api, site: Site): void {
	api.post(
		"/api/alarms/acknowledge",
		needs("manager", {
			scope: "own",
			tags: ["alarms"],
			summary: "Says that these alarms were seen: by whom and when stays with them",
			body: Type.Object(
				{ alarms: Type.Array(Type.Integer(), { minItems: 1, maxItems: MAX_ROWS }) },
				{ additionalProperties: false },
			),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { caller } = request;
			const found = await site.store.alarms.find(request.body.alarms);
			if (found.length < new Set(request.body.alarms).size) throw notFound("alarm");
			checkDoors(
				caller,
				found.map(({ door }) => door),
			);
			const at = site.now();
			await site.store.transaction(async (tx) => {
				const ids = found.map(({ id }) => id);
				const alarms = await tx.alarms.acknowledge(ids, caller.id, at);
				if (alarms.length === 0) return;
				await tx.actions.add(site.action(caller, "acknowledge-alarms", undefined, { alarms }), site.crypto);
				for (const { door, id, kind } of found)
					if (alarms.includes(id))
						await tx.feed.add({ at, kind: "alarm-acknowledged", door, body: { alarm: id, kind } });
			});
			site.feed.look();
			reply.status(204);
			return null;
		},
	);
}

function viewOf(alarm: Alarm, names: ReadonlyMap<string, string>): Static<typeof View> {
	const { acknowledged, at, by, details, door, ended, id, kind, raised } = alarm;
	return {
		...{ id, kind, door, at, raised, details, ended: ended ?? null },
		acknowledged:
			acknowledged === undefined ? null : { at: acknowledged, by: by!, name: names.get(by!) ?? null },
	};
}
