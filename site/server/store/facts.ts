// SPDX-License-Identifier: Apache-2.0

import type { PlanDocument } from "../../lib/plan/document.js";
import type { PhoneSettings } from "../invitations/phone-settings.js";
import type { MailSettings } from "../messages/mail.js";
import type { OwnTexts } from "../messages/settings.js";
import type { SmsSettings } from "../messages/sms.js";
import type { Language } from "../messages/texts.js";
import type { Sql } from "./database.js";

/** What is there once for a site. Byte strings are hexadecimal, times seconds since 1970. */
export interface Facts {
	/** The site's identifier. */
	readonly site: string;
	/** What the site is called, for people. */
	readonly siteName: string;
	/** Of messages to people. */
	readonly language: Language;
	/** What phones get, where it is not what they get of every site. */
	readonly phones: PhoneSettings;
	readonly mail: MailSettings;
	readonly sms: SmsSettings;
	/** Of messages, where they are not those that every site has. */
	readonly texts: OwnTexts;
	/** Messages that go out in an hour at most. */
	readonly messagesPerHour: number;
	/** When the server first started on this store. */
	readonly firstStart: number;
	/** Brokers' passwords are made from it. */
	readonly brokerSecret: string;
	/** Of brokers' passwords; the one before is accepted, too. */
	readonly brokerEpoch: number;
	/** SHA-256 of the administrator's token that the first start printed. */
	readonly adminTokenHash: string;
	/** Where people open its pages, as the server that started last has it. */
	readonly pages: string;
	/** How long it keeps what it knows of people; absent: until it is erased by hand. */
	readonly retention: Retention;
	/** Of the newest action that was removed as too old: the one after it follows its link, hexadecimal. */
	readonly actionsBefore: { readonly serial: number; readonly link: string };
	/** Challenges to passkeys are made from it. */
	readonly challengeSecret: string;
	/** The plan file's own fields: lists and objects in it are empty, what they hold is in tables. */
	readonly plan: PlanDocument;
	/** Absent but after a restored backup that no administrator has confirmed yet: when it was restored. */
	readonly restored: number;
	/** Where processes share the site: edits so far, and whether one is being made. */
	readonly turn: { readonly number: number; readonly open: boolean };
	/** Likewise: its trust lists, hexadecimal. */
	readonly lists: readonly string[];
	/** Readers whose logs have two histories, by the store's number: no administrator has decided yet. */
	readonly forks: Readonly<Record<string, { readonly serial: number; readonly since: number }>>;
	/** Of the doors' connections, s: what all were told by their number, and what administrators have set, by door. */
	readonly spread: { readonly told: number; readonly own: Readonly<Record<string, number>> };
	/** Revocation notices that readers have and a restored backup has not: those after one sequence up to another. */
	readonly lostNotices: LostNotices;
}

/** Days; null: for ever. */
export interface Retention {
	/** Names and addresses of people who were removed. */
	readonly names: number | null;
	/** Doors' logs, and alarms that were acknowledged. */
	readonly events: number | null;
	/** What administrators did. */
	readonly audit: number | null;
}

export interface LostNotices {
	readonly epoch: number;
	readonly after: number;
	readonly to: number;
	/** When the backup was restored. */
	readonly since: number;
}

export class FactsTable {
	readonly #sql: Sql;

	constructor(sql: Sql) {
		this.#sql = sql;
	}

	async get<N extends keyof Facts>(name: N): Promise<Facts[N] | undefined> {
		const [row] = await this.#sql.all<{ body: string }>("SELECT body FROM facts WHERE name = ?", name);
		return row && (JSON.parse(row.body) as Facts[N]);
	}

	async set<N extends keyof Facts>(name: N, value: Facts[N]): Promise<void> {
		await this.#sql.all(
			"INSERT INTO facts (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
			name,
			JSON.stringify(value),
		);
	}

	/** Where there is none yet: of two who do so at once the first one's stays. */
	async setFirst<N extends keyof Facts>(name: N, value: Facts[N]): Promise<void> {
		await this.#sql.all(
			"INSERT INTO facts (name, body) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
			name,
			JSON.stringify(value),
		);
	}

	async clear(name: keyof Facts): Promise<void> {
		await this.#sql.all("DELETE FROM facts WHERE name = ?", name);
	}
}
