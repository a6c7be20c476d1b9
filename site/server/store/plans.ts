// SPDX-License-Identifier: Apache-2.0

import type { PlanImage } from "../../lib/plan/encode.js";
import { atomically, type Sql } from "./database.js";

/** A door's newest plan as it is signed. Its body follows from the image (`encodeBody`). */
export interface SignedPlan {
	readonly image: PlanImage;
	readonly epoch: number;
	readonly envelope: Uint8Array;
}

/** Epoch, version and end of a door's plan. */
export interface PlanHead {
	readonly door: string;
	readonly epoch: number;
	readonly version: number;
	readonly notice: number;
	readonly issued: number;
	/** 0: it has no end. */
	readonly expires: number;
}

/** Another plan of the door has this version, or a higher one: it was made by another process. */
export class PlanTaken extends Error {
	override readonly name = "PlanTaken";
}

/** A signed delta from the version `base` of a door's plan. */
export interface Delta {
	readonly base: number;
	readonly version: number;
	readonly envelope: Uint8Array;
}

/** Versions back to which a door's deltas are kept: a reader that is further behind gets a snapshot. */
export const DELTAS_KEPT = 8;

interface PlanRow {
	readonly epoch: number;
	readonly version: number;
	readonly notice: number;
	readonly issued: number;
	readonly expires: number;
	readonly tables: Uint8Array;
	readonly records: Uint8Array;
	readonly envelope: Uint8Array;
}

export class PlansTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	heads(): Promise<PlanHead[]> {
		return this.#sql.all<PlanHead>("SELECT door, epoch, version, notice, issued, expires FROM plans");
	}

	async find(site: string, door: string): Promise<SignedPlan | undefined> {
		const [row] = await this.#sql.all<PlanRow>("SELECT * FROM plans WHERE door = ?", door);
		if (row === undefined) return undefined;
		const { epoch, notice, envelope, version, issued, expires, tables, records } = row;
		return { image: { site, door, version, issued, expires, tables, records, notice }, epoch, envelope };
	}

	/** A new plan of a door, in a version of its own: throws `PlanTaken`. `delta` leads to it from the version before, where the changes fit one. */
	async put({ image, epoch, envelope }: SignedPlan, delta: Delta | undefined): Promise<void> {
		const { door, version, issued, expires, tables, records, notice } = image;
		await atomically(this.#sql, async (sql) => {
			const taken = await sql.all(
				`INSERT INTO plans (door, epoch, version, notice, issued, expires, tables, records, envelope)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (door) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, notice = excluded.notice,
				issued = excluded.issued, expires = excluded.expires, tables = excluded.tables, records = excluded.records,
				envelope = excluded.envelope
				WHERE plans.epoch < excluded.epoch OR (plans.epoch = excluded.epoch AND plans.version < excluded.version)
				RETURNING door`,
				door,
				epoch,
				version,
				notice ?? 0,
				issued,
				expires,
				tables,
				records,
				envelope,
			);
			if (taken.length === 0) throw new PlanTaken(`door ${door} has a plan of version ${version}`);
			// Without a delta the chain is broken: those before it lead to a plan that is no more.
			await sql.all(
				"DELETE FROM deltas WHERE door = ? AND (epoch <> ? OR version < ?)",
				door,
				epoch,
				delta === undefined ? version : version - DELTAS_KEPT,
			);
			if (delta !== undefined)
				await sql.all(
					"INSERT INTO deltas (door, epoch, version, next, envelope) VALUES (?, ?, ?, ?, ?)",
					door,
					epoch,
					delta.base,
					delta.version,
					delta.envelope,
				);
		});
	}

	/** The deltas that lead to the door's plan, one after the other, the newest last. */
	deltas(door: string): Promise<Delta[]> {
		return this.#sql.all<Delta>(
			"SELECT version AS base, next AS version, envelope FROM deltas WHERE door = ? ORDER BY version",
			door,
		);
	}
}
