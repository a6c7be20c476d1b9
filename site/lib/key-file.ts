// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import { Failure } from "./files/failure.js";
import { replaceSecret } from "./files/secret-file.js";
import { readText } from "./files/text-file.js";
import { MAX_SIZE, readKeys } from "./keys.js";
import { goesOn, keysText, MAX_KEYS, type SiteLists } from "./keys-text.js";

/** A person's key file that gets one key more. */
export class KeyFile {
	readonly #path: string;
	readonly #before: string;
	readonly #seeds: readonly Uint8Array[];
	#added = "";

	/** Throws `Failure` where it has no room, or its lists are not the first ones of `site`. */
	constructor(path: string, site: SiteLists, crypto: Crypto) {
		const own = readKeys(path, crypto);
		const { keys } = own;
		this.#path = path;
		this.#before = readText(path, "the key file", MAX_SIZE);
		this.#seeds = keys.map(({ secretKey }) => secretKey.subarray(0, 32));
		if (!goesOn(site, own))
			throw new Failure(
				"input",
				"other-lists",
				`${path} has other trust lists than the site's file`,
				"Give a key file of that site, and the site's newest site.json.",
			);
		if (keys.length === MAX_KEYS)
			throw new Failure(
				"input",
				"too-many-keys",
				`${path} has ${MAX_KEYS} keys, and has room for no more`,
				"Give --out in place of --add: a file of its own.",
			);
	}

	/** Throws `Failure`, also where another process has put a key there since, which would be lost. */
	add(seed: Uint8Array, lists: SiteLists): void {
		this.#replace(this.#before, keysText([...this.#seeds, seed], lists));
	}

	/** The file is as it was. */
	restore(): void {
		this.#replace(this.#added, this.#before);
	}

	#replace(before: string, after: string): void {
		const check = (): void => {
			if (readText(this.#path, "the key file", MAX_SIZE) === before) return;
			throw new Failure(
				"input",
				"changed-keys",
				`${this.#path} has got other keys meanwhile`,
				"Give the command again.",
			);
		};
		replaceSecret(this.#path, after, check);
		this.#added = after;
	}
}
