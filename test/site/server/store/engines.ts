// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { openStore, type SiteStore } from "../../../../site/server/store/store.js";
import { Postgres } from "../../../support/postgres.js";

/** An engine that the store's specs run on, with a database of its own. */
export interface Engine {
	/** As `openStore` takes it. */
	readonly place: string;
	/** Opens the database, again too. */
	open(): Promise<SiteStore>;
	end(): Promise<void>;
}

export function sqlite(): Engine {
	const folder = mkdtempSync(join(tmpdir(), "lintel-store-"));
	const place = join(folder, "site.db");
	return {
		place,
		open: () => openStore(place),
		end: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

/** Databases of a server that runs while a spec's file does. */
export function postgres(): EngineServer {
	let server: Postgres | undefined;
	return {
		name: "PostgreSQL",
		start: async (context) => {
			server = await Postgres.start(context);
		},
		make: async () => {
			const place = await server!.database();
			return { place, open: () => openStore(place), end: async () => undefined };
		},
		stop: async () => server?.stop(),
	};
}

/** What has to run around the specs of an engine. */
export interface EngineServer {
	readonly name: string;
	/** Skips the specs where it is not installed. */
	start(context: Context): Promise<void>;
	make(): Promise<Engine>;
	stop(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

export const ENGINES: readonly EngineServer[] = [
	{ name: "SQLite", start: nothing, make: async () => sqlite(), stop: nothing },
	postgres(),
];
