// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { DoorId, Nothing, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Params = Type.Object({ door: DoorId });

/** Where the log of a door's reader has two histories: `site/server/forks.ts`. */
export function forks(api: Api, site: Site): void {
	api.get(
		"/api/doors/:door/fork",
		needs("viewer", {
			scope: "door",
			tags: ["doors"],
			summary: "Where the log of the door's reader and what the server has of it part",
			description:
				"As where a reader's flash was copied or set back: two readers may have one identity. Nothing of either log is acknowledged then. 404: it is one log.",
			params: Params,
			response: {
				200: Type.Object({
					serial: Type.Integer({ description: "Of the first record that showed it" }),
					since: Seconds,
				}),
			},
		}),
		async ({ params }) => {
			const fork = site.books.fork(params.door);
			if (fork === undefined) throw notFound("fork");
			return fork;
		},
	);
	api.delete(
		"/api/doors/:door/fork",
		needs("administrator", {
			tags: ["doors"],
			summary: "Says that what the server has of the log is the door's, and the other reader is away",
			description:
				"The log goes on from there with the reader's next session; what differs is held again. Where the wrong reader came first, commission the right one anew instead: it has another key then, and a log of its own.",
			params: Params,
			response: { 204: Nothing },
		}),
		async ({ caller, params }, reply) => {
			const { door } = params;
			const fork = site.books.fork(door);
			if (fork === undefined) throw notFound("fork");
			await site.books.endFork(door, (tx) =>
				tx.actions.add(site.action(caller, "end-fork", door, fork), site.crypto),
			);
			await site.doorChanged(door);
			reply.status(204);
			return null;
		},
	);
}
