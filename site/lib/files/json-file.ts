// SPDX-License-Identifier: Apache-2.0

import { type ParseError, parse, visit } from "jsonc-parser";
import { Failure } from "./failure.js";
import { nameOf, readText } from "./text-file.js";

/** Largest file that is read, bytes: far more than an installer's files have. */
const MAX_SIZE = 1_000_000;

/**
 * A JSON object from a file, or from standard input where `path` is `-`. A setting that is given twice is refused, since either
 * may be meant. Throws `Failure` with the place of the mistake and without the text, which may be a key.
 */
export function readJson(path: string, what: string): Record<string, unknown> {
	const name = nameOf(path);
	const text = readText(path, what, MAX_SIZE);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		// Reported below without the parser's message, which quotes the text.
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new Failure(
			"input",
			"not-json",
			`${what} is no JSON object: ${name}${whereItBreaks(text)}`,
			"Correct the file.",
		);
	const twice = firstTwice(text);
	if (twice !== undefined)
		throw new Failure("input", "twice", `${name}${twice} stands twice`, "Leave one of them out.");
	return value as Record<string, unknown>;
}

/** The place of the first mistake, as editors take it: `:3:14`. */
function whereItBreaks(text: string): string {
	const errors: ParseError[] = [];
	try {
		parse(text, errors, { disallowComments: true, allowTrailingComma: false });
	} catch {
		return ": nested too deeply";
	}
	const [first] = errors;
	if (first === undefined) return "";
	const before = text.slice(0, first.offset).split("\n");
	return `:${before.length}:${before.at(-1)!.length + 1}`;
}

/** Place and name of the first property that its object has already. */
function firstTwice(text: string): string | undefined {
	const open: Set<string>[] = [];
	let found: string | undefined;
	visit(text, {
		onObjectBegin: () => {
			open.push(new Set());
		},
		onObjectEnd: () => {
			open.pop();
		},
		onObjectProperty: (name, _offset, _length, line, character) => {
			const names = open.at(-1)!;
			if (names.has(name)) found ??= `:${line + 1}:${character + 1}: ${JSON.stringify(name)}`;
			names.add(name);
		},
	});
	return found;
}
