// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../../protocol/crypto.js";
import type { Role } from "../../protocol/trust/list.js";
import type { SiteLists } from "./keys-text.js";
import { randomBytes } from "./random.js";
import { newRoot, type Root, SEED_LENGTH } from "./root/root.js";
import type { KeyModel } from "./trust/model.js";
import { signFirst } from "./trust/sign.js";

/** Life of the key with which an administrator works on readers where nothing else is said, s. */
export const INSTALL_LIFE = 366 * 86_400;

/** What a new site has: its root, and the seeds of its first administrator's keys. */
export interface NewSite extends SiteLists {
	readonly root: Root;
	readonly seeds: readonly Uint8Array[];
}

export interface NewSiteOptions {
	/** Seconds since 1970. */
	readonly now: number;
	/** When the key ends with which its administrator works on readers. */
	readonly installUntil: number;
	/** Of the key for all that an office signs. */
	readonly officeSeed?: Uint8Array;
	/** What that is. */
	readonly office?: readonly Role[];
	/** Keys of others. */
	readonly others?: readonly KeyModel[];
}

/** What an office signs of a site without a server. */
const OFFICE: readonly Role[] = Object.freeze(["issue", "plan", "commission"]);

/** RangeError where `site` is no site's identifier. */
export function newSite(
	site: string,
	{ installUntil, now, office: roles = OFFICE, officeSeed = newSeed(), others = [] }: NewSiteOptions,
	crypto: Crypto,
): NewSite {
	const root = newRoot(site, crypto);
	const seeds = [officeSeed, newSeed()];
	const [office, install] = seeds.map((seed) => crypto.ed25519KeyPair(seed).publicKey);
	const first = signFirst(
		{
			...{ site, version: 1, epoch: 1, issued: now, threshold: 1, roots: [root.publicKey], revoked: [] },
			keys: [
				{ publicKey: office!, roles },
				{ publicKey: install!, roles: ["install"], until: installUntil },
				...others,
			],
		},
		root,
		crypto,
	);
	return { ...first, root, seeds };
}

export function newSeed(): Uint8Array {
	return randomBytes(SEED_LENGTH);
}
