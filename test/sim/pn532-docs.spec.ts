import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { FIELD_BUGS } from "../drivers/pn532/field-bugs.js";
import { root } from "../support/host.js";

const PATH = join(root, "docs/pn532.md");
const BEGIN = "<!-- field-bugs -->\n";
const END = "<!-- /field-bugs -->";

interface Row {
	readonly name: string;
	readonly source: string;
	readonly ms: number;
}

const HEAD = "| the fault | reported by | back after, ms |\n|---|---|---|\n";

const format = ({ name, source, ms }: Row): string => `| ${name} | ${source} | ${ms} |\n`;

const measure = (): Row[] =>
	FIELD_BUGS.map(({ name, source, run }) => ({ name, source, ms: Math.ceil(run()) }));

function parse(table: string): Row[] {
	return table
		.split("\n")
		.slice(2, -1)
		.map((line) => {
			const [, name, source, ms] =
				line.split(" | ").length === 3 ? (/^\| (.*) \| (.*) \| (\d+) \|$/.exec(line) ?? []) : [];
			return { name: `${name}`, source: `${source}`, ms: Number(ms) };
		});
}

describe("docs/pn532.md", () => {
	it("gives the recovery times that the specs measure", () => {
		const text = readFileSync(PATH, "utf8");
		const [before, rest] = text.split(BEGIN) as [string, string];
		const [now, after] = rest.split(END) as [string, string];
		const measured = measure();
		if (process.env.UPDATE_DOCS) {
			writeFileSync(PATH, before + BEGIN + HEAD + measured.map(format).join("") + END + after);
			return;
		}
		const hint = "UPDATE_DOCS=1 npx mocha build/test/sim/pn532-docs.spec.js writes it anew";
		const written = parse(now);
		assert.deepEqual(
			written.map(({ name, source }) => [name, source]),
			measured.map(({ name, source }) => [name, source]),
			hint,
		);
		for (const [i, { name, ms }] of measured.entries()) {
			// The model's own costs may be tuned a little without new documents.
			assert.approximately(written[i]!.ms, ms, Math.max(40, ms / 5), `${name}: ${hint}`);
		}
	});
});
