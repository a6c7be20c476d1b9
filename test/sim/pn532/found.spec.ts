// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { BUSES, Pn532World } from "../../drivers/pn532/world.js";
import { root } from "../../support/host.js";
import { foundAfter, mean, WIRINGS, within } from "./found.js";

const PATH = join(root, "docs/pn532.md");
const BEGIN = "<!-- found -->\n";
const END = "<!-- /found -->";
const HEAD =
	"| ms | mean | least | half within | 9 of 10 | 99 of 100 | most |\n|---|---|---|---|---|---|---|\n";

const words = (table: string): string[] => table.split(/[|\n]/).map((word) => word.trim());

describe("how soon the PN532 driver finds a phone", () => {
	const rows: string[] = [];

	for (const wiring of WIRINGS)
		it(`${wiring.name}: within ${wiring.iphone ? 40 : 20} ms on average, whenever it comes`, () => {
			const times = foundAfter(wiring);
			assert.isAtMost(mean(times), wiring.iphone ? 40 : 20);
			assert.isAtMost(within(times, 1), wiring.iphone ? 60 : 40);
			const figures = [mean(times), times[0]!, ...[0.5, 0.9, 0.99, 1].map((part) => within(times, part))];
			rows.push(`| ${[wiring.name, ...figures.map((ms) => ms.toFixed(1))].join(" | ")} |\n`);
		});

	it("docs/pn532.md gives these figures", () => {
		const text = readFileSync(PATH, "utf8");
		const [before, rest] = text.split(BEGIN) as [string, string];
		const [now, after] = rest.split(END) as [string, string];
		const table = HEAD + rows.join("");
		if (process.env.UPDATE_DOCS) {
			writeFileSync(PATH, before + BEGIN + table + END + after);
			return;
		}
		const hint = "UPDATE_DOCS=1 npx mocha build/test/sim/pn532/found.spec.js writes it anew";
		const written = words(now);
		const measured = words(table);
		assert.lengthOf(written, measured.length, hint);
		// The model's own costs may be tuned a little without new documents.
		for (const [k, word] of measured.entries())
			if (Number(word) > 0) assert.approximately(Number(written[k]), Number(word), 3, hint);
			else assert.equal(written[k], word, hint);
	});

	for (const bus of BUSES)
		it(`${bus}: the host of an empty field sleeps: at most six commands a second`, () => {
			const world = new Pn532World({ bus });
			world.time.run(1000);
			const before = world.board.chip.commands;
			world.time.run(60_000);
			assert.isAtMost((world.board.chip.commands - before) / 60, 6);
			assert.isAtLeast(world.driver.counters.polls, 200);
		});

	it("a slower chip's polls are waited for", () => {
		const world = new Pn532World({
			bus: "spi",
			before: ({ board }) => Object.assign(board.chip.costs, { retry: 15_000 }),
		});
		world.time.run(1000);
		const { restarts } = world.driver.counters;
		assert.isAtMost(restarts, 1);
		world.time.run(60_000);
		assert.equal(world.driver.counters.restarts, restarts);
		assert.isAtMost(world.tap(), 60);
	});

	it("a chip that dies in a poll of an empty field is back within a second", () => {
		const world = new Pn532World({ bus: "spi" });
		world.time.run(1000);
		world.board.chip.wedge();
		const from = world.time.micros;
		assert.isTrue(world.time.runUntil(() => world.readies > 1, 5000));
		assert.isAtMost((world.time.micros - from) / 1000, 1000);
	});

	it("a phone that was served and lies there is looked for every 50 ms, and the next is patient again once it has gone", () => {
		const world = new Pn532World({ bus: "spi" });
		world.tap();
		const before = world.board.chip.commands;
		world.time.run(1000);
		assert.isAtLeast(world.board.chip.commands - before, 20);
		world.leave();
		const rest = world.board.chip.commands;
		world.time.run(1000);
		assert.isAtMost(world.board.chip.commands - rest, 6);
	});
});
