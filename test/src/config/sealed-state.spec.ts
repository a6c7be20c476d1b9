// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, toHex } from "../../../protocol/bytes.js";
import { orderOf } from "../../../protocol/plan/format.js";
import { SimStateCell } from "../../../sim/flash.js";
import { DEVICE_KEY } from "../../../sim/self.js";
import { MAX_AHEAD, SealedState } from "../../../src/config/sealed-state.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const OURS = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const THEIRS = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
const HIGHEST = orderOf({ epoch: 1, version: 0xffff_ffff });

function open(cell: SimStateCell, deviceKey = DEVICE_KEY): SealedState {
	return new SealedState(cell, crypto, deviceKey);
}

/** `words` of 4 bytes and their seal. */
function sealed(...words: number[]): Uint8Array {
	const bytes = new Uint8Array(4 * words.length);
	const view = new DataView(bytes.buffer);
	for (const [i, word] of words.entries()) view.setUint32(4 * i, word);
	return concat(bytes, crypto.hmacSha256(DEVICE_KEY, bytes).subarray(0, 16));
}

describe("sealed state", () => {
	it("has after a start what it was told before, in the bytes of docs/provisioning.md", () => {
		const cell = new SimStateCell();
		const state = open(cell);
		state.belongTo(OURS);
		state.revision = 9;
		state.door = 5;
		state.raisePlan(orderOf({ epoch: 1, version: 7 }), [
			orderOf({ epoch: 1, version: 0xffff_fffe }),
			orderOf({ epoch: 2, version: 3 }),
		]);
		assert.deepEqual(
			cell.value,
			sealed(0x4c535432, 0x0005_0002, 0x01020304, 0x05060708, 9, 1, 7, 1, 0xffff_fffe, 2, 3),
		);
		// By another HMAC-SHA-256, cut to 16 bytes.
		assert.equal(toHex(cell.value!.subarray(-16)), "d254528112ec56fb7d484a8634d7d65d");
		const again = open(cell);
		assert.isFalse(again.damaged);
		assert.deepEqual(
			[again.anchor, again.revision, again.door, again.plan, again.ahead],
			[state.anchor, 9, 5, state.plan, state.ahead],
		);
	});

	it("counts version 1 of the next epoch as newer than the highest of this one, and never falls", () => {
		const cell = new SimStateCell();
		const state = open(cell);
		state.raisePlan(HIGHEST, []);
		const next = orderOf({ epoch: 2, version: 1 });
		state.raisePlan(next, []);
		state.raisePlan(HIGHEST, []);
		assert.equal(open(cell).plan, next);
	});

	it("fits the cell with as many revocations ahead as it takes", () => {
		const cell = new SimStateCell();
		open(cell).raisePlan(
			1,
			Array.from({ length: MAX_AHEAD }, (_, n) => n + 2),
		);
		assert.isAtMost(cell.value!.length, 192);
		assert.equal(open(cell).ahead.length, MAX_AHEAD);
	});

	it("keeps its counters for the site that it belongs to, and begins them anew for another", () => {
		const cell = new SimStateCell();
		const state = open(cell);
		state.belongTo(THEIRS);
		state.door = 5;
		state.revision = 3;
		state.raisePlan(HIGHEST, [HIGHEST + 5]);
		open(cell).belongTo(THEIRS);
		assert.equal(open(cell).plan, HIGHEST);
		open(cell).belongTo(OURS);
		const { ahead, anchor, door, plan, revision } = open(cell);
		assert.deepEqual([[...ahead], anchor, door, plan, revision], [[], OURS, 5, 0, 3]);
	});

	it("reads door and configuration of the format before, and nothing that it counted", () => {
		const cell = new SimStateCell();
		cell.value = sealed(0x4c535431, 0x0005_0001, 12, 9, 14);
		const { ahead, anchor, damaged, door, plan, revision } = open(cell);
		assert.deepEqual(
			{ ahead: [...ahead], anchor, damaged, door, plan, revision },
			{ ahead: [], anchor: new Uint8Array(8), damaged: false, door: 5, plan: 0, revision: 9 },
		);
	});

	it("is damaged where this device did not seal it, it is cut, or of another format", () => {
		const cell = new SimStateCell();
		open(cell).revision = 1;
		const whole = cell.value!;
		assert.isFalse(open(cell).damaged);
		assert.isTrue(open(cell, new Uint8Array(32).fill(1)).damaged);
		for (const bytes of [
			...Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length)),
			sealed(0x4c535433, 0, 0, 0, 0, 0, 0),
			sealed(0x4c535432, 0, 0, 0),
			sealed(0x4c535431, 0, 0),
		]) {
			cell.value = bytes;
			assert.isTrue(open(cell).damaged, `${bytes.length} bytes`);
		}
	});
});
