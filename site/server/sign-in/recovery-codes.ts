// SPDX-License-Identifier: Apache-2.0

import { randomInt } from "node:crypto";
import { hashOf } from "../secrets.js";

const COUNT = 8;
const LENGTH = 16;
/** Those of Crockford's Base32: none looks like another. 16 of them are 80 bits. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Codes of one use, as `4KZ7-…`, and their hashes: too long to be guessed, they need no slow one. */
export function newRecoveryCodes(): { readonly codes: string[]; readonly hashes: Uint8Array[] } {
	const codes = Array.from({ length: COUNT }, () =>
		Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]!)
			.join("")
			.replace(/(.{4})(?=.)/g, "$1-"),
	);
	return { codes, hashes: codes.map(codeHash) };
}

/** Of a code as a person types it: without regard to case, spaces and hyphens, and with the letters that are no others. */
export function codeHash(code: string): Uint8Array {
	const plain = code.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
	return hashOf(plain);
}
