// SPDX-License-Identifier: Apache-2.0

import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { equal, fromHex, toHex } from "../../protocol/bytes.js";
/**
 * A site's keys as files: `site.json` has the trust lists, which are public; `site-key.json` a person's keys with the lists that say
 * what they may do.
 */
import { EDDSA, type PublicKey } from "../../protocol/credential/cose.js";
import { isSiteId } from "../../protocol/credential/names.js";
import type { Crypto } from "../../protocol/crypto.js";
import { type ListRefusal, openList } from "../../protocol/trust/envelope.js";
import type { Role, TrustList } from "../../protocol/trust/list.js";
import { createFile, replaceFile } from "./files/create-file.js";
import { Failure } from "./files/failure.js";
import { refuseInline } from "./files/inline-key.js";
import { readJson } from "./files/json-file.js";
import { createSecret } from "./files/secret-file.js";
import { nameOf } from "./files/text-file.js";
import { isPublicKey } from "./public-key.js";
import { keyFor, type SigningKey, type SiteKeys } from "./site-keys.js";

/** A seed of Ed25519, in hexadecimal. */
const SEED = /^[0-9a-f]{64}$/;
/** A signed list, in hexadecimal. */
const LIST = /^([0-9a-f]{2}){1,4096}$/;
/** Keys in a file at most. */
export const MAX_KEYS = 16;
/** Largest file with lists, bytes. They only grow in number: some 4,500 of the greatest size. */
export const MAX_SIZE = 20_000_000;

/** A site's lists, each as its roots signed it, from the first on; the newest is `trust`. */
export interface SiteLists {
	readonly lists: readonly Uint8Array[];
	readonly trust: TrustList;
}

/** Writes the public file, which may not exist. Throws `Failure`. */
export function writeLists(path: string, { lists, trust }: SiteLists): void {
	createFile(path, listsText(trust.site, lists));
}

export function listsText(site: string, lists: readonly Uint8Array[]): string {
	return `${JSON.stringify({ site, lists: lists.map(toHex) }, null, "\t")}\n`;
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

export function keysText(seeds: readonly Uint8Array[], { lists, trust }: SiteLists): string {
	const keys = seeds.map((seed) => ({ algorithm: "Ed25519", seed: toHex(seed) }));
	return `${JSON.stringify({ site: trust.site, keys, lists: lists.map(toHex) }, null, "\t")}\n`;
}

/** A person's keys from a file or standard input (`-`), with the newer lists of a site.json beside it. Throws `Failure`. */
export function readKeys(path: string, crypto: Crypto): SiteKeys {
	refuseInline(path);
	const own = keysIn(readJson(path, "the key file", MAX_SIZE), path, crypto);
	return { ...own, ...newest(own, path, crypto) };
}

/** The keys of a file's content, with its own lists; `path` is its name for people. Throws `Failure`. */
export function keysIn(content: Record<string, unknown>, path: string, crypto: Crypto): SiteKeys {
	const { site, keys, lists, seed } = content;
	if (seed !== undefined)
		throw new Failure(
			"input",
			"old-key-file",
			`${nameOf(path)} is a key file of an older lintel, whose one key could do everything`,
			"Make keys with roles of it by `lintel site upgrade`.",
		);
	const seeds: unknown[] = Array.isArray(keys)
		? keys.map((key) => (key as { seed?: unknown } | null)?.seed)
		: [];
	if (seeds.length === 0 || seeds.length > MAX_KEYS || !seeds.every((one) => isHex(one, SEED)))
		throw new Failure(
			"input",
			"bad-key",
			`${nameOf(path)} is no key file`,
			"Give the site-key.json that `lintel site init` wrote, or a file of `lintel site key`.",
		);
	const own = listsOf({ site, lists }, path, crypto);
	return {
		...own,
		site: own.trust.site,
		keys: seeds.map((one) => crypto.ed25519KeyPair(fromHex(one as string))),
	};
}

/** The one key of a site in a file of a `lintel` before trust lists. Throws `Failure`. */
export function readOldKey(path: string): { site: string; seed: Uint8Array } {
	refuseInline(path);
	const { algorithm, keys, seed, service, site } = readJson(path, "the key file");
	const isOld = isSiteId(site) && algorithm === "Ed25519" && isHex(seed, SEED);
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
	return listsOf(readJson(path, "the site's trust lists", MAX_SIZE), path, crypto);
}

/** Why a list is not one that follows those before it, in words. */
const UNLISTED: Readonly<Record<ListRefusal, string>> = Object.freeze({
	malformed: "it was changed, or is none",
	"wrong-site": "it is another site's",
	"not-newer": "it is older than the one before it, or the same",
	"skipped-version": "lists before it are missing",
	"skipped-epoch": "its epoch is not the next one",
	older: "its epoch or date is before that of the list before it",
	"not-by-roots": "the roots of the list before it have not signed it",
	"not-by-new-roots": "its own roots have not signed it",
});

/** Whether `more` are the lists of `fewer` and those that followed, if any. */
export function goesOn(more: SiteLists, fewer: SiteLists): boolean {
	return (
		fewer.lists.length <= more.lists.length && fewer.lists.every((list, i) => equal(list, more.lists[i]!))
	);
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

function listsOf({ keys, lists, site }: Record<string, unknown>, path: string, crypto: Crypto): SiteLists {
	if (lists === undefined && Array.isArray(keys) && keys[0]?.publicKey !== undefined)
		throw new Failure(
			"input",
			"old-site-file",
			`${nameOf(path)} is of an older lintel, whose readers had one key to believe`,
			"Make trust lists by `lintel site upgrade`.",
		);
	const bad = (what: string): Failure =>
		new Failure(
			"input",
			"bad-trust",
			`${nameOf(path)} ${what}`,
			"Bring it back, whole, from who has the site's newest site.json or from a copy: it cannot be mended by hand.",
		);
	if (!Array.isArray(lists) || lists.length === 0 || !lists.every((list) => isHex(list, LIST)))
		throw bad("has no trust lists");
	const signed = lists.map((list: string) => fromHex(list));
	let trust: TrustList | undefined;
	for (const [i, list] of signed.entries()) {
		const opened = openList(list, trust, crypto);
		if (typeof opened === "string")
			throw bad(`has no good trust list in place ${i + 1}: ${UNLISTED[opened]}`);
		// What reads the file finds version n in place n, and the site's anchor in the first.
		if (opened.version !== i + 1)
			throw bad(`begins with trust list ${opened.version}: those before it are missing`);
		trust = opened;
	}
	const listed: PublicKey[] = [...trust!.keys];
	for (const publicKey of trust!.roots) listed.push({ algorithm: EDDSA, publicKey });
	if (!listed.every(isPublicKey)) throw bad("has a key that is not Ed25519");
	if (trust!.site !== site) throw bad("has another site's trust lists");
	return { lists: signed, trust: trust! };
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

function isHex(value: unknown, form: RegExp): value is string {
	return typeof value === "string" && form.test(value);
}
