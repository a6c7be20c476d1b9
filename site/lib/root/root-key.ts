// SPDX-License-Identifier: Apache-2.0

/** `root-key.json`: a root's key at rest, which its passphrase opens. */
import type { Crypto } from "../../../protocol/crypto.js";
import { refuseExisting } from "../files/create-file.js";
import { Failure } from "../files/failure.js";
import { nameOf } from "../files/name-of.js";
import { createSecret, replaceSecret } from "../files/secret-file.js";
import { checkPassphrase, passphraseBytes } from "./passphrase.js";
import type { Root } from "./root.js";
import { readRootFile, sealRoot, unsealRoot } from "./root-file.js";
import { PASSPHRASE_N } from "./scrypt-cost.js";

/** Writes a new file. Throws `Failure`. `N`: of scrypt. */
export function createRootKey(
	path: string,
	root: Root,
	passphrase: string,
	crypto: Crypto,
	N = PASSPHRASE_N,
): void {
	refuseExisting(path);
	createSecret(path, seal(root, passphrase, crypto, N));
}

/** Throws `Failure`, `wrong-passphrase` and those of `readRootFile`. */
export function openRootKey(path: string, passphrase: string, crypto: Crypto): Root {
	const file = readRootFile("root-key", path, crypto);
	const root = unsealRoot(file, passphraseBytes(passphrase), crypto);
	if (root !== undefined) return root;
	throw new Failure(
		"input",
		"wrong-passphrase",
		`this passphrase does not open ${nameOf(path)}`,
		"Look at Caps Lock and the keyboard's layout. Where it is forgotten, `lintel site recover` makes a new file from a backup.",
	);
}

/**
 * Puts a file with another passphrase in place of the one there. A copy of the old file still opens by the old passphrase: only
 * a new root ends that.
 */
export function changePassphrase(
	path: string,
	from: string,
	to: string,
	crypto: Crypto,
	N = PASSPHRASE_N,
): void {
	replaceSecret(path, seal(openRootKey(path, from, crypto), to, crypto, N));
}

function seal(root: Root, passphrase: string, crypto: Crypto, N: number): string {
	checkPassphrase(passphrase);
	return sealRoot("root-key", root, passphraseBytes(passphrase), N, crypto);
}
