// SPDX-License-Identifier: Apache-2.0

/**
 * A site's keys as the texts of files: `site.json` has the trust lists, which are public; `site-key.json` a person's keys with the
 * lists that say what they may do. `keys.ts` has the files; pages have none.
 */
import { equal, fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA, type PublicKey } from "../../protocol/credential/cose.js";
import type { Crypto } from "../../protocol/crypto.js";
import { type ListRefusal, openList } from "../../protocol/trust/envelope.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { Failure } from "./files/failure.js";
import { nameOf } from "./files/name-of.js";
import { isPublicKey } from "./public-key.js";
import type { SiteKeys } from "./site-keys.js";

/** A seed of Ed25519, in hexadecimal. */
const SEED = /^[0-9a-f]{64}$/;
/** A signed list, in hexadecimal. */
const LIST = /^([0-9a-f]{2}){1,4096}$/;
/** Keys in a file at most. */
export const MAX_KEYS = 16;
/** A site's lists, each as its roots signed it, from the first on; the newest is `trust`. */
export interface SiteLists {
	readonly lists: readonly Uint8Array[];
	readonly trust: TrustList;
}

export function listsText(site: string, lists: readonly Uint8Array[]): string {
	return `${JSON.stringify({ site, lists: lists.map(toHex) }, null, "\t")}\n`;
}

export function keysText(seeds: readonly Uint8Array[], { lists, trust }: SiteLists): string {
	const keys = seeds.map((seed) => ({ algorithm: "Ed25519", seed: toHex(seed) }));
	return `${JSON.stringify({ site: trust.site, keys, lists: lists.map(toHex) }, null, "\t")}\n`;
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
	if (seeds.length === 0 || seeds.length > MAX_KEYS || !seeds.every(isSeed))
		throw new Failure(
			"input",
			"bad-key",
			`${nameOf(path)} is no key file`,
			"Give the site-key.json that `lintel site init` wrote, or a file of `lintel site key`.",
		);
	const own = listsIn({ site, lists }, path, crypto);
	return {
		...own,
		site: own.trust.site,
		keys: seeds.map((one) => crypto.ed25519KeyPair(fromHex(one))),
	};
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

/** The lists of a file's content; `path` is its name for people. Throws `Failure`. */
export function listsIn(
	{ keys, lists, site }: Record<string, unknown>,
	path: string,
	crypto: Crypto,
): SiteLists {
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

export function isSeed(value: unknown): value is string {
	return isHex(value, SEED);
}

function isHex(value: unknown, form: RegExp): value is string {
	return typeof value === "string" && form.test(value);
}
