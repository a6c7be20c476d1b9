// SPDX-License-Identifier: Apache-2.0

import { Readable } from "node:stream";
import { type Static, Type } from "@fastify/type-provider-typebox";
import { EVENTS, type EventName } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { describe } from "../../lib/log/describe.js";
import { csvHeader, exportLine, type Format } from "../../lib/log/export.js";
import { type LogRow, recordOf } from "../store/log.js";
import type { SiteStore } from "../store/store.js";
import { type Api, needs } from "./app.js";
import { notFound } from "./problem.js";
import { DoorId } from "./schemas.js";
import type { Site } from "./site.js";

const MAX_ROWS = 1000;
/** Rows of an export that are read at once. */
const BATCH = 1000;

const Row = Type.Object({
	id: Type.Integer({ description: "Rises in the order in which records came" }),
	door: Type.String(),
	reader: Type.Integer({ description: "The server's number of the reader" }),
	serial: Type.Integer(),
	time: Type.String({ description: "ISO 8601 in UTC, or start+SECONDS while the reader's clock was unset" }),
	trust: Type.String(),
	event: Type.String(),
	what: Type.String({ description: "In words" }),
	detail: Type.Integer(),
	value: Type.Integer(),
	subject: Type.Optional(Type.String({ description: "Credential or who commanded, 16 hexadecimal digits" })),
	user: Type.Optional(Type.String()),
	person: Type.Optional(Type.String()),
	received: Type.Integer({ description: "Seconds since 1970" }),
	link: Type.String(),
});

const Query = Type.Object(
	{
		door: Type.Optional(Type.String({ maxLength: 8 })),
		user: Type.Optional(Type.String({ maxLength: 64, description: "A person, by the user's id" })),
		event: Type.Optional(
			Type.String({ maxLength: 400, description: "Names of events, with commas between" }),
		),
		since: Type.Optional(Type.Integer({ description: "Received from this second on" })),
		until: Type.Optional(Type.Integer({ description: "Received up to this second" })),
		order: Type.Optional(Type.Enum(["newest", "oldest"], { default: "newest" })),
		cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the page before" })),
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: 100 })),
	},
	{ additionalProperties: false },
);

export function log(api: Api, { store }: Site): void {
	api.get(
		"/api/log",
		needs("viewer", {
			tags: ["log"],
			summary: "Records of all doors, the newest first",
			querystring: Query,
			response: {
				200: Type.Object({
					rows: Type.Array(Row),
					next: Type.Union([Type.Integer(), Type.Null()], {
						description: "`cursor` of the next page; null: none",
					}),
				}),
			},
		}),
		async ({ query }) => {
			const { cursor, door, event, limit = 100, order, since, until, user } = query;
			const forward = order === "oldest";
			const rows = await store.log.rows({
				...{ door, user, since, until, limit, forward },
				...(event !== undefined && { kinds: kindsOf(event) }),
				...(cursor !== undefined && (forward ? { after: cursor } : { before: cursor })),
			});
			return { rows: rows.map(viewOf), next: rows.length < limit ? null : rows.at(-1)!.id };
		},
	);
	api.get(
		"/api/doors/:door/log/export",
		needs("viewer", {
			tags: ["log"],
			summary: "A reader's log as it is here, whole: JSON lines that `lintel log verify` checks, or CSV",
			params: Type.Object({ door: DoorId }),
			querystring: Type.Object(
				{
					format: Type.Optional(Type.Enum(["jsonl", "csv"], { default: "jsonl" })),
					reader: Type.Optional(Type.Integer({ description: "An earlier reader of the door; else its own" })),
				},
				{ additionalProperties: false },
			),
			response: { 200: Type.Unsafe<Readable>(Type.String()) },
		}),
		async ({ params, query }, reply) => {
			const readers = await store.doors.readers(params.door);
			const reader = readers.find(({ id, replaced }) =>
				query.reader === undefined ? replaced === undefined : id === query.reader,
			);
			if (reader === undefined) throw notFound("reader at this door");
			const format = query.format ?? "jsonl";
			return reply
				.type(format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl")
				.header("content-disposition", `attachment; filename="${params.door}-${reader.id}.${format}"`)
				.send(Readable.from(exported(store, reader.id, params.door, format)));
		},
	);
}

/** Those of the names that are events; a name that is none has no rows. */
function kindsOf(names: string): number[] {
	return names.split(",").flatMap((name) => (Object.hasOwn(EVENTS, name) ? EVENTS[name as EventName] : []));
}

function viewOf(row: LogRow): Static<typeof Row> {
	const { detail, event, link, serial, time, trust, value, what } = describe(decodeRecord(recordOf(row)));
	const { door, id, person, reader, received, subject, user } = row;
	return {
		...{ id, door, reader, serial, time, trust, event, what, detail, value },
		...(subject !== undefined && { subject }),
		...(user !== undefined && { user }),
		...(person !== undefined && { person }),
		...{ received, link },
	};
}

async function* exported(
	store: SiteStore,
	reader: number,
	door: string,
	format: Format,
): AsyncGenerator<string> {
	const checkpoints = new Map(
		(await store.log.checkpoints(reader)).map(({ serial, checkpoint }) => [serial, checkpoint]),
	);
	if (format === "csv") yield csvHeader(true);
	for (let after = 0; ; ) {
		const rows = await store.log.rows({ reader, after, forward: true, limit: BATCH });
		let text = "";
		for (const row of rows) {
			const entry = decodeRecord(recordOf(row));
			const checkpoint = checkpoints.get(row.serial);
			const named = { door, local: "", person: row.person ?? "" };
			text += exportLine({ entry, checkpoint }, format, format === "csv" ? named : undefined);
		}
		yield text;
		if (rows.length < BATCH) return;
		after = rows.at(-1)!.id;
	}
}
