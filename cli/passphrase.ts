// SPDX-License-Identifier: Apache-2.0

/**
 * The passphrase of a root's key: typed, or the first line of a file (`--passphrase-file`). An argument is seen by other users
 * and kept by the shell, and the environment is handed to every child. The mode of that file is not looked at: secrets are
 * mounted as 0444 by containers, a pipe has none that means anything, Windows neither; and without root-key.json, which is its
 * owner's alone, a passphrase opens nothing.
 */
import { checkPassphrase } from "../site/lib/root/passphrase.js";
import { readNewSecret, readSecret } from "./prompt.js";

const WHAT = "passphrase of the root's key";

export function readPassphrase(file?: string): Promise<string> {
	return readSecret(file, WHAT);
}

export function readNewPassphrase(file?: string): Promise<string> {
	return readNewSecret(file, `new ${WHAT}`, checkPassphrase);
}
