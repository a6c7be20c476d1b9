// SPDX-License-Identifier: Apache-2.0

import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import Libsql from "libsql";
import { createFile } from "../lib/files/create-file.js";
import { Failure } from "../lib/files/failure.js";
import { refuseSecret } from "../lib/files/secret-file.js";
import { FolderLock } from "./folder-lock.js";
import { otherSite } from "./server-keys.js";
import { holdDatabase } from "./store/postgres.js";
import { openStore, type SiteStore } from "./store/store.js";

const STORE = "site.db";
/** What SQLite keeps beside it. */
const BESIDE = ["-wal", "-shm"] as const;

/** A server's folder: its store and its site's trust lists. No other process works in it meanwhile. */
export interface DataFolder {
	readonly path: string;
	readonly store: SiteStore;
	close(): Promise<void>;
}

/**
 * Makes the folder where there is none. `site`: absent as long as there is none; `database`: where its store is elsewhere; `shared`: with
 * other processes. Throws `Failure`.
 */
export async function openFolder(
	path: string,
	site: string | undefined,
	now: number,
	database?: { readonly url: string; readonly shared: boolean },
): Promise<DataFolder> {
	mkdirSync(path, { recursive: true, mode: 0o700 });
	refuseSecret(join(path, ".new"));
	const lock = new FolderLock(path);
	let store: SiteStore | undefined;
	let leave = async (): Promise<void> => undefined;
	try {
		store = await openStore(database?.url ?? join(path, STORE));
		if (database !== undefined) leave = await holdDatabase(database.url, database.shared);
		if (site !== undefined) await begin(store, path, site, now);
		const opened = store;
		return {
			path,
			store,
			close: async () => {
				await opened.close();
				await leave();
				lock.release();
			},
		};
	} catch (error) {
		await store?.close();
		await leave();
		lock.release();
		throw error;
	}
}

/** What a new store needs once. */
async function begin(store: SiteStore, path: string, site: string, now: number): Promise<void> {
	const known = await store.transaction(async (within) => {
		const known = await within.facts.get("site");
		if (known !== undefined) return known;
		await within.facts.set("site", site);
		await within.facts.set("firstStart", now);
		await within.facts.set("brokerSecret", randomBytes(32).toString("hex"));
		await within.facts.set("brokerEpoch", 1);
		return site;
	});
	if (known !== site) throw otherSite(path, known, site);
}

/** Opens the store of a server that may run meanwhile, to read it or to change one fact. Throws `Failure`. */
export async function withStore<T>(
	path: string,
	work: (store: SiteStore) => Promise<T>,
	place?: string,
): Promise<T> {
	if (place === undefined && !existsSync(join(path, STORE)))
		throw new Failure(
			"input",
			"no-store",
			`${path} has no server's store`,
			"Give --data the folder of `lintel site serve`.",
		);
	const store = await openStore(place ?? join(path, STORE));
	try {
		return await work(store);
	} finally {
		await store.close();
	}
}

/** Writes the store as it is at one moment to a new file, while the server runs. Throws `Failure`. */
export async function backUp(path: string, out: string): Promise<void> {
	await withStore(path, async () => {
		refuseSecret(out);
		// SQLite writes into an empty file, and would make one that others can read.
		createFile(out, "", 0o600);
		const database = new Libsql(join(path, STORE), { timeout: 5000 });
		try {
			database.prepare("VACUUM INTO ?").run(out);
		} catch (error) {
			rmSync(out, { force: true });
			throw error;
		} finally {
			database.close();
		}
	});
}

/** With what SQLite keeps beside a store, where a process left some of its content. */
function move(from: string, to: string): void {
	for (const end of ["", ...BESIDE]) if (existsSync(from + end)) renameSync(from + end, to + end);
}

/**
 * Puts a backup in the store's place; what was there stays beside it under another name. The server knows then that doors may be ahead
 * of it. Throws `Failure`: `in-use` while a server runs.
 */
export async function restore(
	backup: string,
	path: string,
	now: number,
): Promise<{ before: string | undefined }> {
	if (!existsSync(backup))
		throw new Failure(
			"input",
			"no-backup",
			`there is no ${backup}`,
			"Give the file that `lintel site backup` wrote.",
		);
	mkdirSync(path, { recursive: true, mode: 0o700 });
	const lock = new FolderLock(path);
	const part = join(path, "restored.db");
	try {
		for (const end of ["", ...BESIDE]) rmSync(part + end, { force: true });
		createFile(part, "", 0o600);
		copyFileSync(backup, part);
		const store = await openBackup(part, backup);
		try {
			if ((await store.facts.get("site")) === undefined) throw noBackup(backup);
			await store.facts.set("restored", now);
			// Into the file itself, which is all that is moved.
			const database = new Libsql(part);
			database.pragma("wal_checkpoint(TRUNCATE)");
			database.close();
		} finally {
			await store.close();
		}
		const target = join(path, STORE);
		const before = existsSync(target) ? join(path, `before-${now}.db`) : undefined;
		if (before !== undefined) move(target, before);
		renameSync(part, target);
		return { before };
	} finally {
		// Of one that is not taken nothing stays: it may have people's names.
		for (const end of ["", ...BESIDE]) rmSync(part + end, { force: true });
		lock.release();
	}
}

/** A database was brought back from a backup by its own tools: the server knows then that doors may be ahead of it. */
export async function markRestored(place: string, now: number): Promise<void> {
	await withStore(
		place,
		async (store) => {
			if ((await store.facts.get("site")) === undefined)
				throw new Failure(
					"input",
					"no-backup",
					"the database is no server's store",
					"Restore its backup first.",
				);
			await store.facts.set("restored", now);
		},
		place,
	);
}

/** `part`: the copy of it. */
async function openBackup(part: string, backup: string): Promise<SiteStore> {
	try {
		return await openStore(part);
	} catch (error) {
		throw error instanceof Failure && error.reason === "damaged-store" ? noBackup(backup) : error;
	}
}

function noBackup(backup: string): Failure {
	return new Failure(
		"input",
		"no-backup",
		`${backup} is no server's backup, or is damaged`,
		"Give another file.",
	);
}
