// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type SiteStore } from "../../../../site/server/store/store.js";

/** An engine that the store's specs run on, with a database of its own. */
export interface Engine {
	readonly name: string;
	/** Opens the database, again too. */
	open(): Promise<SiteStore>;
	end(): Promise<void>;
}

export function sqlite(): Engine & { readonly file: string } {
	const folder = mkdtempSync(join(tmpdir(), "lintel-store-"));
	const file = join(folder, "site.db");
	return {
		name: "SQLite",
		file,
		open: () => openStore(file),
		end: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

export const ENGINES: readonly (() => Engine)[] = [sqlite];
