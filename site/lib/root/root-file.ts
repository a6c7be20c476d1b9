// SPDX-License-Identifier: Apache-2.0

/** Files of a root's key, whose secret Node's scrypt turns into a key: commands wait for it. */
import type { Crypto } from "../../../protocol/crypto.js";
import { nameOf } from "../files/name-of.js";
import { readText } from "../files/text-file.js";
import type { Root } from "./root.js";
import {
	newHeader,
	openedRoot,
	ROOT_FILES,
	type RootFile,
	type RootFileKind,
	rootFileIn,
	sealedText,
} from "./root-text.js";
import { scrypt } from "./scrypt.js";

/** Largest file that is read, bytes: far more than one has. */
const MAX_SIZE = 1_000_000;

/** The file's text. */
export function sealRoot(
	kind: RootFileKind,
	root: Root,
	secret: Uint8Array,
	N: number,
	crypto: Crypto,
): string {
	const header = newHeader(kind, root, N);
	return sealedText(header, scrypt(secret, header.scrypt), root, crypto);
}

/** `undefined` where it is another secret. */
export function unsealRoot(file: RootFile, secret: Uint8Array, crypto: Crypto): Root | undefined {
	return openedRoot(file, scrypt(secret, file.scrypt), crypto);
}

/** Throws `Failure`: `not-root-key` or `not-root-backup`, `newer-file`, `changed-file`, and those of `readJson`. */
export function readRootFile(kind: RootFileKind, path: string, crypto: Crypto): RootFile {
	return rootFileIn(kind, readText(path, ROOT_FILES[kind][0], MAX_SIZE), nameOf(path), crypto);
}
