// SPDX-License-Identifier: Apache-2.0

import { parseJson } from "./json-text.js";
import { nameOf } from "./name-of.js";
import { readText } from "./text-file.js";

/** Largest file that is read where nothing else is said, bytes: far more than an installer's files have. */
const MAX_SIZE = 1_000_000;

/**
 * A JSON object from a file, or from standard input where `path` is `-`. A setting that is given twice is refused, since either
 * may be meant. `most`: bytes. Throws `Failure` with the place of the mistake and without the text, which may be a key.
 */
export function readJson(path: string, what: string, most = MAX_SIZE): Record<string, unknown> {
	return parseJson(readText(path, what, most), what, nameOf(path));
}
