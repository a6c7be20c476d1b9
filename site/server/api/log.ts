// SPDX-License-Identifier: Apache-2.0

import { type Static, Type } from "@fastify/type-provider-typebox";
import { EVENTS, type EventName } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { REASONS, type Reason, reasonOf } from "../../../protocol/reasons.js";
import { describe } from "../../lib/log/describe.js";
import { LANGUAGES, type Language, sayEvent } from "../../lib/log/words/say.js";
import { type LogFilter, searchLog } from "../log-search.js";
import { type LogRow, recordOf } from "../store/log.js";
import type { LogPlace } from "../store/log-scan.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { Problem } from "./problem.js";
import { checkDoors, mayOn } from "./rights.js";
import type { Site } from "./site.js";

const MAX_ROWS = 1000;

const Row = Type.Object({
	id: Type.Integer({ description: "Rises in the order in which records came" }),
	door: Type.String(),
	reader: Type.Integer({ description: "The server's number of the reader" }),
	serial: Type.Integer(),
	at: Type.Integer({
		description: "When it happened, seconds since 1970; when it came, where its reader did not know",
	}),
	time: Type.String({ description: "ISO 8601 in UTC, or start+SECONDS while the reader's clock was unset" }),
	trust: Type.String(),
	kind: Type.Integer(),
	event: Type.String(),
	reason: Type.Optional(Type.String({ description: "Of a decision (docs/reasons.md)" })),
	says: Type.String({ description: "In a sentence for people, in the language that was asked for" }),
	what: Type.String({ description: "In words" }),
	detail: Type.Integer(),
	value: Type.Integer(),
	subject: Type.Optional(Type.String({ description: "Credential or who commanded, 16 hexadecimal digits" })),
	user: Type.Optional(Type.String()),
	person: Type.Optional(Type.String({ description: "Of a command: who gave it, or the program" })),
	received: Type.Integer({ description: "Seconds since 1970" }),
	link: Type.String(),
});

/** What people look for, on a page or for an export. */
export const Wanted = {
	door: Type.Optional(Type.String({ maxLength: 1000, description: "Ids of doors, with commas between" })),
	user: Type.Optional(Type.String({ maxLength: 64, description: "A person, by the user's id" })),
	event: Type.Optional(Type.String({ maxLength: 400, description: "Names of events, with commas between" })),
	reason: Type.Optional(
		Type.String({
			maxLength: 400,
			description: "Names of reasons of decisions, with commas between; `denied`: all but granted",
		}),
	),
	words: Type.Optional(
		Type.String({
			maxLength: 200,
			description: "Each is part of the door's or the person's name, of the sentence, or a credential's id",
		}),
	),
	since: Type.Optional(Type.Integer({ description: "Happened from this second on" })),
	until: Type.Optional(Type.Integer({ description: "Happened up to this second" })),
	language: Type.Optional(Type.Enum(Object.keys(LANGUAGES) as Language[], { default: "en" })),
};
const Wants = Type.Object(Wanted);
export type Wants = Static<typeof Wants>;

const Query = Type.Object(
	{
		...Wanted,
		order: Type.Optional(
			Type.Enum(["newest", "oldest", "arrival"], {
				default: "newest",
				description:
					"By when it happened; or as records came, the oldest first: for programs that take each once. Only one `door` and `event` go with that",
			}),
		),
		cursor: Type.Optional(
			Type.String({ pattern: "^[0-9]{1,15}(\\.[0-9]{1,15})?$", description: "`next` of the page before" }),
		),
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: 100 })),
	},
	{ additionalProperties: false },
);
type Query = Static<typeof Query>;

export function log(api: Api, { store }: Site): void {
	api.get(
		"/api/log",
		needs("viewer", {
			scope: "own",
			tags: ["log"],
			summary: "Records of all doors, the newest first, or those that are looked for",
			description:
				"A page may have fewer rows than its limit, or none, and be followed by more: only so many records are looked at at once.",
			querystring: Query,
			response: {
				200: Type.Object({
					rows: Type.Array(Row),
					next: Type.Union([Type.String(), Type.Null()], {
						description: "`cursor` of the next page; null: none",
					}),
				}),
			},
		}),
		async ({ caller, query }) => {
			const { cursor, language = "en", limit = 100, order } = query;
			if (order === "arrival") {
				if (caller.doors !== undefined) checkDoors(caller, [query.door ?? ""]);
				return arrived(store, query, limit);
			}
			const filter = { ...filterOf(query, caller), from: placeOf(cursor), forward: order === "oldest" };
			const { next, rows } = await searchLog(store, filter, limit);
			const named = await nameCommanders(store, rows);
			return { rows: named.map((row) => viewOf(row, language)), next: next ? `${next.at}.${next.id}` : null };
		},
	);
}

async function arrived(
	store: Site["store"],
	query: Query,
	limit: number,
): Promise<{ rows: Static<typeof Row>[]; next: string | null }> {
	const { cursor = "0", door, event, language = "en", reason, since, until, user, words } = query;
	if ((reason ?? since ?? until ?? user ?? words) !== undefined)
		throw new Problem(422, "bad-order", "by arrival records are told by one door and by event alone");
	const rows = await store.log.rows({
		...{ door, after: Number(cursor), forward: true, limit },
		...(event !== undefined && { kinds: kindsOf(event) }),
	});
	return {
		rows: (await nameCommanders(store, rows)).map((row) => viewOf(row, language)),
		next: rows.length < limit ? null : String(rows.at(-1)!.id),
	};
}

/** Of the doors that are the caller's those that are meant. */
export function filterOf(
	{ door, event, reason, since, until, user, words }: Wants,
	caller: Pick<Caller, "doors">,
): Omit<LogFilter, "forward" | "from"> {
	const doors = door?.split(",") ?? (caller.doors && [...caller.doors]);
	return {
		...{ user, words, since, until },
		...(doors !== undefined && { doors: doors.filter((one) => mayOn(caller, [one])) }),
		...(event !== undefined && { kinds: kindsOf(event) }),
		...(reason !== undefined && { reasons: reasonsOf(reason) }),
	};
}

function placeOf(cursor: string | undefined): LogPlace | undefined {
	if (cursor === undefined) return undefined;
	const [at, id = 0] = cursor.split(".").map(Number);
	return { at: at!, id };
}

/** Those of the names that are events; a name that is none has no rows. */
function kindsOf(names: string): number[] {
	return names.split(",").flatMap((name) => (Object.hasOwn(EVENTS, name) ? EVENTS[name as EventName] : []));
}

function reasonsOf(names: string): number[] {
	return names.split(",").flatMap((name) => {
		if (name === "denied") return Object.values(REASONS).filter((code) => code !== 0);
		return Object.hasOwn(REASONS, name) ? REASONS[name as Reason] : [];
	});
}

/** With the names of administrators and of programs beside what they commanded. */
export async function nameCommanders(
	{ administrators, tokens }: Pick<Site["store"], "administrators" | "tokens">,
	rows: readonly LogRow[],
): Promise<LogRow[]> {
	if (!rows.some(({ kind }) => kind === EVENTS.command)) return [...rows];
	const names = await administrators.names();
	for (const { id, name } of await tokens.list()) names.set(id, name);
	return rows.map((row) => {
		const name = row.kind === EVENTS.command ? names.get(row.subject ?? "") : undefined;
		return name === undefined || name === "" ? row : { ...row, person: name };
	});
}

/** An event as a sentence, for people. */
export function saidOf(
	{ detail, kind, person, subject, value }: LogRow,
	language: Language,
): { says: string; reason?: string } {
	const says = sayEvent({ kind, detail, value, isAbout: subject !== undefined }, person, language);
	return kind === EVENTS.decision
		? { says, reason: reasonOf(detail & 255) ?? String(detail & 255) }
		: { says };
}

function viewOf(row: LogRow, language: Language): Static<typeof Row> {
	const { detail, event, link, serial, time, trust, value, what } = describe(decodeRecord(recordOf(row)));
	const { at, door, id, kind, person, reader, received, subject, user } = row;
	return {
		...{ id, door, reader, serial, at, time, trust, kind, event, what, detail, value },
		...saidOf(row, language),
		...(subject !== undefined && { subject }),
		...(user !== undefined && { user }),
		...(person !== undefined && { person }),
		...{ received, link },
	};
}
