// SPDX-License-Identifier: Apache-2.0

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { fromHex, toHex } from "../../protocol/bytes.js";

/** Where notices are kept besides the store. */
export interface NoticeArchive {
	/** Durable when it returns. */
	append(notices: readonly Uint8Array[]): void;
	/** All that can be read; each proves itself by its signature. */
	read(): Uint8Array[];
}

/**
 * Each revocation notice as a line of a file that no backup has and no restore replaces: a server whose store is brought back from
 * yesterday finds today's revocations in it.
 */
export class NoticeFile implements NoticeArchive {
	readonly #path: string;

	constructor(path: string) {
		this.#path = path;
	}

	append(notices: readonly Uint8Array[]): void {
		const file = openSync(this.#path, "a", 0o600);
		try {
			writeSync(file, notices.map((notice) => `${toHex(notice)}\n`).join(""));
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
	}

	read(): Uint8Array[] {
		if (!existsSync(this.#path)) return [];
		// The last line may be torn.
		const lines = readFileSync(this.#path, "latin1").split("\n");
		return lines.filter((line) => /^([0-9a-f]{2})+$/.test(line)).map(fromHex);
	}
}
