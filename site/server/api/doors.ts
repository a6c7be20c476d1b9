// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { toHex } from "../../../protocol/bytes.js";
import { DOOR_STATES, type NewestPlan } from "../door-state.js";
import type { Door } from "../store/doors.js";
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
	lacks: Type.Array(Type.String()),
	words: Type.String({ description: "has it / waiting for … / unreachable since …" }),
	reader: orNull(
		Type.Object({ id: Type.Integer(), key: Type.String(), readerId: Type.String(), registered: Seconds }),
	),
	plan: Type.Object({
		newest: orNull(PlanNumber),
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
			const heads = new Map((await site.store.plans.heads()).map((head) => [head.door, head]));
			const own = (await site.store.doors.list()).filter(({ id }) => mayOn(caller, [id]));
			return { doors: own.map((door) => viewOf(site, door, heads.get(door.id))) };
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
			const door = await found(site, params.door);
			const heads = await site.store.plans.heads();
			return viewOf(
				site,
				door,
				heads.find((head) => head.door === door.id),
			);
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

function viewOf(site: Site, door: Door, newest: NewestPlan | undefined): Static<typeof View> {
	const { id, name, reader } = door;
	const { health, hello } = site.report(id);
	const { lacks, since, state, words } = site.standing(door, newest);
	return {
		...{ id, name, state, since, lacks: [...lacks], words },
		reader:
			reader === undefined
				? null
				: {
						...{ id: reader.id, key: toHex(reader.publicKey) },
						...{ readerId: toHex(reader.credential), registered: reader.registered },
					},
		plan: {
			newest: newest === undefined ? null : { epoch: newest.epoch, version: newest.version },
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
		log: { here: reader?.cursor.serial ?? 0, there: hello?.says.log ?? null, at: hello?.at ?? null },
		health: health === undefined ? null : { at: health.at, ...health.says },
		settings: settingsOf(site, door),
		configuration: configurationOf(site, door),
	};
}
