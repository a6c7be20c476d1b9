// SPDX-License-Identifier: Apache-2.0

import { statSync } from "node:fs";
import { join } from "node:path";
import type { Crypto } from "../../protocol/crypto.js";
import { refuseExisting } from "./files/create-file.js";
import { refuseSecret } from "./files/secret-file.js";
import { withdraw, writeKeys, writeLists } from "./keys.js";
import type { NewSite } from "./new-site.js";
import { createRootKey } from "./root/root-key.js";

/** Names of a new site's files. */
export interface SiteFiles {
	/** The root's key. */
	readonly root: string;
	/** The administrator's keys. */
	readonly keys: string;
	/** The trust lists. */
	readonly lists: string;
}

/** Throws `Failure` where one of them cannot be created. */
export function siteFiles(folder: string): SiteFiles {
	const at = (name: string): string => join(folder, name);
	const files = { root: at("root-key.json"), keys: at("site-key.json"), lists: at("site.json") };
	statSync(join(folder, "."));
	for (const path of Object.values(files)) refuseExisting(path);
	refuseSecret(files.root);
	refuseSecret(files.keys);
	return files;
}

/** Writes all files or none; what readers are to believe is the last. Throws `Failure`. `N`: of the root's scrypt. */
export function createSite(
	files: SiteFiles,
	site: NewSite,
	passphrase: string,
	crypto: Crypto,
	N?: number,
): void {
	allOrNone([
		[files.root, (path) => createRootKey(path, site.root, passphrase, crypto, N)],
		[files.keys, (path) => writeKeys(path, site.seeds, site)],
		[files.lists, (path) => writeLists(path, site)],
	]);
}

/** A file to write. `undo`: what takes it back, where the file was there before. */
type Written = readonly [path: string, write: (path: string) => void, undo?: (() => void) | undefined];

/** Writes files in this order; where one fails, those before it go, or are as they were. */
export function allOrNone(files: readonly Written[]): void {
	const written: Written[] = [];
	try {
		for (const file of files) {
			const [path, write] = file;
			write(path);
			written.push(file);
		}
	} catch (error) {
		for (const [path, , undo] of written) {
			if (undo === undefined) withdraw(path);
			else undo();
		}
		throw error;
	}
}
