// SPDX-License-Identifier: Apache-2.0

import type { Sql } from "./database.js";

/** A passkey of an administrator: the half of it that is no secret. */
export interface Passkey {
	/** Of the credential, base64url. */
	readonly id: string;
	readonly administrator: string;
	/** What the person calls it. */
	readonly name: string;
	/** COSE_Key. */
	readonly publicKey: Uint8Array;
	/** Of signatures, where its device counts them. */
	readonly counter: number;
	/** How browsers reach it, as WebAuthn names that. */
	readonly transports: readonly string[];
	readonly made: number;
	readonly used: number | undefined;
}

interface Row {
	readonly id: string;
	readonly administrator: string;
	readonly name: string;
	readonly public_key: Uint8Array;
	readonly counter: number;
	readonly transports: string;
	readonly made: number;
	readonly used: number | null;
}

const COLUMNS = "id, administrator, name, public_key, counter, transports, made, used";

export class PasskeysTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add({ administrator, counter, id, made, name, publicKey, transports }: Passkey): Promise<void> {
		await this.#sql.all(
			`INSERT INTO passkeys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)`,
			id,
			administrator,
			name,
			publicKey,
			counter,
			JSON.stringify(transports),
			made,
		);
	}

	async find(id: string): Promise<Passkey | undefined> {
		const [row] = await this.#sql.all<Row>(`SELECT ${COLUMNS} FROM passkeys WHERE id = ?`, id);
		return row && passkeyOf(row);
	}

	async list(administrator: string): Promise<Passkey[]> {
		const rows = await this.#sql.all<Row>(
			`SELECT ${COLUMNS} FROM passkeys WHERE administrator = ? ORDER BY made, id`,
			administrator,
		);
		return rows.map(passkeyOf);
	}

	async used(id: string, counter: number, now: number): Promise<void> {
		await this.#sql.all("UPDATE passkeys SET counter = ?, used = ? WHERE id = ?", counter, now, id);
	}

	/** Whether nothing has answered this challenge before. Those that have ended are forgotten. */
	async useChallenge(challenge: string, until: number, now: number): Promise<boolean> {
		await this.#sql.all("DELETE FROM used_challenges WHERE until <= ?", now);
		const rows = await this.#sql.all(
			"INSERT INTO used_challenges (challenge, until) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING until",
			challenge,
			until,
		);
		return rows.length === 1;
	}

	async remove(administrator: string, id: string): Promise<boolean> {
		const rows = await this.#sql.all(
			"DELETE FROM passkeys WHERE administrator = ? AND id = ? RETURNING id",
			administrator,
			id,
		);
		return rows.length > 0;
	}
}

function passkeyOf({ public_key: publicKey, transports, used, ...row }: Row): Passkey {
	return {
		...row,
		publicKey,
		transports: JSON.parse(transports) as string[],
		used: used ?? undefined,
	};
}
