// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { INSTALL_LIFE, type NewSite, newSite } from "../../site/lib/new-site.js";
import { MIN_N } from "../../site/lib/root/scrypt-cost.js";
import { createSite, siteFiles } from "../../site/lib/site-files.js";

export const PASSPHRASE = "lantern copper meadow";

/** A site's files as `lintel site init` makes them, but for a passphrase that costs a guesser nothing. */
export function makeSite(folder: string, name = "ACME"): NewSite {
	const crypto = new NodeCrypto();
	const now = Math.floor(Date.now() / 1000);
	const made = newSite(name, { now, installUntil: now + INSTALL_LIFE }, crypto);
	createSite(siteFiles(folder), made, PASSPHRASE, crypto, MIN_N);
	return made;
}
