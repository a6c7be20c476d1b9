// SPDX-License-Identifier: Apache-2.0

import { type ParseError, parse, printParseErrorCode, visit } from "jsonc-parser";
import { Failure } from "./failure.js";

/**
 * A JSON object; `name` says where the text came from. A setting that is given twice is refused, since either may be meant. Throws
 * `Failure` with the place of the mistake and without the text, which may be a key.
 */
export function parseJson(text: string, what: string, name: string): Record<string, unknown> {
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

/** The place of the first mistake, as editors take it, and what it is: `:3:14: a comma is missing`. */
function whereItBreaks(text: string): string {
	const errors: ParseError[] = [];
	try {
		parse(text, errors, { disallowComments: true, allowTrailingComma: false });
	} catch {
		return ": nested too deeply";
	}
	const [first] = errors;
	if (first === undefined) return "";
	const { offset, words } = jsonMistake(text, first);
	const before = text.slice(0, offset).split("\n");
	return `:${before.length}:${before.at(-1)!.length + 1}: ${words}`;
}

/** What is wrong where the parser stopped, and where that is, in words that quote nothing. */
export function jsonMistake(text: string, { error, offset }: ParseError): { offset: number; words: string } {
	const before = text.slice(0, offset).trimEnd();
	// What the parser misses after it is not what the writer meant to have there.
	if (before.endsWith(",") && /^\s*[}\]]/.test(text.slice(offset)))
		return { offset: before.length - 1, words: "a comma too many: nothing follows it" };
	return { offset, words: WORDS[printParseErrorCode(error)] ?? "this cannot be read" };
}

const WORDS: Readonly<Record<string, string>> = Object.freeze({
	InvalidSymbol: "this is no value; text stands in double quotes",
	InvalidNumberFormat: "this is no number",
	PropertyNameExpected: "a name in double quotes is missing",
	ValueExpected: "a value is missing",
	ColonExpected: "a colon is missing after the name",
	CommaExpected: "a comma is missing before this",
	CloseBraceExpected: "a closing brace } is missing",
	CloseBracketExpected: "a closing bracket ] is missing",
	EndOfFileExpected: "there is more after the end",
	InvalidCommentToken: "no comment may stand here",
	UnexpectedEndOfComment: "the comment does not end",
	UnexpectedEndOfString: "the closing quote of this text is missing",
	UnexpectedEndOfNumber: "this number does not end",
	InvalidUnicode: "after \\u four hexadecimal digits are needed",
	InvalidEscapeCharacter: "this cannot stand after a backslash",
	InvalidCharacter: "a character that text cannot have; write it as \\n or \\u0000",
});

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
