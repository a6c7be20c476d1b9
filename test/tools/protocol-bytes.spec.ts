// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

const text = readFileSync(join(root, "docs/PROTOCOL.md"), "utf8");

/** Lengths of the APDUs of the worked example, in their order. */
function apdus(): number[] {
	const example = text.slice(text.indexOf("<!-- worked example"));
	return [...example.matchAll(/^(?:SELECT|MESSAGE P1=\d|answer) \((\d+) bytes\)/gm)].map((match) =>
		Number(match[1]),
	);
}

describe("docs/PROTOCOL.md: what each byte is for", () => {
	it("the columns add up to the messages of the worked example", () => {
		const table = text.slice(text.indexOf("| bytes | SELECT |")).split("\n\n")[0]!;
		const rows = table
			.split("\n")
			.slice(2)
			.map((line) => line.split("|").slice(2, -1).map(Number));
		const sums = apdus().map((_, column) => rows.slice(0, -1).reduce((sum, row) => sum + row[column]!, 0));
		assert.deepEqual(sums, apdus());
		assert.deepEqual(rows.at(-1), apdus());
		const total = sums.reduce((sum, each) => sum + each, 0);
		assert.include(text, `Of the transaction below, ${total} bytes.`);
	});
});
