// SPDX-License-Identifier: Apache-2.0

import { NO_LOG, type SiteCursor } from "../../lib/log/intake.js";
import type { DoorEntry } from "../../lib/plan/document.js";
import type { Settings } from "../../lib/sync/books.js";
import { atomically, insertRows, type Sql, type SqlValue } from "./database.js";

export interface Door {
	readonly id: string;
	/** For people; empty: none was given. */
	readonly name: string;
	readonly entry: DoorEntry;
	/** What the site has set and the reader has not taken yet. */
	readonly settings: Settings | undefined;
	/** A signed configuration that the reader has not taken yet. */
	readonly configuration: Uint8Array | undefined;
	/** The reader that is registered for it. */
	readonly reader: Reader | undefined;
}

/** A reader that is or was at a door. */
export interface Reader {
	/** The store's own number. */
	readonly id: number;
	readonly door: string;
	readonly publicKey: Uint8Array;
	/** The `cti` of its credential. */
	readonly credential: Uint8Array;
	readonly registered: number;
	/** When another took its place; `undefined`: it is the door's reader. */
	readonly replaced: number | undefined;
	/** How far its log is here. */
	readonly cursor: SiteCursor;
}

/** What a door last said of each kind, such as `hello`, `health`, `outcome`, and when its session began or ended. */
export interface Report {
	readonly door: string;
	readonly kind: string;
	readonly at: number;
	readonly body: unknown;
}

interface DoorRow {
	readonly id: string;
	readonly name: string;
	readonly entry: string;
	readonly settings: string | null;
	readonly configuration: Uint8Array | null;
}

interface ReaderRow {
	readonly id: number;
	readonly door: string;
	readonly public_key: Uint8Array;
	readonly credential: Uint8Array;
	readonly registered: number;
	readonly replaced: number | null;
	readonly cursor_serial: number;
	readonly cursor_link: Uint8Array;
	readonly cursor_before: Uint8Array;
	readonly cursor_signed: number;
}

const READERS = `readers
	(door, public_key, credential, registered, cursor_serial, cursor_link, cursor_before, cursor_signed)`;
/** One that comes back goes on with its log. */
const READER_AGAIN = `ON CONFLICT (public_key) DO UPDATE SET door = excluded.door, credential = excluded.credential,
	registered = excluded.registered, replaced = NULL`;

export class DoorsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** In the order of the plan file; those that were removed are not among them. */
	async list(): Promise<Door[]> {
		const doors = await this.#sql.all<DoorRow>(
			"SELECT id, name, entry, settings, configuration FROM doors WHERE removed IS NULL ORDER BY position, id",
		);
		const readers = await this.#readers("replaced IS NULL");
		const byDoor = new Map(readers.map((reader) => [reader.door, reader]));
		return doors.map((row) => doorOf(row, byDoor.get(row.id)));
	}

	async find(id: string): Promise<Door | undefined> {
		const [row] = await this.#sql.all<DoorRow>(
			"SELECT id, name, entry, settings, configuration FROM doors WHERE id = ? AND removed IS NULL",
			id,
		);
		if (row === undefined) return undefined;
		const [reader] = await this.#readers("door = ? AND replaced IS NULL", id);
		return doorOf(row, reader);
	}

	/** A door that was removed comes back with its readers, its log and its plan's version. */
	async put(id: string, entry: DoorEntry): Promise<void> {
		await this.#sql.all(
			`INSERT INTO doors (id, position, entry)
			VALUES (?, (SELECT COALESCE(MAX(position), 0) + 1 FROM doors), ?)
			ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, removed = NULL,
				position = CASE WHEN doors.removed IS NULL THEN doors.position ELSE excluded.position END`,
			id,
			JSON.stringify(entry),
		);
	}

	/** The doors' order in the plan file. */
	async order(ids: readonly string[]): Promise<void> {
		for (const [position, id] of ids.entries())
			await this.#sql.all("UPDATE doors SET position = ? WHERE id = ?", position, id);
	}

	/** Its log stays, and its plan's version, so that a door of the same name goes on from there. What its reader has not taken goes. */
	async remove(id: string, at: number): Promise<void> {
		await this.#sql.all(
			"UPDATE doors SET removed = ?, settings = NULL, configuration = NULL WHERE id = ?",
			at,
			id,
		);
	}

	async rename(id: string, name: string): Promise<void> {
		await this.#sql.all("UPDATE doors SET name = ? WHERE id = ?", name, id);
	}

	/** `undefined`: none are pending. */
	async setSettings(id: string, settings: Settings | undefined): Promise<void> {
		const body = settings === undefined ? null : JSON.stringify(settings);
		await this.#sql.all("UPDATE doors SET settings = ? WHERE id = ?", body, id);
	}

	/** `undefined`: none is pending. */
	async setConfiguration(id: string, envelope: Uint8Array | undefined): Promise<void> {
		await this.#sql.all("UPDATE doors SET configuration = ? WHERE id = ?", envelope ?? null, id);
	}

	/** The reader with this key is the door's from now on; the one before stays known, with its log, and what it said last says nothing of this one. */
	async register(
		door: string,
		{ publicKey, credential }: Pick<Reader, "publicKey" | "credential">,
		at: number,
	): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await sql.all(
				`DELETE FROM reports WHERE door = ?
				AND EXISTS (SELECT 1 FROM readers WHERE door = ? AND replaced IS NULL AND public_key <> ?)`,
				door,
				door,
				publicKey,
			);
			await sql.all(
				"UPDATE readers SET replaced = ? WHERE door = ? AND replaced IS NULL AND public_key <> ?",
				at,
				door,
				publicKey,
			);
			const { serial, link, before } = NO_LOG;
			await insertRows(
				sql,
				READERS,
				[[door, publicKey, credential, at, serial, link, before, 0]],
				READER_AGAIN,
			);
		});
	}

	/** All that were ever at `door`, the newest first. */
	readers(door: string): Promise<Reader[]> {
		return this.#readers("door = ? ORDER BY registered DESC, id DESC", door);
	}

	/** The one with this key, which is or was anywhere. */
	async readerWith(publicKey: Uint8Array): Promise<Reader | undefined> {
		return (await this.#readers("public_key = ?", publicKey))[0];
	}

	/** The numbers of all readers that are or were anywhere, with their doors. */
	places(): Promise<Pick<Reader, "id" | "door">[]> {
		return this.#sql.all<Pick<Reader, "id" | "door">>("SELECT id, door FROM readers");
	}

	async report({ door, kind, at, body }: Report): Promise<void> {
		await this.#sql.all(
			`INSERT INTO reports (door, kind, at, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (door, kind) DO UPDATE SET at = excluded.at, body = excluded.body`,
			door,
			kind,
			at,
			JSON.stringify(body),
		);
	}

	/** Of one door, or of all. */
	async reports(door?: string): Promise<Report[]> {
		const rows = await this.#sql.all<Report & { readonly body: string }>(
			`SELECT door, kind, at, body FROM reports ${door === undefined ? "" : "WHERE door = ?"} ORDER BY door, kind`,
			...(door === undefined ? [] : [door]),
		);
		return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown }));
	}

	async #readers(where: string, ...values: readonly SqlValue[]): Promise<Reader[]> {
		const rows = await this.#sql.all<ReaderRow>(`SELECT * FROM readers WHERE ${where}`, ...values);
		return rows.map((row) => ({
			id: row.id,
			door: row.door,
			publicKey: row.public_key,
			credential: row.credential,
			registered: row.registered,
			replaced: row.replaced ?? undefined,
			cursor: {
				serial: row.cursor_serial,
				link: row.cursor_link,
				before: row.cursor_before,
				signed: row.cursor_signed === 1,
			},
		}));
	}
}

function doorOf({ id, name, entry, settings, configuration }: DoorRow, reader: Reader | undefined): Door {
	return {
		id,
		name,
		entry: JSON.parse(entry) as DoorEntry,
		configuration: configuration ?? undefined,
		settings: settings === null ? undefined : (JSON.parse(settings) as Settings),
		reader,
	};
}
