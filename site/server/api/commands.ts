// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { fromHex } from "../../../protocol/bytes.js";
import type { CommandResult } from "../../lib/sync/door-command.js";
import { type Api, needs } from "./app.js";
import { checkConfirmed, checkPermits } from "./caller.js";
import { lostWords } from "./health.js";
import { notFound, Problem } from "./problem.js";
import { checkDoors, mayOn } from "./rights.js";
import { DoorId, Nothing, orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";

/** Commands to a door: what lets somebody in permits; a person confirms a lockdown, too. */
const COMMANDS = Object.freeze({
	open: "permits",
	normal: "permits",
	release: "permits",
	lock: "harmless",
	lockdown: "confirmed",
	identify: "harmless",
	restart: "harmless",
} as const);
type What = keyof typeof COMMANDS;

const MAX_OPEN_S = 60;
const MAX_LOCKDOWN_S = 86_400;

export function commands(api: Api, site: Site): void {
	toOneDoor(api, site);
	lockdowns(api, site);
	restored(api, site);
}

function toOneDoor(api: Api, site: Site): void {
	api.post(
		"/api/doors/:door/commands",
		needs("manager", {
			scope: "door",
			tags: ["doors"],
			summary: "Commands a door, now or never",
			description: `${Object.entries(COMMANDS)
				.filter(([, kind]) => kind === "permits")
				.map(([what]) => what)
				.join(
					", ",
				)} are for a person, who confirms first, or the owner's token. \`unknown\`: the reader did not answer, so that it may have been done.`,
			params: Type.Object({ door: DoorId }),
			body: Type.Object(
				{
					what: Type.Enum(Object.keys(COMMANDS) as [What, ...What[]]),
					for: Type.Optional(
						Type.Integer({
							minimum: 1,
							maximum: MAX_OPEN_S,
							description: "Seconds of `open` or `identify`; else the strike time, or 10",
						}),
					),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({
					result: Type.Enum(["done", "refused", "unknown"]),
					reason: Type.Optional(Type.String()),
				}),
			},
		}),
		async (request) => {
			const { for: seconds, what } = request.body as { what: What; for?: number };
			const { door } = request.params;
			const { caller } = request;
			if (COMMANDS[what] === "permits") checkPermits(caller, "manager", site.now());
			if (COMMANDS[what] === "confirmed") checkConfirmed(caller, site.now());
			if (seconds !== undefined && what !== "open" && what !== "identify")
				throw new Problem(422, "no-time", `${what} takes no seconds`);
			if ((await site.store.doors.find(door)) === undefined) throw notFound("door");
			// Before it is sent: nothing is done that is not written down.
			await site.act(caller, `command-${what}`, door, seconds === undefined ? {} : { for: seconds });
			const result = await new Promise<CommandResult>((resolve) =>
				site.sync.command(door, { what, for: seconds ?? 0, by: fromHex(caller.id) }, resolve),
			);
			const word = typeof result === "string" ? result : "refused";
			site.metrics.commands.inc({ result: word });
			return typeof result === "string" ? { result } : { result: "refused" as const, reason: result.refusal };
		},
	);
}

function lockdowns(api: Api, site: Site): void {
	standingLockdowns(api, site);
	api.post(
		"/api/lockdown",
		needs("manager", {
			confirmed: true,
			scope: "own",
			tags: ["doors"],
			summary: "Locks doors down by a signed notice, which holds for those that are not reached now, too",
			description: "It lasts at least as long as a lockdown by notice that stands for some of these doors.",
			body: Type.Object(
				{
					seconds: Type.Integer({ minimum: 1, maximum: MAX_LOCKDOWN_S }),
					doors: Type.Optional(
						Type.Array(DoorId, { minItems: 1, maxItems: 100, description: "Without: all" }),
					),
				},
				{ additionalProperties: false },
			),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { doors = [], seconds } = request.body;
			const known = site.planner.content.document.doors;
			checkDoors(request.caller, doors);
			for (const door of doors) if (!Object.hasOwn(known, door)) throw notFound(`door as ${door}`);
			const action = site.action(request.caller, "lock-down", undefined, { doors, seconds });
			const refusal = await site.planner.lockDown(doors, seconds, action);
			if (refusal !== undefined)
				throw new Problem(409, refusal, "the server has no key that may sign a lockdown");
			reply.status(204);
			return null;
		},
	);
	api.delete(
		"/api/lockdown",
		needs("administrator", {
			permits: true,
			tags: ["doors"],
			summary: "Ends all lockdowns by notice, at each door in its next session",
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			await site.planner.endLockdowns(site.action(request.caller, "end-lockdown"));
			reply.status(204);
			return null;
		},
	);
}

function standingLockdowns(api: Api, site: Site): void {
	api.get(
		"/api/lockdown",
		needs("monitor", {
			scope: "own",
			tags: ["doors"],
			summary: "The lockdowns by notice that stand",
			response: {
				200: Type.Object({
					lockdowns: Type.Array(
						Type.Object({
							issued: Seconds,
							until: Seconds,
							doors: Type.Array(Type.String(), { description: "Empty: all" }),
						}),
					),
				}),
			},
		}),
		async ({ caller }) => {
			const now = site.now();
			const all = await site.store.notices.lockdowns(site.keys.trust.epoch);
			const standing = all.filter(
				({ doors, ended, until }) =>
					ended === undefined &&
					until > now &&
					(doors.length === 0 || doors.some((door) => mayOn(caller, [door]))),
			);
			return {
				lockdowns: standing.map(({ doors, issued, until }) => ({ issued, until, doors: [...doors] })),
			};
		},
	);
}

function restored(api: Api, site: Site): void {
	api.get(
		"/api/restore",
		needs("monitor", {
			tags: ["site"],
			summary: "Whether the server was restored from a backup, and which doors it has not heard since",
			response: {
				200: Type.Object({
					restored: Type.Union([Seconds, Type.Null()]),
					unheard: Type.Array(Type.String()),
					lostNotices: orNull(
						Type.Object(
							{ from: Type.Integer(), to: Type.Integer() },
							{ description: "Revocation notices that readers have, and nobody else" },
						),
					),
				}),
			},
		}),
		async () => {
			const { lostNotices = null, restored } = site.planner;
			return {
				lostNotices,
				restored: restored ?? null,
				unheard: restored === undefined ? [] : await site.planner.unheard(),
			};
		},
	);
	api.post(
		"/api/restore/confirm",
		needs("owner", {
			confirmed: true,
			tags: ["site"],
			summary: "Takes restored data for the site's: doors get plans from then on",
			description:
				"Where readers have revocations that the backup lacks, whoever they revoked has to be revoked again first; `lostNotices`, the last of them, says that this is done.",
			body: orNull(
				Type.Object({ lostNotices: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
			),
			response: { 204: Nothing },
		}),
		async (request, reply) => {
			const { lostNotices } = request.body ?? {};
			const action = site.action(request.caller, "confirm-restored", undefined, { lostNotices });
			const result = await site.planner.confirmRestored(lostNotices, action);
			if (result === "notices-lost")
				throw new Problem(409, result, lostWords(site.planner.lostNotices!, site.planner.lostSaidBy));
			if (result !== "confirmed") throw new Problem(409, "not-restored", "there is nothing to confirm");
			reply.status(204);
			return null;
		},
	);
}
