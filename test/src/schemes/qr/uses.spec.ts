// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { StateCell } from "../../../../hal/contracts/flash.js";
import { SimStateCell } from "../../../../sim/flash.js";
import { DEVICE_KEY } from "../../../../sim/self.js";
import { CELLS, PER_CELL, Uses } from "../../../../src/schemes/qr/uses.js";
import { providers } from "../../../support/providers.js";

const crypto = providers[0]!;
const NOW = 1_800_000_000;
const END = NOW + 3600;
const id = (n: number, cell = 0): Uint8Array => Uint8Array.of(1, 2, 3, 4, 5, 6, n, cell);

class Board {
	readonly cells = Array.from({ length: CELLS }, () => new SimStateCell());

	uses(anchor = 1, deviceKey: Uint8Array = DEVICE_KEY): Uses {
		const cell = (index: number): StateCell => this.cells[index]!;
		return new Uses({ cell, crypto, deviceKey, anchor: new Uint8Array(8).fill(anchor) });
	}
}

describe("uses of codes", () => {
	it("are counted up to the count, over starts, each credential by itself", () => {
		const board = new Board();
		for (const n of [1, 2, 3]) assert.isUndefined(board.uses().spend(id(1), 3, END, NOW), `use ${n}`);
		assert.equal(board.uses().spend(id(1), 3, END, NOW), "uses-spent");
		assert.isUndefined(board.uses().spend(id(2), 1, END, NOW));
		assert.isUndefined(board.uses().spend(id(1, 7), 1, END, NOW));
		// A higher count of the same credential: what was used stays used.
		assert.isUndefined(board.uses().spend(id(1), 4, END, NOW));
		assert.equal(board.uses().spend(id(1), 4, END, NOW), "uses-spent");
	});

	it("fit a cell; a full one has room when one of its credentials has ended, and forgets none before", () => {
		const board = new Board();
		const uses = board.uses();
		for (let n = 0; n < PER_CELL; n++) assert.isUndefined(uses.spend(id(n), 1, END + n, NOW));
		assert.isAtMost(board.cells[0]!.value!.length, 256);
		assert.equal(uses.spend(id(100), 1, END, NOW), "cannot-keep");
		assert.isUndefined(uses.spend(id(100, 1), 1, END, NOW), "another cell");
		for (let n = 0; n < PER_CELL; n++) assert.equal(uses.spend(id(n), 1, END, NOW), "uses-spent");
		assert.equal(uses.spend(id(100), 1, END + 9, END - 1), "cannot-keep");
		assert.isUndefined(uses.spend(id(100), 1, END + 9, END));
		assert.equal(uses.spend(id(100), 1, END + 9, END), "uses-spent");
		assert.equal(uses.spend(id(1), 1, END, END), "uses-spent", "whose end is later");
	});

	it("of one that was renewed with a later end are kept until then", () => {
		const uses = new Board().uses();
		assert.isUndefined(uses.spend(id(1), 2, END, NOW));
		assert.isUndefined(uses.spend(id(1), 2, END + 1000, NOW));
		for (let n = 0; n < PER_CELL - 1; n++) uses.spend(id(50 + n), 1, END, NOW);
		assert.isUndefined(uses.spend(id(99), 1, END + 2000, END + 1));
		assert.equal(uses.spend(id(1), 2, END + 1000, END + 1), "uses-spent");
	});

	it("another site's are nothing, and the same site's stay", () => {
		const board = new Board();
		assert.isUndefined(board.uses(1).spend(id(1), 1, END, NOW));
		assert.isUndefined(board.uses(2).spend(id(2), 1, END, NOW));
		assert.equal(board.uses(2).spend(id(2), 1, END, NOW), "uses-spent");
	});

	it("that this device has not sealed admit nobody, until the reader is made anew", () => {
		for (const change of [
			(bytes: Uint8Array) => bytes.subarray(0, 20),
			(bytes: Uint8Array) => new Uint8Array(0).fill(bytes.length),
			(bytes: Uint8Array) => bytes.fill(0, 12, 26),
			(bytes: Uint8Array) => bytes.fill(0x7f, 25, 26),
		]) {
			const board = new Board();
			board.uses().spend(id(1), 1, END, NOW);
			board.cells[0]!.value = change(board.cells[0]!.value!.slice());
			assert.equal(board.uses().spend(id(1), 5, END, NOW), "cannot-keep");
			assert.equal(board.uses().spend(id(2), 5, END, NOW), "cannot-keep");
			assert.isUndefined(board.uses().spend(id(2, 1), 5, END, NOW));
			board.uses().mend();
			assert.isUndefined(board.uses().spend(id(2), 5, END, NOW));
			assert.isUndefined(board.uses().spend(id(2, 1), 2, END, NOW), "what is sealed is not mended");
			assert.equal(board.uses().spend(id(2, 1), 2, END, NOW), "uses-spent");
		}
		const board = new Board();
		board.uses(1, new Uint8Array(32)).spend(id(1), 1, END, NOW);
		assert.equal(board.uses().spend(id(1), 5, END, NOW), "cannot-keep", "another device");
	});

	it("that the flash does not take open nothing", () => {
		const board = new Board();
		const cell: StateCell = {
			read: () => undefined,
			write: () => {
				throw new Error("worn out");
			},
		};
		const deviceKey = DEVICE_KEY;
		const uses = new Uses({ cell: () => cell, crypto, deviceKey, anchor: new Uint8Array(8) });
		assert.equal(uses.spend(id(1), 1, END, NOW), "cannot-keep");
		assert.isUndefined(board.uses().spend(id(1), 1, END, NOW));
	});
});
