// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../../../protocol/bytes.js";
import { Failure } from "../files/failure.js";

/** Characters of a passphrase. */
const MIN_LENGTH = 10;
const MAX_LENGTH = 1000;

/** The same bytes from each keyboard and system: RFC 8265 4.2.2, spaces as SPACE and Unicode's form C. */
export function passphraseBytes(passphrase: string): Uint8Array {
	return utf8Encode(prepared(passphrase));
}

/** Throws `Failure` where a new passphrase is not to be taken. */
export function checkPassphrase(passphrase: string): void {
	const { length } = [...prepared(passphrase)];
	if (length >= MIN_LENGTH && length <= MAX_LENGTH) return;
	throw new Failure(
		"input",
		length < MIN_LENGTH ? "short-passphrase" : "long-passphrase",
		`the new passphrase has ${length} characters; it takes ${MIN_LENGTH} to ${MAX_LENGTH}`,
		"Take five words or more, drawn by dice or a password manager: a thief of the file can try millions.",
	);
}

function prepared(passphrase: string): string {
	return passphrase.replace(/\p{Zs}/gu, " ").normalize("NFC");
}
