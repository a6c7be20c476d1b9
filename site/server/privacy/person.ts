// SPDX-License-Identifier: Apache-2.0

import { decodeRecord } from "../../../protocol/log/record.js";
import { describe } from "../../lib/log/describe.js";
import type { ActionRow } from "../store/actions.js";
import { type LogRow, recordOf } from "../store/log.js";
import type { SiteStore } from "../store/store.js";

/** Rows that are read at once. */
const BATCH = 1000;

/** All that the server has of one person, removed or not; `undefined`: it knows no such person. */
export async function personData(store: SiteStore, id: string): Promise<object | undefined> {
	const rows = await store.privacy.person(id);
	if (rows === undefined) return undefined;
	const ids = [id, ...rows.credentials.map((credential) => String(credential.id))];
	return { ...rows, events: await eventsOf(store, id), audit: await auditOf(store, ids) };
}

async function eventsOf(store: SiteStore, user: string): Promise<object[]> {
	const events: object[] = [];
	let rows: LogRow[];
	let after = 0;
	do {
		rows = await store.log.rows({ user, after, forward: true, limit: BATCH });
		after = rows.at(-1)?.id ?? after;
		for (const row of rows) {
			const { event, serial, time, what } = describe(decodeRecord(recordOf(row)));
			events.push({ door: row.door, reader: row.reader, serial, time, event, what });
		}
	} while (rows.length === BATCH);
	return events;
}

async function auditOf(store: SiteStore, texts: readonly string[]): Promise<object[]> {
	const found: object[] = [];
	let rows: ActionRow[];
	let before: number | undefined;
	do {
		rows = await store.actions.search({ texts, before, limit: BATCH });
		for (const { at, by, details, serial, to, what } of rows)
			found.push({ serial, at, by, what, to, details });
		before = rows.at(-1)?.serial;
	} while (rows.length === BATCH);
	return found;
}
