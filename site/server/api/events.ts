// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { EventStream } from "../events/stream.js";
import type { FeedEvent } from "../store/feed.js";
import { type Api, needs } from "./app.js";
import { type Caller, callerOf } from "./caller.js";
import { Problem } from "./problem.js";
import { mayOn } from "./rights.js";
import type { Site } from "./site.js";

const MAX_STREAMS = 200;
/** Longest time that a timer of Node takes, ms. */
const MAX_TIMER_MS = 0x7fff_ffff;

export function events(api: Api, site: Site): void {
	const { feed, now } = site;
	const streams = new Set<EventStream>();
	api.addHook("preClose", async () => {
		for (const stream of streams) stream.end();
	});
	api.addHook("onResponse", async ({ routeOptions }) => {
		if (routeOptions.config.ends) await Promise.all([...streams].map((stream) => stream.check()));
	});
	api.get(
		"/api/events",
		needs("viewer", {
			scope: "own",
			tags: ["events"],
			summary: "What happens, as server-sent events",
			description:
				"With `Last-Event-ID` it goes on after that event; where that is too long ago, an event `gap` comes first. Ends with the session or the token.",
			headers: Type.Object({
				"last-event-id": Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$" })),
			}),
			response: { 200: Type.String({ description: "text/event-stream" }) },
		}),
		async (request, reply) => {
			if (streams.size >= MAX_STREAMS)
				throw new Problem(503, "too-many-streams", "too many clients listen already");
			const { id, until } = request.caller;
			const { newest, oldest } = await feed.bounds();
			const asked = request.headers["last-event-id"];
			const from = asked === undefined ? newest : Number(asked);
			const isLost = from > newest || from < oldest - 1;
			reply.hijack();
			let leave = (): void => {};
			const alive = async (): Promise<boolean> => (await callerOf(site, request))?.id === id;
			const stream = new EventStream(reply.raw, alive, () => {
				clearTimeout(end);
				streams.delete(stream);
				leave();
			});
			const end =
				until === undefined
					? undefined
					: setTimeout(() => stream.end(), Math.min((until - now()) * 1000, MAX_TIMER_MS));
			streams.add(stream);
			if (isLost) stream.gap(newest);
			leave = await feed.watch(isLost ? newest : from, (event) => {
				if (sees(request.caller, event)) stream.event(event);
			});
			if (!streams.has(stream)) leave();
		},
	);
}

/** A manager hears of this person's doors, and of nothing that is the site's. */
function sees(caller: Caller, { door }: FeedEvent): boolean {
	return mayOn(caller, door === undefined ? [] : [door]);
}
