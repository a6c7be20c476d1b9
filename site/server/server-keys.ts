// SPDX-License-Identifier: Apache-2.0

import { existsSync } from "node:fs";
import { join } from "node:path";
import { equal } from "../../protocol/bytes.js";
import type { Crypto, KeyPair } from "../../protocol/crypto.js";
import { openList } from "../../protocol/trust/envelope.js";
import type { KeyRefusal, TrustList } from "../../protocol/trust/list.js";
import { Failure } from "../lib/files/failure.js";
import { parseJson } from "../lib/files/json-text.js";
import { readKeys, readLists, replaceLists, writeLists } from "../lib/keys.js";
import { goesOn, keysIn, type SiteLists } from "../lib/keys-text.js";
import { keyFor, type SigningKey, type SiteKeys } from "../lib/site-keys.js";
import { OwnKeys, refuseReadable } from "./own-keys.js";

/** What a server signs and proves itself with: it does not start without. */
const ROLES = ["sync", "plan"] as const;
/** Besides, where the site lets it: credentials of phones. */
type ServerRole = (typeof ROLES)[number] | "issue";
/** From so long before a key's end a server says so, s. */
export const WARN_S = 14 * 86_400;

/** The key file's content in the environment, where there is no file. */
export const KEY_VARIABLE = "LINTEL_SITE_KEY";

/** Keys of a file that is for its owner alone, or of the environment's `content`, if any. Throws `Failure`. */
export function readServerKeys(
	path: string | undefined,
	content: string | undefined,
	crypto: Crypto,
): SiteKeys | undefined {
	if (path === undefined)
		return content === undefined
			? undefined
			: keysIn(parseJson(content, "the key", KEY_VARIABLE), KEY_VARIABLE, crypto);
	const keys = readKeys(path, crypto);
	refuseReadable(path);
	return keys;
}

/** Of a folder whose site was made elsewhere. */
export function noKey(): Failure {
	return new Failure(
		"usage",
		"no-key",
		"the folder has a site, and the server needs keys of it with the roles sync and plan",
		`Give --site-key a file of them, or its content in ${KEY_VARIABLE}: \`lintel site key --role sync plan --until DATE --out server-key.json\`, DATE within 90 days. A new site begins in an empty folder: --data FOLDER.`,
	);
}

/** A server's keys and its site's trust lists, which it keeps in its folder and takes newer ones of. */
export class ServerKeys {
	readonly site: string;
	readonly #path: string;
	readonly #crypto: Crypto;
	readonly #own: OwnKeys;
	#keys: SiteKeys;
	/** What the folder has. */
	#kept: SiteLists | undefined;

	/** Reads what the folder has and writes nothing. Throws `Failure` where its lists and the keys' are of two histories. */
	constructor(folder: string, given: SiteKeys, crypto: Crypto) {
		this.site = given.site;
		this.#path = join(folder, "site.json");
		this.#crypto = crypto;
		this.#own = new OwnKeys(folder, crypto);
		this.#keys = given;
		const made = this.#own.read();
		if (made !== undefined) {
			this.#goOn(folder, made);
			this.#add(made.keys);
		}
		if (!existsSync(this.#path)) return;
		this.#kept = readLists(this.#path, crypto);
		this.#goOn(folder, this.#kept);
	}

	/** Takes the longer of two histories. */
	#goOn(folder: string, lists: SiteLists): void {
		if (lists.trust.site !== this.site) throw otherSite(folder, lists.trust.site, this.site);
		const [more, fewer] = lists.lists.length > this.lists.length ? [lists, this.#keys] : [this.#keys, lists];
		if (!goesOn(more, fewer))
			throw new Failure(
				"input",
				"other-lists",
				`${folder} has other trust lists of site ${this.site} than the key`,
				"Two lists with one number were signed: compare `lintel site show` with the site's administrators, and keep the folder of another site apart.",
			);
		this.#take(more);
	}

	/** In front of those that are there: the newest works. */
	#add(keys: readonly KeyPair[]): void {
		const others = this.#keys.keys.filter(
			({ publicKey }) => !keys.some((key) => equal(key.publicKey, publicKey)),
		);
		this.#keys = { ...this.#keys, keys: [...keys, ...others] };
	}

	/** The public half of the key that the next list is to name for this server. */
	next(): Uint8Array {
		return this.#own.next();
	}

	/** Writes the newest list into the folder, where it is not there yet; the server's next key works from the list on that names it. */
	save(): void {
		const { lists, trust } = this.#keys;
		const adopted = this.#own.adopt({ lists, trust });
		if (adopted !== undefined) this.#add([adopted]);
		if (this.#kept === undefined) writeLists(this.#path, { lists, trust });
		else if (this.#kept.lists.length < lists.length)
			replaceLists(this.#path, this.#kept, { lists, trust }, this.#crypto);
		this.#kept = { lists, trust };
	}

	get keys(): SiteKeys {
		return this.#keys;
	}

	get trust(): TrustList {
		return this.#keys.trust;
	}

	get lists(): readonly Uint8Array[] {
		return this.#keys.lists;
	}

	/** Throws `Failure`: the key has ended, or the newest list gives it the role no more. */
	key(role: ServerRole, now: number): SigningKey {
		const found = keyFor(this.#keys, role, undefined, now, this.#crypto);
		if (typeof found !== "string") return found;
		throw new Failure(
			"refused",
			found,
			`the server has no key with the role ${role} that is good: ${WHY[found]}`,
			"Who has the site's root makes one by `lintel site key --role sync plan --until DATE --out server-key.json`, DATE within 90 days; start the server with it.",
		);
	}

	/** Throws as `key` does. */
	check(now: number): void {
		for (const role of ROLES) this.key(role, now);
	}

	/** When the first of the keys that the server works with ends, seconds since 1970. */
	end(now: number): number {
		const ends = ROLES.map((role) => this.trust.findKey(this.key(role, now).publicKey)?.until ?? 0);
		return Math.min(...ends.filter((until) => until > 0), Number.MAX_SAFE_INTEGER);
	}

	/** The same; `none` where there is no good key. */
	endOr(none: number, now: number): number {
		try {
			return this.end(now);
		} catch (error) {
			if (error instanceof Failure) return none;
			throw error;
		}
	}

	/** Takes the list that follows. Throws `Failure` with the reader's own reason where it does not. */
	takeList(signed: Uint8Array): TrustList {
		const opened = openList(signed, this.trust, this.#crypto);
		if (typeof opened === "string")
			throw new Failure(
				"refused",
				opened,
				"the list does not follow the site's newest one",
				"Bring the lists one by one, each signed by the root: those of the site.json that `lintel site key` and `revoke` write.",
			);
		this.#take({ lists: [...this.lists, signed], trust: opened });
		this.save();
		return opened;
	}

	#take({ lists, trust }: SiteLists): void {
		this.#keys = { ...this.#keys, lists, trust };
	}
}

const WHY: Readonly<Record<KeyRefusal, string>> = Object.freeze({
	"key-ended": "its end has come",
	"key-stolen": "the site has revoked it as stolen",
	"wrong-role": "the key file has none",
	"beyond-limits": "it is not for these doors",
});

export function otherSite(folder: string, is: string, key: string): Failure {
	return new Failure(
		"input",
		"other-site",
		`${folder} is of site ${is}, the key of site ${key}`,
		"Give --data another folder, or --site-key the key of that site.",
	);
}
