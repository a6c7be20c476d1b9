// SPDX-License-Identifier: Apache-2.0

import { Readable } from "node:stream";
import { Type } from "@fastify/type-provider-typebox";
import { fromHex } from "../../../protocol/bytes.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { describe } from "../../lib/log/describe.js";
import { csvHeader, csvLine, exportLine, type Format } from "../../lib/log/export.js";
import { searchLog } from "../log-search.js";
import type { Reader } from "../store/doors.js";
import { recordOf } from "../store/log.js";
import type { SiteStore } from "../store/store.js";
import { type Api, needs } from "./app.js";
import type { Caller } from "./caller.js";
import { filterOf, nameCommanders, saidOf, Wanted, type Wants } from "./log.js";
import { notFound } from "./problem.js";
import { DoorId } from "./schemas.js";
import type { Site } from "./site.js";

/** Rows of an export that are read at once. */
const BATCH = 1000;

export function logExport(api: Api, site: Site): void {
	ofReader(api, site);
	ofSearch(api, site);
}

function ofReader(api: Api, { store }: Site): void {
	api.get(
		"/api/doors/:door/log/export",
		needs("viewer", {
			scope: "door",
			tags: ["log"],
			summary: "A reader's log as it is here: JSON lines that `lintel log verify` checks, or CSV",
			description:
				"Whole, or of a time with what proves it: from the signed checkpoint before it to the one behind it, as far as they are here.",
			params: Type.Object({ door: DoorId }),
			querystring: Type.Object(
				{
					format: Type.Optional(Type.Enum(["jsonl", "csv"], { default: "jsonl" })),
					reader: Type.Optional(Type.Integer({ description: "An earlier reader of the door; else its own" })),
					since: Wanted.since,
					until: Wanted.until,
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
			const whole = query.since === undefined && query.until === undefined;
			const range = whole
				? { first: 1, last: reader.cursor.serial }
				: await provenRange(store, reader.id, query.since, query.until);
			return reply
				.type(format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl")
				.header("content-disposition", `attachment; filename="${params.door}-${reader.id}.${format}"`)
				.send(Readable.from(exported(store, reader, range, format)));
		},
	);
}

interface Serials {
	readonly first: number;
	readonly last: number;
}

/** The serials of a time, out to the checkpoints around them. */
async function provenRange(
	store: SiteStore,
	reader: number,
	since: number | undefined,
	until: number | undefined,
): Promise<Serials | undefined> {
	const range = await store.log.serials(reader, since, until);
	if (range === undefined) return undefined;
	const serials = (await store.log.checkpoints(reader)).map(({ serial }) => serial);
	return {
		first: serials.filter((serial) => serial <= range.first).at(-1) ?? range.first,
		last: serials.find((serial) => serial > range.last) ?? Number.MAX_SAFE_INTEGER,
	};
}

async function* exported(
	store: SiteStore,
	{ door, id: reader }: Reader,
	range: Serials | undefined,
	format: Format,
): AsyncGenerator<string> {
	const checkpoints = new Map(
		(await store.log.checkpoints(reader)).map(({ serial, checkpoint }) => [serial, checkpoint]),
	);
	if (format === "csv") yield csvHeader(true);
	const cut = await store.privacy.cut(reader);
	let first = Math.max(range?.first ?? Number.POSITIVE_INFINITY, (cut?.serial ?? 0) + 1);
	// The first line's link is checked by the record before it, where no checkpoint begins the export.
	let before = checkpoints.has(first) ? undefined : await linkOf(store, reader, first - 1);
	while (range !== undefined) {
		const rows = await store.log.rows({ reader, first, last: range.last, forward: true, limit: BATCH });
		let text = "";
		for (const row of rows) {
			const entry = decodeRecord(recordOf(row));
			const checkpoint = checkpoints.get(row.serial);
			const named = { door, local: "", person: row.person ?? "" };
			text += exportLine({ entry, checkpoint, before }, format, format === "csv" ? named : undefined);
			before = undefined;
		}
		yield text;
		if (rows.length < BATCH) return;
		first = rows.at(-1)!.serial + 1;
	}
}

/** Of a record that is here, or the last that was removed as too old. */
async function linkOf(store: SiteStore, reader: number, serial: number): Promise<Uint8Array | undefined> {
	const cut = await store.privacy.cut(reader);
	if (cut?.serial === serial) return cut.link;
	const link = (await store.log.links(reader, serial, serial)).get(serial);
	return link === undefined ? undefined : fromHex(link);
}

const COLUMNS = ["time", "door", "name", "person", "event", "what", "reason", "serial", "link"] as const;

function ofSearch(api: Api, { store }: Site): void {
	api.get(
		"/api/log/export",
		needs("viewer", {
			scope: "own",
			tags: ["log"],
			summary: "All records that are looked for, as CSV for a spreadsheet; the newest first",
			description: "What proves a log is in a door's own export.",
			querystring: Type.Object(Wanted, { additionalProperties: false }),
			response: { 200: Type.Unsafe<Readable>(Type.String()) },
		}),
		async ({ caller, query }, reply) =>
			reply
				.type("text/csv; charset=utf-8")
				.header("content-disposition", 'attachment; filename="events.csv"')
				.send(Readable.from(found(store, query, caller))),
	);
}

async function* found(store: SiteStore, query: Wants, caller: Pick<Caller, "doors">): AsyncGenerator<string> {
	const { language = "en" } = query;
	const names = new Map((await store.doors.list()).map(({ id, name }) => [id, name]));
	const filter = { ...filterOf(query, caller), forward: false };
	yield csvLine(COLUMNS);
	let from: Awaited<ReturnType<typeof searchLog>>["next"];
	do {
		const { next, rows } = await searchLog(store, { ...filter, from }, BATCH);
		let text = "";
		for (const row of await nameCommanders(store, rows)) {
			const { event, time } = describe(decodeRecord(recordOf(row)));
			const { reason = "", says } = saidOf(row, language);
			const { door, link, person = "", serial } = row;
			text += csvLine([time, door, names.get(door) ?? "", person, event, says, reason, String(serial), link]);
		}
		yield text;
		from = next;
	} while (from !== undefined);
}
