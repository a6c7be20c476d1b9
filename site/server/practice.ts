// SPDX-License-Identifier: Apache-2.0

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Crypto } from "../../protocol/crypto.js";
import { readKeys, replaceLists, writeKeys } from "../lib/keys.js";
import { INSTALL_LIFE, newSeed, newSite } from "../lib/new-site.js";
import { serverKey } from "../lib/server-key.js";
import { createSite, siteFiles } from "../lib/site-files.js";
import type { SiteKeys } from "../lib/site-keys.js";
import { withKey } from "../lib/trust/next.js";
import { signNext } from "../lib/trust/sign.js";

const SITE = "PRACTICE";
/** Of the root's key, which is no secret in a site to try things out with. */
export const PRACTICE_PASSPHRASE = "practice makes perfect";

/** Names of the files of a site to try things out with. */
export function practiceFiles(folder: string): { readonly folder: string; readonly key: string } {
	return { folder: join(folder, "practice"), key: join(folder, "practice", "server-key.json") };
}

/** Keys of a practice site's server. The first time it makes the site, with the files that `lintel site init` and `site key` write. */
export function practiceKeys(folder: string, now: number, crypto: Crypto): SiteKeys {
	const files = practiceFiles(folder);
	if (!existsSync(files.key)) {
		mkdirSync(files.folder, { recursive: true, mode: 0o700 });
		const paths = siteFiles(files.folder);
		const made = newSite(SITE, { now, installUntil: now + INSTALL_LIFE }, crypto);
		createSite(paths, made, PRACTICE_PASSPHRASE, crypto);
		const seed = newSeed();
		const { publicKey } = crypto.ed25519KeyPair(seed);
		const key = serverKey(publicKey, now);
		const lists = signNext(made, withKey(made.trust, key, now), [made.root], crypto);
		writeKeys(files.key, [seed], lists);
		replaceLists(paths.lists, made, lists, crypto);
	}
	return readKeys(files.key, crypto);
}
