// SPDX-License-Identifier: Apache-2.0

import { Type } from "@fastify/type-provider-typebox";
import { iso } from "../door-state.js";
import { WARN_S } from "../server-keys.js";
import { type Api, needs } from "./app.js";
import { mayOn } from "./rights.js";
import { Seconds } from "./schemas.js";
import type { Site } from "./site.js";

const Health = Type.Object({
	healthy: Type.Boolean({ description: "Nothing below is wrong" }),
	problems: Type.Array(
		Type.Object({ reason: Type.String(), detail: Type.String({ description: "What to do, for people" }) }),
	),
	broker: Type.Object({ connected: Type.Boolean(), since: Seconds, reason: Type.Optional(Type.String()) }),
	keyEnds: Type.Union([Seconds, Type.Null()], {
		description: "Of the server's key; null: it has none that is good",
	}),
});

export function healthz(api: Api): void {
	api.get(
		"/healthz",
		{
			schema: { tags: ["health"], summary: "Whether the process answers", response: { 200: Type.String() } },
		},
		async () => "ok",
	);
}

export function health(api: Api, site: Site): void {
	api.get(
		"/api/health",
		needs("monitor", {
			scope: "own",
			tags: ["health"],
			summary: "What is wrong with the server, and what to do",
			response: { 200: Health },
		}),
		async ({ caller }) => {
			const { state } = site.transport;
			const restored = await site.store.facts.get("restored");
			const { lostNotices: lost } = site.planner;
			const key = keyOf(site);
			const known = Math.max(site.keys.trust.issued, (await site.store.facts.get("firstStart")) ?? 0);
			const problems = [
				...(state.connected
					? []
					: [{ reason: "no-broker", detail: `doors are not reached: ${state.reason ?? "no connection"}` }]),
				...(site.now() < known ? [{ reason: "clock-behind", detail: behindWords(site.now(), known) }] : []),
				...key.problems,
				...site.problems
					.filter(({ door }) => door === undefined || mayOn(caller, [door]))
					.map(({ message, reason }) => ({ reason, detail: message })),
				...(restored === undefined
					? []
					: [
							{
								reason: "restored",
								detail:
									"the server was restored from a backup and sends no plan until an administrator confirms it",
							},
						]),
				...(lost === undefined
					? []
					: [{ reason: "notices-lost", detail: lostWords(lost, site.planner.lostSaidBy) }]),
			];
			return { healthy: problems.length === 0, problems, broker: state, keyEnds: key.ends };
		},
	);
}

function behindWords(now: number, known: number): string {
	return `the server's clock says ${iso(now)}, and has been at ${iso(known)} before: set it. Until then doors keep their own time, and plans are signed as of the newest before`;
}

/** `doors`: whose readers say so. */
export function lostWords({ from, to }: { from: number; to: number }, doors: readonly string[]): string {
	const some =
		doors.length > 5 ? `${doors.slice(0, 5).join(", ")} and ${doors.length - 5} others` : doors.join(", ");
	const who = doors.length === 0 ? "readers" : `the readers of ${some}`;
	return `${who} have the revocation notices ${from} to ${to}, which the backup lacks: revoke again whoever was revoked since it was made, then confirm by \`POST /api/restore/confirm\` with {"lostNotices": ${to}}. Until then the doors that have them get no plan`;
}

interface KeyHealth {
	readonly ends: number | null;
	readonly problems: { reason: string; detail: string }[];
}

function keyOf({ keys, now }: Site): KeyHealth {
	const ends = keys.endOr(0, now());
	if (ends === 0)
		return {
			ends: null,
			problems: [
				{
					reason: "no-key",
					detail:
						"the server has no good key with the roles sync and plan: it signs nothing, and doors hear it no more",
				},
			],
		};
	if (ends - now() > WARN_S) return { ends, problems: [] };
	return { ends, problems: [{ reason: "key-ends-soon", detail: endsSoon(ends, now()) }] };
}

/** What a server says from two weeks before its key's end on. */
export function endsSoon(ends: number, now: number): string {
	const days = Math.max(0, Math.floor((ends - now) / 86_400));
	return `the server's key ends in ${days} days (${new Date(ends * 1000).toISOString().slice(0, 10)}): doors hear it no more then. Who has the site's root makes the next by \`lintel site key --role sync plan --until DATE --out FILE\``;
}
