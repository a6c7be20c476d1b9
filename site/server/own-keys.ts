// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromHex, toHex } from "../../protocol/bytes.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { replaceFile } from "../lib/files/create-file.js";
import { Failure } from "../lib/files/failure.js";
import { parseJson } from "../lib/files/json-text.js";
import { createSecret } from "../lib/files/secret-file.js";
import { readKeys } from "../lib/keys.js";
import { isSeed, keysText, MAX_KEYS, type SiteLists } from "../lib/keys-text.js";
import { newSeed } from "../lib/new-site.js";
import type { SiteKeys } from "../lib/site-keys.js";

/**
 * Keys that a server has made itself, in its folder: `server-key.json` those that a trust list names, `next-key.json` the one that none
 * names yet. The secret halves leave the folder by no way.
 */
export class OwnKeys {
	readonly #listed: string;
	readonly #next: string;
	readonly #crypto: Crypto;

	constructor(folder: string, crypto: Crypto) {
		this.#listed = join(folder, "server-key.json");
		this.#next = join(folder, "next-key.json");
		this.#crypto = crypto;
	}

	/** Those that are listed, with the lists of when they came. Throws `Failure`. */
	read(): SiteKeys | undefined {
		if (!existsSync(this.#listed)) return undefined;
		refuseReadable(this.#listed);
		return readKeys(this.#listed, this.#crypto);
	}

	/** The public half of the next; it is made where there is none. */
	next(): Uint8Array {
		const known = this.#readNext();
		if (known !== undefined) return known.publicKey;
		const seed = newSeed();
		createSecret(this.#next, `${JSON.stringify({ algorithm: "Ed25519", seed: toHex(seed) }, null, "\t")}\n`);
		return this.#crypto.ed25519KeyPair(seed).publicKey;
	}

	/** Puts the next one to the listed, where a list names it now. */
	adopt(lists: SiteLists): KeyPair | undefined {
		const next = this.#readNext();
		if (next === undefined || lists.trust.findKey(next.publicKey) === undefined) return undefined;
		const before = this.read()?.keys;
		const all = [next, ...(before ?? [])].filter(
			(key) => lists.trust.findKey(key.publicKey)?.state === "good",
		);
		const text = keysText(all.slice(0, MAX_KEYS).map(seedOf), lists);
		if (before === undefined) createSecret(this.#listed, text);
		else replaceFile(this.#listed, text, { mode: 0o600 });
		rmSync(this.#next);
		return next;
	}

	#readNext(): KeyPair | undefined {
		if (!existsSync(this.#next)) return undefined;
		refuseReadable(this.#next);
		const { seed } = parseJson(readFileSync(this.#next, "utf8"), "the server's next key", this.#next);
		if (isSeed(seed)) return this.#crypto.ed25519KeyPair(fromHex(seed));
		throw new Failure(
			"input",
			"bad-key",
			`${this.#next} is no key`,
			"Remove it: no trust list names it yet, and the server makes another.",
		);
	}
}

function seedOf({ secretKey }: KeyPair): Uint8Array {
	return secretKey.subarray(0, 32);
}

/** Refuses a key that others on this computer can read. Throws `Failure`. */
export function refuseReadable(path: string): void {
	if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
	throw new Failure(
		"input",
		"key-readable",
		`${path} can be read by others on this computer`,
		`Give it to its owner alone: \`chmod 600 ${path}\`.`,
	);
}
