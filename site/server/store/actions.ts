// SPDX-License-Identifier: Apache-2.0

import { concat, utf8Encode, writeUint32 } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import {
	BODY_SIZE,
	decodeRecord,
	KIND_AT,
	LINK_SIZE,
	RECORD_SIZE,
	trustCode,
} from "../../../protocol/log/record.js";
import { atomically, type Sql } from "./database.js";

/** What an administrator did. It names rows by their ids and never a person, so that erasing one leaves the chain whole. */
export interface Action {
	readonly at: number;
	/** Id of the token or of the administrator; `MACHINE`: whoever commands the server's machine. */
	readonly by: string;
	/** As `revoke-credential`. */
	readonly what: string;
	/** What it was done to: a user's, credential's, door's id or a part's name. */
	readonly to: string | undefined;
	readonly details: unknown;
}

export interface ActionRow extends Action {
	readonly serial: number;
	/** As those of readers' logs: 32 bytes with the link. Its subject is the beginning of the SHA-256 of `body`. */
	readonly record: Uint8Array;
	/** The text that the record's subject is the hash of. */
	readonly body: string;
}

export const MACHINE = "machine";

/** Kind of the records; kinds of readers' records are below 64. */
const KIND = 64;

/** Where the first record's link begins. */
export const ACTIONS_START = "lintel actions 1";

/** Append-only: records in the form of readers' logs, so that the same links prove that none was changed or taken out. */
export class ActionsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async add(action: Action, crypto: Crypto): Promise<void> {
		await atomically(this.#sql, async (sql) => {
			const [last] = await sql.all<{ record: Uint8Array }>(
				"SELECT record FROM actions ORDER BY serial DESC LIMIT 1",
			);
			const before = last === undefined ? undefined : decodeRecord(last.record);
			const serial = (before?.serial ?? 0) + 1;
			const body = JSON.stringify(action);
			const record = new Uint8Array(RECORD_SIZE);
			writeUint32(record, 0, serial);
			writeUint32(record, 4, action.at);
			record[KIND_AT] = KIND;
			record[KIND_AT + 1] = trustCode("synced");
			record.set(crypto.sha256(utf8Encode(body)).subarray(0, 8), 16);
			const from = before?.link ?? crypto.sha256(utf8Encode(ACTIONS_START)).subarray(0, LINK_SIZE);
			record.set(linkAfter(from, record, crypto), BODY_SIZE);
			await sql.all("INSERT INTO actions (serial, record, body) VALUES (?, ?, ?)", serial, record, body);
		});
	}

	/** After `serial`, in their order. */
	async after(serial: number, limit: number): Promise<ActionRow[]> {
		const rows = await this.#sql.all<{ serial: number; record: Uint8Array; body: string }>(
			"SELECT serial, record, body FROM actions WHERE serial > ? ORDER BY serial LIMIT ?",
			serial,
			limit,
		);
		return rows.map((row) => ({ ...(JSON.parse(row.body) as Action), ...row }));
	}
}

function linkAfter(link: Uint8Array, record: Uint8Array, crypto: Crypto): Uint8Array {
	return crypto.sha256(concat(link, record.subarray(0, BODY_SIZE))).subarray(0, LINK_SIZE);
}
