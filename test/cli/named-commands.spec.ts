// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import type { Command } from "commander";
import { commandLine } from "../../cli/run.js";
import { root } from "../support/host.js";

/** Texts that tell people what to do: messages and advice in the sources, and the pages. CHANGELOG.md tells of former commands too. */
function texts(): readonly (readonly [file: string, text: string])[] {
	const within = (folder: string, ending: string): string[] =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(ending))
			.map((name) => join(folder, name));
	const files = ["README.md", "SECURITY.md", ...within("docs", ".md"), ...within("cli", ".ts")];
	return [...files, ...within("site", ".ts"), ...within("src", ".ts")].map((file) => [
		file,
		readFileSync(join(root, file), "utf8"),
	]);
}

/** The command that the words begin with, and its options; `undefined` where there is none. */
function unknownIn(words: readonly string[], program: Command): string | undefined {
	let command = program;
	for (const [i, word] of words.entries()) {
		if (command.commands.length === 0) break;
		const inner = command.commands.find((one) => one.name() === word);
		if (inner === undefined) return i === 0 || /^[a-z]/.test(word) ? word : undefined;
		command = inner;
	}
	const known = [...command.options, ...program.options].map((option) => option.long);
	return words.find((word) => /^--[a-z]/.test(word) && word !== "--help" && !known.includes(word));
}

describe("each command of lintel that a message or a page names", () => {
	it("is there, with its options", async () => {
		const program = await commandLine();
		const wrong: string[] = [];
		let seen = 0;
		for (const [file, text] of texts())
			for (const [, named] of text.matchAll(/\\?`(?:npx )?lintel ([a-z][^`\\\n]*?)\\?`/g)) {
				seen++;
				const unknown = unknownIn(named!.replaceAll(/[[\]|]/g, " ").split(/\s+/), program);
				if (unknown !== undefined) wrong.push(`${file}: lintel ${named}: ${unknown}`);
			}
		assert.isAbove(seen, 150);
		assert.deepEqual(wrong, []);
	});
});
