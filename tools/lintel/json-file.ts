import { readFileSync } from "node:fs";
import { type ParseError, parse, visit } from "jsonc-parser";
import { Failure } from "./failure.js";

/** Characters; no file of an installer's comes near. */
const MAX_TEXT = 1_000_000;

let piped: string | undefined;

/** It can be read once; a command may need the key twice. */
function standardInput(): string {
	piped ??= readFileSync(0, "utf8");
	return piped;
}

/**
 * A JSON object from a file, or from standard input where `path` is `-`. A byte order mark in front, as Windows' editor
 * writes it, is passed over. A setting that stands twice is refused: nobody can see which of the two was meant. Throws
 * `Failure` with the place of the mistake and nothing of the text, which may be a key.
 */
export function readJson(path: string, what: string): Record<string, unknown> {
	const name = path === "-" ? "standard input" : path;
	let text: string;
	try {
		text = (path === "-" ? standardInput() : readFileSync(path, "utf8")).replace(/^\ufeff/, "");
	} catch (error) {
		throw new Failure(
			"input",
			"unreadable",
			`cannot read ${what}: ${(error as Error).message}`,
			"Check its name.",
		);
	}
	if (text.length > MAX_TEXT)
		throw new Failure("input", "too-large", `${what} is too large: ${name}`, "Check its name.");
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		// Said below without the parser's message, which quotes the text.
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
