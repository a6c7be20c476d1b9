// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import Libsql from "libsql";
import { Failure } from "../lib/files/failure.js";

/** Keeps a folder for one process: by a lock of the operating system, which goes with the process however it ends. */
export class FolderLock {
	readonly #database: Libsql.Database;

	/** Throws `Failure` where another process has it. */
	constructor(folder: string) {
		this.#database = new Libsql(join(folder, "lock"), { timeout: 0 });
		try {
			this.#database.exec("BEGIN EXCLUSIVE");
		} catch (error) {
			this.#database.close();
			if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
			throw new Failure(
				"input",
				"in-use",
				`another server works in ${folder}`,
				"Stop that one first, or give --data another folder.",
			);
		}
	}

	release(): void {
		this.#database.close();
	}
}
