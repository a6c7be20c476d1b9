// SPDX-License-Identifier: Apache-2.0

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

const FOLDERS = ["protocol", "src", "drivers", "hal", "phone", "site", "cli", "sim"];

/** Text of the sources without comments: a name that only a comment still uses is no name. */
function sources(): string {
	const files = FOLDERS.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".ts"))
			.map((name) => join(root, folder, name)),
	);
	return files
		.map((file) => readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ""))
		.join("\n");
}

describe("docs/GLOSSARY.md", () => {
	const text = readFileSync(join(root, "docs/GLOSSARY.md"), "utf8");
	const rows = text.split("\n").filter((line) => /^\| (?!term|---)/.test(line));

	it("names what is in the sources", () => {
		const words = new Set(sources().match(/[A-Za-z_$][\w$]*/g));
		const gone = rows.flatMap((row) =>
			[...row.matchAll(/`([^`]+)`/g)]
				.map(([, name]) => name!)
				.filter((name) => (name.includes("/") ? !existsSync(join(root, name)) : !words.has(name))),
		);
		assert.deepEqual(gone, [], "rename or drop it in docs/GLOSSARY.md");
	});

	it("has one row a term, in order, in each part", () => {
		for (const part of text.split("\n## ").slice(1)) {
			const terms = [...part.matchAll(/^\| (?!term|---)([^|]+) \|/gm)].map(([, term]) => term!);
			assert.isNotEmpty(terms, part);
			assert.deepEqual(
				terms,
				[...terms].sort((a, b) => a.localeCompare(b, "en", { sensitivity: "base" })),
			);
			assert.equal(new Set(terms).size, terms.length);
		}
	});
});
