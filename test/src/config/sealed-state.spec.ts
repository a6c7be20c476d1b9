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
const HASH = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
/** Of notices, of lockdown, and how far the clock was set back: none. */
const NO_ORDERS = "0 0 0 00000000000000000000000000000000, 0 0, 0";

function orders({ lockdown, notices, setBack }: SealedState): string {
	const { bank, count, hash, newest } = notices;
	return `${bank} ${count} ${newest} ${toHex(hash)}, ${lockdown.newest} ${lockdown.end}, ${setBack}`;
}

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
		state.notices = { bank: 1, count: 3, newest: orderOf({ epoch: 2, version: 9 }), hash: HASH };
		state.lockdown = { newest: orderOf({ epoch: 2, version: 4 }), end: 1_800_000_000, lifted: false };
		state.setBack = 3599;
		// 2 bytes of bank and count, 8 of the newest, 16 of hash, 8 and 4 of the lockdown, 2 of the clock.
		const orders = [0x8003_0000, 0x0002_0000, 0x0009_a0a1, 0xa2a3_a4a5, 0xa6a7_a8a9, 0xaaab_acad];
		const more = [0xaeaf_0000, 0x0002_0000, 0x0004_6b49, 0xd200_0e0f];
		assert.deepEqual(
			cell.value,
			sealed(
				...[0x4c535434, 0x0005_0002, 0x01020304, 0x05060708, 9, 1, 7],
				...orders,
				...more,
				...[1, 0xffff_fffe, 2, 3],
			),
		);
		// By another HMAC-SHA-256, cut to 16 bytes.
		assert.equal(toHex(cell.value!.subarray(-16)), "22d0713dbd7b482547377b725a03277c");
		const again = open(cell);
		assert.isFalse(again.damaged);
		assert.deepEqual(
			[again.anchor, again.revision, again.door, again.plan, again.ahead],
			[state.anchor, 9, 5, state.plan, state.ahead],
		);
		assert.deepEqual([again.notices, again.lockdown, again.setBack], [state.notices, state.lockdown, 3599]);
	});

	it("knows after a start whether a session may bring back the newest lockdown; the format before knew none of these", () => {
		const cell = new SimStateCell();
		const lockdown = { newest: orderOf({ epoch: 2, version: 4 }), end: 0, lifted: true };
		open(cell).lockdown = lockdown;
		assert.deepEqual(open(cell).lockdown, lockdown);
		open(cell).lockdown = { ...lockdown, lifted: false };
		assert.deepEqual(open(cell).lockdown, { ...lockdown, lifted: false });
		// The same bytes but for the magic, in which this end was no other than the rest.
		const words = cell.value!.subarray(0, -16).slice();
		words[3]! ^= 7;
		cell.value = concat(words, crypto.hmacSha256(DEVICE_KEY, words).subarray(0, 16));
		assert.deepEqual(open(cell).lockdown, { ...lockdown, lifted: false });
		assert.isFalse(open(cell).damaged);
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
		assert.isAtMost(cell.value!.length, 256);
		assert.equal(open(cell).ahead.length, MAX_AHEAD);
	});

	it("keeps its counters for the site that it belongs to, and begins them anew for another", () => {
		const cell = new SimStateCell();
		const state = open(cell);
		state.belongTo(THEIRS);
		state.door = 5;
		state.revision = 3;
		state.raisePlan(HIGHEST, [HIGHEST + 5]);
		state.notices = { bank: 1, count: 3, newest: 9, hash: HASH };
		state.lockdown = { newest: 4, end: 60, lifted: false };
		state.setBack = 7;
		open(cell).belongTo(THEIRS);
		assert.deepEqual([open(cell).plan, open(cell).notices.count, open(cell).setBack], [HIGHEST, 3, 7]);
		open(cell).belongTo(OURS);
		assert.equal(orders(open(cell)), NO_ORDERS);
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

	it("reads all of the format before notices", () => {
		const cell = new SimStateCell();
		cell.value = sealed(...[0x4c535432, 0x0005_0001, 0x01020304, 0x05060708, 9, 1, 7, 1, 9]);
		const state = open(cell);
		const { ahead, anchor, damaged, door, plan, revision } = state;
		assert.deepEqual(
			{ ahead: [...ahead], anchor, damaged, door, plan, revision },
			...[
				{
					ahead: [HIGHEST - 0xffff_fff6],
					anchor: OURS,
					damaged: false,
					door: 5,
					plan: 4294967303,
					revision: 9,
				},
			],
		);
		assert.equal(orders(state), NO_ORDERS);
	});

	it("keeps what it had where the cell takes nothing", () => {
		const cell = new SimStateCell();
		const state = open(cell);
		state.lockdown = { newest: 4, end: 60, lifted: false };
		cell.write = () => {
			throw new Error("full");
		};
		assert.throws(() => {
			state.lockdown = { newest: 5, end: 70, lifted: false };
		}, "full");
		assert.deepEqual(state.lockdown, { newest: 4, end: 60, lifted: false });
	});

	it("is damaged where this device did not seal it, it is cut, or of another format", () => {
		const cell = new SimStateCell();
		open(cell).revision = 1;
		const whole = cell.value!;
		assert.isFalse(open(cell).damaged);
		assert.isTrue(open(cell, new Uint8Array(32).fill(1)).damaged);
		for (const bytes of [
			...Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length)),
			sealed(0x4c535435, ...new Array(16).fill(0)),
			sealed(0x4c535434, ...new Array(15).fill(0)),
			sealed(0x4c535433, ...new Array(15).fill(0)),
			sealed(0x4c535432, 0, 0, 0),
			sealed(0x4c535431, 0, 0),
		]) {
			cell.value = bytes;
			assert.isTrue(open(cell).damaged, `${bytes.length} bytes`);
		}
	});
});
