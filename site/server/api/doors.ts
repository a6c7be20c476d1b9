// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { toHex } from "../../../protocol/bytes.js";
import { ALARM_KINDS, type AlarmKind } from "../../lib/alarm-kinds.js";
import { DOOR_STATES, LACKS } from "../door-state.js";
import type { Door } from "../store/doors.js";
import type { PlanHead } from "../store/plans.js";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { mayOn } from "./rights.js";
import { DoorId, Nothing, orNull, Seconds } from "./schemas.js";
import { ConfigurationView, configurationOf, SettingsView, settingsOf } from "./settings.js";
import type { Site } from "./site.js";

const Params = Type.Object({ door: DoorId });
const PlanNumber = Type.Object({ epoch: Type.Integer(), version: Type.Integer() });

const View = Type.Object({
	id: Type.String(),
	name: Type.String(),
	state: Type.Enum([...DOOR_STATES]),
	since: orNull(Seconds),
	lacks: Type.Array(
		Type.Object({
			what: Type.Enum([...LACKS]),
			number: Type.Optional(Type.Integer()),
			reason: Type.Optional(Type.String({ description: "Of `signature`: why there is none" })),
		}),
	),
	refused: orNull(
		Type.Object(
			{ at: Seconds, reason: Type.String(), detail: orNull(Type.String()) },
			{ description: "Why its last try to begin a session came to nothing, where it is in none" },
		),
	),
	lockdown: orNull(
		Type.Object({ until: Seconds }, { description: "The lockdown by notice that stands for it" }),
	),
	alarms: Type.Array(Type.Enum([...ALARM_KINDS]), { description: "Kinds of those not acknowledged" }),
	fork: orNull(
		Type.Object(
			{ serial: Type.Integer(), since: Seconds },
			{ description: "Its reader's log has two histories from there on, until an administrator decides" },
		),
	),
	forks: Type.Integer({ description: "Records of its reader's log that differ from those the server has" }),
	words: Type.String({ description: "has it / waiting for … / unreachable since …" }),
	reader: orNull(
		Type.Object({ id: Type.Integer(), key: Type.String(), readerId: Type.String(), registered: Seconds }),
	),
	plan: Type.Object({
		newest: orNull(Type.Object({ ...PlanNumber.properties, issued: Seconds })),
		has: orNull(Type.Object({ ...PlanNumber.properties, at: Seconds })),
	}),
	time: orNull(
		Type.Object({
			clock: orNull(Seconds),
			off: orNull(Type.Integer({ description: "How far it was from the server's, s" })),
			at: Seconds,
		}),
	),
	log: Type.Object({
		here: Type.Integer({ description: "Serial of the newest record that the server has" }),
		there: orNull(Type.Integer({ description: "Of the newest that the reader had when it last said so" })),
		at: orNull(Seconds),
		newest: orNull(Type.Integer({ description: "When the newest that the server has happened" })),
	}),
	health: orNull(
		Type.Object({
			at: Seconds,
			uptime: Type.Integer(),
			cause: Type.Integer(),
			free: orNull(Type.Integer()),
			signal: orNull(Type.Integer()),
			failing: Type.Integer(),
			clockError: orNull(Type.Integer()),
		}),
	),
	settings: orNull(SettingsView),
	configuration: orNull(ConfigurationView),
});

export function doors(api: Api, site: Site): void {
	reading(api, site);
	changing(api, site);
}

async function found(site: Site, id: string): Promise<Door> {
	const door = await site.store.doors.find(id);
	if (door === undefined) throw notFound("door");
	return door;
}

function reading(api: Api, site: Site): void {
	api.get(
		"/api/doors",
		needs("monitor", {
			scope: "own",
			tags: ["doors"],
			summary: "All doors, each with what it has of what the site has",
			response: { 200: Type.Object({ doors: Type.Array(View) }) },
		}),
		async ({ caller }) => {
			const facts = await factsOf(site);
			const all = await site.store.doors.list();
			return {
				doors: all.filter(({ id }) => mayOn(caller, [id])).map((door) => viewOf(site, door, facts)),
			};
		},
	);
	api.get(
		"/api/doors/:door",
		needs("monitor", {
			scope: "door",
			tags: ["doors"],
			summary: "One door",
			params: Params,
			response: { 200: View },
		}),
		async ({ params }) => {
			return viewOf(site, await found(site, params.door), await factsOf(site));
		},
	);
}

function changing(api: Api, site: Site): void {
	api.patch(
		"/api/doors/:door",
		needs("administrator", {
			tags: ["doors"],
			summary: "Renames a door",
			params: Params,
			body: Type.Object({ name: Type.String({ maxLength: 200 }) }, { additionalProperties: false }),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { name } = request.body;
			const { id } = await found(site, request.params.door);
			await site.store.doors.rename(id, name);
			await site.act(request.caller, "rename-door", id, { name });
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/doors/:door",
		needs("administrator", {
			tags: ["doors"],
			summary: "Removes a door; its log stays, and its reader gets no session any more",
			params: Params,
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { id } = await found(site, request.params.door);
			const action = site.action(request.caller, "remove-door", id);
			await site.planner.edit([{ kind: "door", id, entry: undefined }], action);
			await site.doorChanged(id);
			reply.status(204);
			return null;
		},
	);
}

/** What the store knows of all doors, by door or by reader. */
interface Facts {
	readonly heads: ReadonlyMap<string, PlanHead>;
	readonly alarms: ReadonlyMap<string, readonly AlarmKind[]>;
	readonly forks: ReadonlyMap<number, number>;
	readonly newest: ReadonlyMap<number, number>;
}

async function factsOf({ store }: Site): Promise<Facts> {
	return {
		heads: new Map((await store.plans.heads()).map((head) => [head.door, head])),
		alarms: await store.alarms.open(),
		forks: await store.log.forkCounts(),
		newest: await store.log.newest(),
	};
}

function viewOf(site: Site, door: Door, facts: Facts): Static<typeof View> {
	const { id, name, reader } = door;
	const { health, hello } = site.report(id);
	const head = facts.heads.get(id);
	const { lacks, refused, since, state, words } = site.standing(door, head);
	const lockdown = site.books.lockdownFor(id);
	return {
		...{ id, name, state, since, lacks: [...lacks], words },
		refused: refused === undefined ? null : { ...refused, detail: refused.detail ?? null },
		lockdown: lockdown === undefined ? null : { until: lockdown.until },
		alarms: [...(facts.alarms.get(id) ?? [])],
		fork: site.books.fork(id) ?? null,
		forks: (reader && facts.forks.get(reader.id)) ?? 0,
		reader:
			reader === undefined
				? null
				: {
						...{ id: reader.id, key: toHex(reader.publicKey) },
						...{ readerId: toHex(reader.credential), registered: reader.registered },
					},
		plan: {
			newest: head === undefined ? null : { epoch: head.epoch, version: head.version, issued: head.issued },
			has:
				hello === undefined ? null : { epoch: hello.says.epoch, version: hello.says.version, at: hello.at },
		},
		time:
			hello === undefined
				? null
				: {
						clock: hello.says.clock,
						off: hello.says.clock === null ? null : hello.says.clock - hello.at,
						at: hello.at,
					},
		log: {
			...{ here: reader?.cursor.serial ?? 0, there: hello?.says.log ?? null, at: hello?.at ?? null },
			newest: (reader && facts.newest.get(reader.id)) ?? null,
		},
		health: health === undefined ? null : { at: health.at, ...health.says },
		settings: settingsOf(site, door),
		configuration: configurationOf(site, door),
	};
}
