// SPDX-License-Identifier: Apache-2.0

import { Failure } from "../../lib/files/failure.js";
import type { Database, Sql } from "./database.js";

/**
 * The store's tables. A migration that was released is never changed: what is new is one more, at the end. Types that engines name in
 * different ways stand in braces.
 *
 * Times are seconds since 1970. Texts named `body` or `entry` are JSON. People's names are in `people` alone, so that a person can be
 * erased and all else stays.
 */
const MIGRATIONS: readonly string[] = [
	`
	CREATE TABLE facts (name TEXT PRIMARY KEY, body TEXT NOT NULL);

	CREATE TABLE doors (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL DEFAULT '',
		position {int} NOT NULL,
		entry TEXT NOT NULL,
		settings TEXT,
		configuration {bytes},
		removed {int}
	);
	CREATE TABLE readers (
		id {id},
		door TEXT NOT NULL REFERENCES doors (id),
		public_key {bytes} NOT NULL UNIQUE,
		credential {bytes} NOT NULL,
		registered {int} NOT NULL,
		replaced {int},
		cursor_serial {int} NOT NULL,
		cursor_link {bytes} NOT NULL,
		cursor_before {bytes} NOT NULL,
		cursor_signed {int} NOT NULL
	);
	CREATE UNIQUE INDEX readers_now ON readers (door) WHERE replaced IS NULL;
	CREATE TABLE reports (
		door TEXT NOT NULL REFERENCES doors (id),
		kind TEXT NOT NULL,
		at {int} NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (door, kind)
	);

	CREATE TABLE users (
		id TEXT PRIMARY KEY,
		position {int} NOT NULL,
		entry TEXT NOT NULL,
		removed {int}
	);
	CREATE TABLE people (
		user_id TEXT PRIMARY KEY REFERENCES users (id),
		name TEXT NOT NULL,
		email TEXT,
		phone TEXT
	);
	CREATE TABLE credentials (
		id {bytes} PRIMARY KEY,
		user_id TEXT NOT NULL REFERENCES users (id),
		position {int} NOT NULL,
		entry TEXT NOT NULL,
		public_key {bytes},
		issued {int},
		removed {int}
	);
	CREATE INDEX credentials_user ON credentials (user_id);
	CREATE TABLE parts (
		kind TEXT NOT NULL,
		name TEXT NOT NULL,
		position {int} NOT NULL,
		body TEXT NOT NULL,
		PRIMARY KEY (kind, name)
	);

	CREATE TABLE plans (
		door TEXT PRIMARY KEY REFERENCES doors (id),
		epoch {int} NOT NULL,
		version {int} NOT NULL,
		notice {int} NOT NULL,
		issued {int} NOT NULL,
		expires {int} NOT NULL,
		tables {bytes} NOT NULL,
		records {bytes} NOT NULL,
		envelope {bytes} NOT NULL
	);
	CREATE TABLE deltas (
		door TEXT NOT NULL REFERENCES doors (id),
		epoch {int} NOT NULL,
		version {int} NOT NULL,
		next {int} NOT NULL,
		envelope {bytes} NOT NULL,
		PRIMARY KEY (door, epoch, version)
	);
	CREATE TABLE notices (
		epoch {int} NOT NULL,
		sequence {int} NOT NULL,
		issued {int} NOT NULL,
		envelope {bytes} NOT NULL,
		PRIMARY KEY (epoch, sequence)
	);
	CREATE TABLE revoked (
		id {bytes} PRIMARY KEY,
		epoch {int},
		sequence {int},
		at {int} NOT NULL
	);
	CREATE TABLE lockdowns (
		epoch {int} NOT NULL,
		sequence {int} NOT NULL,
		issued {int} NOT NULL,
		until {int} NOT NULL,
		doors TEXT NOT NULL,
		envelope {bytes} NOT NULL,
		ended {int},
		PRIMARY KEY (epoch, sequence)
	);

	CREATE TABLE log (
		id {id},
		reader {int} NOT NULL REFERENCES readers (id),
		serial {int} NOT NULL,
		time {int} NOT NULL,
		kind {int} NOT NULL,
		trust {int} NOT NULL,
		detail {int} NOT NULL,
		value {int} NOT NULL,
		subject {bytes},
		link {bytes} NOT NULL,
		received {int} NOT NULL,
		UNIQUE (reader, serial)
	);
	CREATE INDEX log_subject ON log (subject, id) WHERE subject IS NOT NULL;
	CREATE TABLE checkpoints (
		reader {int} NOT NULL REFERENCES readers (id),
		serial {int} NOT NULL,
		checkpoint {bytes} NOT NULL,
		PRIMARY KEY (reader, serial)
	);
	CREATE TABLE forks (
		reader {int} NOT NULL REFERENCES readers (id),
		serial {int} NOT NULL,
		record {bytes} NOT NULL,
		received {int} NOT NULL,
		PRIMARY KEY (reader, serial, record)
	);

	CREATE TABLE feed (
		id {id},
		at {int} NOT NULL,
		kind TEXT NOT NULL,
		door TEXT,
		body TEXT NOT NULL
	);
	CREATE TABLE tokens (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		role TEXT NOT NULL,
		hash {bytes} NOT NULL UNIQUE,
		made {int} NOT NULL,
		until {int} NOT NULL
	);
	CREATE TABLE actions (
		serial {int} PRIMARY KEY,
		record {bytes} NOT NULL,
		body TEXT NOT NULL
	);
	`,
	"CREATE TABLE processes (id TEXT PRIMARY KEY, beat {int} NOT NULL)",
	`
	CREATE TABLE administrators (
		id TEXT PRIMARY KEY,
		name TEXT NOT NULL,
		login TEXT UNIQUE,
		role TEXT NOT NULL,
		doors TEXT,
		password TEXT,
		made {int} NOT NULL,
		removed {int}
	);
	CREATE TABLE passkeys (
		id TEXT PRIMARY KEY,
		administrator TEXT NOT NULL REFERENCES administrators (id),
		name TEXT NOT NULL,
		public_key {bytes} NOT NULL,
		counter {int} NOT NULL,
		transports TEXT NOT NULL,
		made {int} NOT NULL,
		used {int}
	);
	CREATE INDEX passkeys_administrator ON passkeys (administrator);
	CREATE TABLE recovery_codes (
		hash {bytes} PRIMARY KEY,
		administrator TEXT NOT NULL REFERENCES administrators (id)
	);
	CREATE INDEX recovery_codes_administrator ON recovery_codes (administrator);
	CREATE TABLE sessions (
		hash {bytes} PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		administrator TEXT NOT NULL REFERENCES administrators (id),
		made {int} NOT NULL,
		seen {int} NOT NULL,
		confirmed {int} NOT NULL,
		browser TEXT NOT NULL
	);
	CREATE INDEX sessions_administrator ON sessions (administrator);
	CREATE TABLE used_challenges (challenge TEXT PRIMARY KEY, until {int} NOT NULL);
	CREATE TABLE start_links (
		hash {bytes} PRIMARY KEY,
		administrator TEXT REFERENCES administrators (id),
		made {int} NOT NULL,
		until {int} NOT NULL
	);
	`,
	// `at`: when it happened, as far as that is known; people look for events by it.
	`
	ALTER TABLE log ADD COLUMN at {int} NOT NULL DEFAULT 0;
	UPDATE log SET at = CASE WHEN trust = 0 OR time > received THEN received ELSE time END;
	DROP INDEX log_subject;
	CREATE INDEX log_at ON log (at, id);
	CREATE INDEX log_reader ON log (reader, at, id);
	CREATE INDEX log_kind ON log (kind, at, id);
	CREATE INDEX log_subject ON log (subject, at, id) WHERE subject IS NOT NULL;
	CREATE INDEX log_denied ON log (at, id) WHERE kind = 16 AND detail % 256 <> 0;
	`,
	`
	CREATE TABLE invitations (
		number {id},
		id TEXT NOT NULL UNIQUE,
		user_id TEXT NOT NULL REFERENCES users (id),
		way TEXT NOT NULL,
		state TEXT NOT NULL,
		reason TEXT,
		maker TEXT NOT NULL,
		made {int} NOT NULL,
		sent {int},
		until {int} NOT NULL,
		opened {int},
		accepted {int},
		replaces {bytes},
		link {bytes} UNIQUE,
		credential {bytes} UNIQUE,
		public_key {bytes},
		issued {int},
		expires {int},
		seen {int}
	);
	CREATE INDEX invitations_user ON invitations (user_id, number);
	CREATE INDEX invitations_state ON invitations (state, number);
	`,
	"ALTER TABLE invitations ADD COLUMN kid {bytes}",
	`
	CREATE TABLE alarms (
		id {id},
		kind TEXT NOT NULL,
		door TEXT NOT NULL,
		at {int} NOT NULL,
		raised {int} NOT NULL,
		reader {int},
		serial {int},
		details TEXT NOT NULL,
		ended {int},
		acknowledged {int},
		acknowledged_by TEXT,
		UNIQUE (reader, serial)
	);
	CREATE INDEX alarms_open ON alarms (id) WHERE acknowledged IS NULL;
	CREATE INDEX alarms_door ON alarms (door, kind, id);
	`,
	`
	ALTER TABLE invitations ADD COLUMN callback {bytes};
	CREATE UNIQUE INDEX invitations_callback ON invitations (callback) WHERE callback IS NOT NULL;
	CREATE INDEX invitations_sent ON invitations (sent) WHERE sent IS NOT NULL;
	CREATE INDEX invitations_made ON invitations (made);
	CREATE TABLE messages (
		number {id},
		kind TEXT NOT NULL,
		ref TEXT NOT NULL,
		tries {int} NOT NULL,
		next {int} NOT NULL,
		made {int} NOT NULL,
		UNIQUE (kind, ref)
	);
	CREATE INDEX messages_next ON messages (next, number);
	CREATE TABLE invites (
		at {int} NOT NULL,
		user_id TEXT NOT NULL,
		maker TEXT NOT NULL
	);
	CREATE INDEX invites_at ON invites (at);
	`,
	// Each text begins with `{"at":` and ten digits.
	`
	ALTER TABLE actions ADD COLUMN at {int} NOT NULL DEFAULT 0;
	UPDATE actions SET at = CAST(SUBSTR(body, 7, 10) AS {int});
	CREATE INDEX actions_at ON actions (at);
	`,
	`
	CREATE TABLE log_cuts (
		reader {int} PRIMARY KEY REFERENCES readers (id),
		serial {int} NOT NULL,
		link {bytes} NOT NULL
	)
	`,
	`
	CREATE TABLE passes (
		user_id TEXT PRIMARY KEY REFERENCES users (id),
		doors TEXT NOT NULL,
		begins {int} NOT NULL,
		until {int} NOT NULL,
		count {int},
		lender TEXT REFERENCES users (id),
		request TEXT,
		made {int} NOT NULL,
		UNIQUE (lender, request)
	);
	CREATE INDEX passes_until ON passes (until);
	CREATE TABLE lends (user_id TEXT PRIMARY KEY REFERENCES users (id), body TEXT NOT NULL);
	`,
];

const TYPES = {
	sqlite: { int: "INTEGER", bytes: "BLOB", id: "INTEGER PRIMARY KEY AUTOINCREMENT" },
	postgres: { int: "BIGINT", bytes: "BYTEA", id: "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" },
} as const;

/** Brings the tables to the version of this server. Throws `Failure` at those of a newer one, and has changed nothing. */
export async function migrate(database: Database, migrations = MIGRATIONS): Promise<void> {
	const types = TYPES[database.engine];
	await database.transaction(async (sql) => {
		await sql.all("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)");
		const have = await versionOf(sql);
		if (have > migrations.length)
			throw new Failure(
				"version",
				"newer-store",
				`the store has tables of version ${have}, this server knows ${migrations.length}`,
				"Start the server that wrote it, or a newer one; to go back, restore a backup that the older server made.",
			);
		for (const [i, text] of migrations.entries()) {
			if (i < have) continue;
			for (const statement of text.split(";"))
				if (statement.trim() !== "")
					await sql.all(statement.replace(/\{(\w+)\}/g, (_, type: keyof typeof types) => types[type]));
			await sql.all("INSERT INTO migrations (version) VALUES (?)", i + 1);
		}
	});
}

async function versionOf(sql: Sql): Promise<number> {
	const [row] = await sql.all<{ version: number | null }>("SELECT MAX(version) AS version FROM migrations");
	return row?.version ?? 0;
}
