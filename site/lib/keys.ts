// SPDX-License-Identifier: Apache-2.0

import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromHex } from "../../protocol/bytes.js";
/** A site's keys as files; `keys-text.ts` has what stands in them. */
import { isSiteId } from "../../protocol/credential/names.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { Role } from "../../protocol/trust/list.js";
import { createFile, replaceFile } from "./files/create-file.js";
import { Failure } from "./files/failure.js";
import { refuseInline } from "./files/inline-key.js";
import { readJson } from "./files/json-file.js";
import { nameOf } from "./files/name-of.js";
import { createSecret } from "./files/secret-file.js";
import { goesOn, isSeed, keysIn, keysText, listsIn, listsText, type SiteLists } from "./keys-text.js";
import { keyFor, type SigningKey, type SiteKeys } from "./site-keys.js";

/** Largest file with lists, bytes. They only grow in number: some 4,500 of the greatest size. */
export const MAX_SIZE = 20_000_000;

/** Writes the public file, which may not exist. Throws `Failure`. */
export function writeLists(path: string, { lists, trust }: SiteLists): void {
	createFile(path, listsText(trust.site, lists));
}

/**
 * Puts a newer list into the public file. Throws `Failure` where another process has put one there since `before` was read: a
 * reader takes either, and never the other any more.
 */
export function replaceLists(path: string, before: SiteLists, after: SiteLists, crypto: Crypto): void {
	const check = (): void => {
		if (readLists(path, crypto).lists.length === before.lists.length) return;
		throw new Failure(
			"input",
			"changed-lists",
			`${path} has got another list meanwhile`,
			"Give the command again.",
		);
	};
	replaceFile(path, listsText(after.trust.site, after.lists), { check });
}

/** Writes a person's keys for their owner alone; the file may not exist. Throws `Failure`. */
export function writeKeys(path: string, seeds: readonly Uint8Array[], lists: SiteLists): void {
	createSecret(path, keysText(seeds, lists));
}

/** A person's keys from a file or standard input (`-`), with the newer lists of a site.json beside it. Throws `Failure`. */
export function readKeys(path: string, crypto: Crypto): SiteKeys {
	refuseInline(path);
	const own = keysIn(readJson(path, "the key file", MAX_SIZE), path, crypto);
	return { ...own, ...newest(own, path, crypto) };
}

/** The one key of a site in a file of a `lintel` before trust lists. Throws `Failure`. */
export function readOldKey(path: string): { site: string; seed: Uint8Array } {
	refuseInline(path);
	const { algorithm, keys, seed, service, site } = readJson(path, "the key file");
	const isOld = isSiteId(site) && algorithm === "Ed25519" && isSeed(seed);
	if (isOld && service === undefined) return { site, seed: fromHex(seed) };
	throw new Failure(
		"input",
		"not-old",
		isOld
			? `${nameOf(path)} is an installer's key, not the site's`
			: `${nameOf(path)} is no site's key of an older lintel`,
		isOld
			? "Give the site's; then make the installer's anew by `lintel site key --role install`."
			: keys === undefined
				? "Give the site-key.json that `lintel site init` of that lintel wrote."
				: "It has keys with roles already: there is nothing to do.",
	);
}

/** The lists of a site.json. Throws `Failure`. */
export function readLists(path: string, crypto: Crypto): SiteLists {
	return listsIn(readJson(path, "the site's trust lists", MAX_SIZE), path, crypto);
}

/** Those of the key file, or of a site.json beside it that goes on from them. */
function newest(own: SiteLists, keyPath: string, crypto: Crypto): SiteLists {
	const path = join(dirname(keyPath), "site.json");
	if (keyPath === "-" || !existsSync(path)) return own;
	const beside = readLists(path, crypto);
	if (beside.trust.site !== own.trust.site) return own;
	const [more, fewer] = beside.lists.length > own.lists.length ? [beside, own] : [own, beside];
	if (goesOn(more, fewer)) return more;
	throw new Failure(
		"input",
		"other-lists",
		`${path} has other trust lists of site ${own.trust.site} than ${nameOf(keyPath)}`,
		"Where one is of another site with the same name, keep them in folders of their own. Else two lists with one number were signed, and one is a forgery or a mistake: compare `lintel site show` with the site's administrators.",
	);
}

/** Removes a secret that nothing believes: it would only be in the way of the next attempt. */
export function withdraw(path: string): void {
	rmSync(path, { force: true });
}

const WHY = Object.freeze({
	"wrong-role": (role: Role) => `has no key with the role "${role}"`,
	"key-ended": (role: Role) =>
		`has a key with the role "${role}", which has ended (this computer's clock says ${new Date().toISOString().slice(0, 16)}Z)`,
	"key-stolen": (role: Role) => `has a key with the role "${role}", which the site has revoked as stolen`,
	"beyond-limits": (role: Role) => `has a key with the role "${role}", but not for this door`,
} as const);

/** The key of a file that has `role` at `door`, or at any where none is given. Throws `Failure`, which names the role. */
export function keyWith(
	keys: SiteKeys,
	role: Role,
	door: string | undefined,
	path: string,
	crypto: Crypto,
): SigningKey {
	const found = keyFor(keys, role, door, Date.now() / 1000, crypto);
	if (typeof found !== "string") return found;
	throw new Failure(
		"refused",
		found,
		`${nameOf(path)} ${WHY[found](role)}`,
		`Give --site-key a file with such a key. Who has the site's root makes one by \`lintel site key --role ${role}\`.`,
	);
}
