// SPDX-License-Identifier: Apache-2.0

import { Readable } from "node:stream";
import { type Static, Type } from "@fastify/type-provider-typebox";
import { decodeRecord } from "../../../protocol/log/record.js";
import { actionLine } from "../../lib/log/actions.js";
import type { ActionRow } from "../store/actions.js";
import type { SiteStore } from "../store/store.js";
import { type Api, needs } from "./app.js";
import { orNull, Seconds } from "./schemas.js";
import type { Site } from "./site.js";
import { OWNER_TOKEN, ownerTokenId } from "./token.js";

const MAX_ROWS = 500;
/** Rows of an export that are read at once. */
const BATCH = 1000;
/** People and doors whose names may be meant by what is looked for. */
const MAX_MEANT = 50;

const Row = Type.Object({
	serial: Type.Integer(),
	at: Seconds,
	by: Type.String({ description: "Id of an administrator or a token; `machine`: on the server's machine" }),
	who: orNull(Type.String({ description: "The administrator's or the token's name, as far as it is known" })),
	what: Type.String({ description: "As `revoke-credential`" }),
	to: orNull(Type.String({ description: "Id of what it was done to" })),
	name: orNull(Type.String({ description: "The person's or the door's name that has this id" })),
	details: Type.Unsafe<unknown>({}),
});

/** What administrators have done. */
export function audit(api: Api, site: Site): void {
	const { store } = site;
	api.get(
		"/api/audit",
		needs("administrator", {
			tags: ["audit"],
			summary: "What administrators have done, the newest first",
			querystring: Type.Object(
				{
					search: Type.Optional(
						Type.String({
							maxLength: 100,
							description: "A name, an id or a part of what was done, as it is written in the audit",
						}),
					),
					since: Type.Optional(Seconds),
					until: Type.Optional(Seconds),
					cursor: Type.Optional(Type.Integer({ minimum: 0, description: "`next` of the page before" })),
					limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ROWS, default: 100 })),
				},
				{ additionalProperties: false },
			),
			response: {
				200: Type.Object({ rows: Type.Array(Row), next: orNull(Type.Integer()) }),
			},
		}),
		async ({ query }) => {
			const { cursor, limit = 100, search = "", since, until } = query;
			const names = await Names.of(site);
			const texts = search === "" ? undefined : [search, ...names.meant(search)];
			const rows = await store.actions.search({ before: cursor, limit, since, until, texts });
			return {
				rows: rows.map((row) => viewOf(row, names)),
				next: rows.length < limit ? null : rows.at(-1)!.serial,
			};
		},
	);
	api.get(
		"/api/audit/export",
		needs("administrator", {
			tags: ["audit"],
			summary: "The audit whole, as JSON lines that `lintel log verify` checks",
			description: "It has ids and no names.",
			response: { 200: Type.Unsafe<Readable>(Type.String()) },
		}),
		async (request, reply) => {
			await site.act(request.caller, "export-audit");
			return reply
				.type("application/jsonl")
				.header("content-disposition", 'attachment; filename="audit.jsonl"')
				.send(Readable.from(exported(store)));
		},
	);
}

function viewOf({ at, by, details, serial, to, what }: ActionRow, names: Names): Static<typeof Row> {
	return {
		...{ serial, at, by, what, details },
		who: names.of(by) ?? null,
		...{ to: to ?? null, name: (to !== undefined && names.of(to)) || null },
	};
}

/** Whose id is whose: administrators, tokens, users and doors. */
class Names {
	readonly #names: ReadonlyMap<string, string>;

	static async of({ planner, store }: Site): Promise<Names> {
		const tokens = await store.tokens.list();
		const doors = await store.doors.list();
		const owner = await ownerTokenId(store);
		return new Names(
			new Map([
				...doors.map(({ id, name }) => [id, name] as const),
				...planner.content.users.map(({ id, name }) => [id, name] as const),
				...tokens.map(({ id, name }) => [id, name] as const),
				...(owner === undefined ? [] : [[owner, OWNER_TOKEN] as const]),
				...(await store.administrators.names()),
			]),
		);
	}

	private constructor(names: ReadonlyMap<string, string>) {
		this.#names = names;
	}

	of(id: string): string | undefined {
		return this.#names.get(id) || undefined;
	}

	/** Ids of those whose name has this in it. */
	meant(search: string): string[] {
		const part = search.toLowerCase();
		const found: string[] = [];
		for (const [id, name] of this.#names) {
			if (name.toLowerCase().includes(part)) found.push(id);
			if (found.length === MAX_MEANT) break;
		}
		return found;
	}
}

async function* exported(store: SiteStore): AsyncGenerator<string> {
	// Where the oldest were removed the first that is there follows this link.
	const kept = await store.facts.get("actionsBefore");
	const before = kept && Buffer.from(kept.link, "hex");
	for (let after = 0; ; ) {
		const rows = await store.actions.after(after, BATCH);
		let text = "";
		for (const row of rows) {
			const isFirst = after === 0 && row === rows[0] && decodeRecord(row.record).serial > 1;
			text += actionLine(row, isFirst ? before : undefined);
		}
		yield text;
		if (rows.length < BATCH) return;
		after = rows.at(-1)!.serial;
	}
}
