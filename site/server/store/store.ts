// SPDX-License-Identifier: Apache-2.0

import { ActionsTable } from "./actions.js";
import { AdministratorsTable } from "./administrators.js";
import { AlarmsTable } from "./alarms.js";
import type { Database, Sql } from "./database.js";
import { DoorsTable } from "./doors.js";
import { FactsTable } from "./facts.js";
import { FeedTable } from "./feed.js";
import { InvitationsTable } from "./invitations.js";
import { LogTable } from "./log.js";
import { MessagesTable } from "./messages.js";
import { migrate } from "./migrations.js";
import { NoticesTable } from "./notices.js";
import { PartsTable } from "./parts.js";
import { PassesTable } from "./passes.js";
import { PasskeysTable } from "./passkeys.js";
import { PlansTable } from "./plans.js";
import { PostgresDatabase } from "./postgres.js";
import { PrivacyTable } from "./privacy.js";
import { SessionsTable } from "./sessions.js";
import { SqliteDatabase } from "./sqlite.js";
import { StartLinksTable } from "./start-links.js";
import { TokensTable } from "./tokens.js";
import { UsersTable } from "./users.js";

/** What a site's server keeps, by subject. */
export class Store {
	readonly facts: FactsTable;
	readonly doors: DoorsTable;
	readonly users: UsersTable;
	readonly parts: PartsTable;
	readonly plans: PlansTable;
	readonly notices: NoticesTable;
	readonly log: LogTable;
	readonly alarms: AlarmsTable;
	readonly feed: FeedTable;
	readonly tokens: TokensTable;
	readonly actions: ActionsTable;
	readonly administrators: AdministratorsTable;
	readonly passkeys: PasskeysTable;
	readonly sessions: SessionsTable;
	readonly privacy: PrivacyTable;
	readonly startLinks: StartLinksTable;
	readonly invitations: InvitationsTable;
	readonly messages: MessagesTable;
	readonly passes: PassesTable;

	constructor(sql: Sql) {
		this.facts = new FactsTable(sql);
		this.doors = new DoorsTable(sql);
		this.users = new UsersTable(sql);
		this.parts = new PartsTable(sql);
		this.plans = new PlansTable(sql);
		this.notices = new NoticesTable(sql);
		this.log = new LogTable(sql);
		this.alarms = new AlarmsTable(sql);
		this.feed = new FeedTable(sql);
		this.tokens = new TokensTable(sql);
		this.actions = new ActionsTable(sql);
		this.administrators = new AdministratorsTable(sql);
		this.passkeys = new PasskeysTable(sql);
		this.sessions = new SessionsTable(sql);
		this.privacy = new PrivacyTable(sql);
		this.startLinks = new StartLinksTable(sql);
		this.invitations = new InvitationsTable(sql);
		this.messages = new MessagesTable(sql);
		this.passes = new PassesTable(sql);
	}
}

/** A store that is open. */
export class SiteStore extends Store {
	readonly #database: Database;

	private constructor(database: Database) {
		super(database);
		this.#database = database;
	}

	/** Throws `Failure` where the tables are a newer server's. */
	static async open(database: Database): Promise<SiteStore> {
		try {
			await migrate(database);
		} catch (error) {
			await database.close();
			throw error;
		}
		return new SiteStore(database);
	}

	/** Does all of `work` or nothing. `work` uses the store that it is given, and awaits nothing else. */
	transaction<T>(work: (store: Store) => Promise<T>): Promise<T> {
		return this.#database.transaction((sql) => work(new Store(sql)));
	}

	close(): Promise<void> {
		return this.#database.close();
	}
}

export function isDatabase(place: string): boolean {
	return /^postgres(ql)?:/.test(place);
}

/** `place`: a file, made where there is none, or the URL of a database of PostgreSQL. Throws `Failure`. */
export function openStore(place: string): Promise<SiteStore> {
	return SiteStore.open(isDatabase(place) ? new PostgresDatabase(place) : new SqliteDatabase(place));
}
