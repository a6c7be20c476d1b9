// SPDX-License-Identifier: Apache-2.0

/** `root-backup.json`: a root's key for the day on which its passphrase or file is lost; a recovery code opens it. */
import { utf8Encode } from "../../../protocol/bytes.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { refuseExisting } from "../files/create-file.js";
import { Failure } from "../files/failure.js";
import { nameOf } from "../files/name-of.js";
import { createSecret } from "../files/secret-file.js";
import { newRecoveryCode, parseRecoveryCode } from "./recovery-code.js";
import type { Root } from "./root.js";
import { readRootFile, sealRoot, unsealRoot } from "./root-file.js";
import { MIN_N } from "./scrypt-cost.js";

/** Writes a new file; the code that opens it, which is kept nowhere. Throws `Failure`. */
export function createBackup(path: string, root: Root, crypto: Crypto, code = newRecoveryCode()): string {
	refuseExisting(path);
	// At 2^140 codes a guess need not be slow; it has to be for passphrases, which people make up.
	createSecret(path, sealRoot("root-backup", root, utf8Encode(code), MIN_N, crypto));
	return code;
}

/** Throws `Failure`: `wrong-code`, and those of `parseRecoveryCode` and `readRootFile`. */
export function openBackup(path: string, code: string, crypto: Crypto): Root {
	const file = readRootFile("root-backup", path, crypto);
	const root = unsealRoot(file, utf8Encode(parseRecoveryCode(code)), crypto);
	if (root !== undefined) return root;
	throw new Failure(
		"input",
		"wrong-code",
		`this recovery code does not open ${nameOf(path)}`,
		"It is another backup's: each has a code of its own.",
	);
}
