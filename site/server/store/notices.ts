// SPDX-License-Identifier: Apache-2.0

import { fromHex, toHex } from "../../../protocol/bytes.js";
import { atomically, insertRows, type Sql } from "./database.js";

/** A signed revocation notice. */
export interface Notice {
	readonly epoch: number;
	readonly sequence: number;
	readonly issued: number;
	readonly envelope: Uint8Array;
}

/** A signed lockdown notice. */
export interface Lockdown extends Notice {
	/** Seconds since 1970. */
	readonly until: number;
	/** Empty: all. */
	readonly doors: readonly string[];
	/** When it was ended before its end. */
	readonly ended: number | undefined;
}

export class NoticesTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	/** These ids never open again; a notice that says so is still to be signed. */
	async revoke(ids: readonly string[], at: number): Promise<void> {
		const rows = ids.map((id) => [fromHex(id), at]);
		await insertRows(this.#sql, "revoked (id, at)", rows, "ON CONFLICT (id) DO NOTHING");
	}

	/** Ids that are in no notice yet, hexadecimal, in the order in which they were revoked. */
	async pending(): Promise<string[]> {
		const rows = await this.#sql.all<{ id: Uint8Array }>(
			"SELECT id FROM revoked WHERE sequence IS NULL ORDER BY at, id",
		);
		return rows.map(({ id }) => toHex(id));
	}

	/** A notice, and the ids that are in it. */
	async add({ epoch, sequence, issued, envelope }: Notice, ids: readonly Uint8Array[]): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			await insertRows(sql, "notices (epoch, sequence, issued, envelope)", [
				[epoch, sequence, issued, envelope],
			]);
			const rows = ids.map((id) => [id, epoch, sequence, issued]);
			await insertRows(
				sql,
				"revoked (id, epoch, sequence, at)",
				rows,
				"ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence",
			);
		});
	}

	/** What the notices between these sequences say is to be said once more, in later ones. */
	async sayAgain(epoch: number, after: number, to: number): Promise<void> {
		await this.#sql.all(
			"UPDATE revoked SET epoch = NULL, sequence = NULL WHERE epoch = ? AND sequence > ? AND sequence <= ?",
			epoch,
			after,
			to,
		);
	}

	/** Those of `epoch` after `sequence`, in their order. */
	after(epoch: number, sequence: number): Promise<Notice[]> {
		return this.#sql.all<Notice>(
			"SELECT epoch, sequence, issued, envelope FROM notices WHERE epoch = ? AND sequence > ? ORDER BY sequence",
			epoch,
			sequence,
		);
	}

	/** The ids of all that were ever revoked, hexadecimal. */
	async revoked(): Promise<string[]> {
		const rows = await this.#sql.all<{ id: Uint8Array }>("SELECT id FROM revoked");
		return rows.map(({ id }) => toHex(id));
	}

	/** In which notice an id is; `undefined`: in none yet. */
	async noticeOf(id: string): Promise<Pick<Notice, "epoch" | "sequence"> | undefined> {
		const [row] = await this.#sql.all<Pick<Notice, "epoch" | "sequence">>(
			"SELECT epoch, sequence FROM revoked WHERE id = ? AND sequence IS NOT NULL",
			fromHex(id),
		);
		return row;
	}

	async addLockdown({
		epoch,
		sequence,
		issued,
		until,
		doors,
		envelope,
	}: Omit<Lockdown, "ended">): Promise<void> {
		await this.#sql.all(
			"INSERT INTO lockdowns (epoch, sequence, issued, until, doors, envelope) VALUES (?, ?, ?, ?, ?, ?)",
			epoch,
			sequence,
			issued,
			until,
			JSON.stringify(doors),
			envelope,
		);
	}

	/** Those of `epoch`, the newest first. */
	async lockdowns(epoch: number): Promise<Lockdown[]> {
		const rows = await this.#sql.all<Notice & { until: number; doors: string; ended: number | null }>(
			"SELECT * FROM lockdowns WHERE epoch = ? ORDER BY sequence DESC",
			epoch,
		);
		return rows.map(({ doors, ended, ...row }) => ({
			...row,
			doors: JSON.parse(doors) as string[],
			ended: ended ?? undefined,
		}));
	}

	async endLockdown(epoch: number, sequence: number, at: number): Promise<void> {
		await this.#sql.all(
			"UPDATE lockdowns SET ended = ? WHERE epoch = ? AND sequence = ? AND ended IS NULL",
			at,
			epoch,
			sequence,
		);
	}
}
