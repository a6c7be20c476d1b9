// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import type { Bus } from "../../sim/pn532/board.js";
import { FIELD_BUGS } from "../drivers/pn532/field-bugs.js";
import { root } from "../support/host.js";

const PATH = join(root, "docs/pn532.md");
const BEGIN = "<!-- field-bugs -->\n";
const END = "<!-- /field-bugs -->";

interface Row {
	readonly name: string;
	readonly source: string;
	/** A bus each; "" where the fault cannot happen. */
	readonly ms: readonly string[];
}

/** The columns. HSU at a faster rate is as HSU. */
const BUSES: readonly Bus[] = ["hsu", "spi", "i2c"];
const HINT = "UPDATE_DOCS=1 npx mocha build/test/sim/pn532-docs.spec.js writes it anew";
const HEAD = "| the fault | reported by | HSU | SPI | I2C |\n|---|---|---|---|---|\n";

const format = ({ name, source, ms }: Row): string => `| ${[name, source, ...ms].join(" | ")} |\n`;

const measure = (): Row[] =>
	FIELD_BUGS.map(({ name, source, buses = BUSES, run }) => ({
		name,
		source,
		ms: BUSES.map((bus) => (buses.includes(bus) ? `${Math.ceil(run(bus))}` : "")),
	}));

function parse(table: string): Row[] {
	return table
		.split("\n")
		.slice(2, -1)
		.map((line) => {
			const [name = "", source = "", ...ms] = line.slice(2, -2).split(" | ");
			return { name, source, ms: ms.map((each) => each.trim()) };
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
		const written = parse(now);
		assert.deepEqual(
			written.map(({ name, source }) => [name, source]),
			measured.map(({ name, source }) => [name, source]),
			HINT,
		);
		for (const [i, { name, ms }] of measured.entries()) {
			// The model's own costs may be tuned a little without new documents.
			for (const [k, each] of ms.entries()) {
				const figure = written[i]!.ms[k] ?? "";
				assert.equal(figure === "", each === "", `${name}: ${HINT}`);
				assert.approximately(
					Number(figure),
					Number(each),
					Math.max(150, Number(each) / 2),
					`${name}: ${HINT}`,
				);
			}
		}
	});
});
