// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { Power, PowerCut, SimFlash, SimRollbackCounter } from "../../sim/flash.js";

const SECTOR = 64;

describe("simulated flash", () => {
	it("clears bits on write, sets a sector on erase: the same as a model of single bits", () => {
		const operation = fc.oneof(
			fc.record({ address: fc.nat(3 * SECTOR - 8), data: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
			fc.record({ sector: fc.nat(2) }),
		);
		fc.assert(
			fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
				const flash = new SimFlash({ size: 3 * SECTOR, sectorSize: SECTOR });
				const bits: boolean[] = new Array(3 * SECTOR * 8).fill(true);
				for (const o of operations) {
					if ("sector" in o) {
						flash.erase(o.sector);
						bits.fill(true, o.sector * SECTOR * 8, (o.sector + 1) * SECTOR * 8);
					} else {
						flash.write(o.address, o.data);
						for (let i = 0; i < o.data.length * 8; i++) {
							if (((o.data[i >> 3]! >> (7 - (i & 7))) & 1) === 0) bits[o.address * 8 + i] = false;
						}
					}
				}
				const read = new Uint8Array(3 * SECTOR);
				flash.read(0, read);
				for (let i = 0; i < bits.length; i++) {
					assert.equal((read[i >> 3]! >> (7 - (i & 7))) & 1, bits[i] ? 1 : 0);
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("leaves of an interrupted write nothing, its beginning, some of its bits, or junk in its range only", () => {
		const data = Uint8Array.from([0x12, 0x34, 0x56, 0x78]);
		const left = (cut: Parameters<Power["plan"]>[0]): Uint8Array => {
			const flash = new SimFlash({ size: SECTOR, sectorSize: SECTOR });
			flash.power.plan(cut);
			assert.throws(() => flash.write(8, data), PowerCut);
			assert.throws(() => flash.write(0, data), PowerCut, /no power/);
			assert.throws(() => flash.read(0, new Uint8Array(1)), PowerCut, /no power/);
			flash.power.restore();
			assert.isTrue(flash.bytes.subarray(0, 8).every((b) => b === 0xff));
			assert.isTrue(flash.bytes.subarray(12).every((b) => b === 0xff));
			return flash.bytes.slice(8, 12);
		};
		assert.deepEqual([...left({ at: 0, kind: "dropped" })], [255, 255, 255, 255]);
		assert.deepEqual([...left({ at: 0, kind: "torn", byte: 2 })], [0x12, 0x34, 255, 255]);
		assert.deepEqual([...left({ at: 0, kind: "done" })], [...data]);
		const partial = left({ at: 0, kind: "partial", seed: 7 });
		for (let i = 0; i < 4; i++) assert.equal(partial[i]! & data[i]!, data[i]);
		assert.notDeepEqual([...left({ at: 0, kind: "garbage", seed: 7 })], [...data]);
	});

	it("leaves of an interrupted erase the old contents, a beginning, more ones, or junk in that sector only", () => {
		for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as const) {
			const flash = new SimFlash({ size: 3 * SECTOR, sectorSize: SECTOR });
			flash.write(0, new Uint8Array(3 * SECTOR).fill(0x55));
			flash.power.restore();
			flash.power.plan({ at: 0, kind, byte: 10, seed: 3 });
			assert.throws(() => flash.erase(1), PowerCut);
			const sector = flash.bytes.subarray(SECTOR, 2 * SECTOR);
			if (kind === "dropped") assert.isTrue(sector.every((b) => b === 0x55));
			if (kind === "done") assert.isTrue(sector.every((b) => b === 0xff));
			if (kind === "torn") assert.isTrue(sector.every((b, i) => b === (i < 10 ? 0xff : 0x55)));
			if (kind === "partial") assert.isTrue(sector.every((b) => (b & 0x55) === 0x55));
			for (const other of [0, 2]) {
				assert.isTrue(flash.bytes.subarray(other * SECTOR, (other + 1) * SECTOR).every((b) => b === 0x55));
			}
		}
	});

	it("counts wear, reads and writes that cannot hold", () => {
		const flash = new SimFlash({ size: 2 * SECTOR, sectorSize: SECTOR });
		flash.write(0, Uint8Array.of(0));
		flash.write(0, Uint8Array.of(1));
		flash.erase(1);
		flash.erase(1);
		flash.read(0, new Uint8Array(3));
		assert.deepEqual([...flash.wear], [0, 2]);
		assert.equal(flash.mismatches, 1);
		assert.deepEqual([flash.reads, flash.readBytes, flash.writes, flash.erases], [1, 3, 2, 2]);
		assert.throws(() => flash.read(2 * SECTOR - 1, new Uint8Array(2)), RangeError);
		assert.throws(() => flash.write(-1, new Uint8Array(2)), RangeError);
		assert.throws(() => flash.erase(2), RangeError);
	});

	it("cuts several memories on one power in one order; a rollbackCounter is raised wholly or not", () => {
		const power = new Power();
		const flash = new SimFlash({ size: SECTOR, sectorSize: SECTOR, power });
		const rollbackCounter = new SimRollbackCounter(power);
		flash.write(0, Uint8Array.of(1));
		rollbackCounter.raisePlan(5, []);
		rollbackCounter.raisePlan(4, []);
		assert.equal(power.operations, 2);
		for (const kind of ["dropped", "torn", "partial"] as const) {
			power.restore();
			power.plan({ at: 0, kind });
			assert.throws(() => rollbackCounter.raisePlan(9, []), PowerCut);
			power.restore();
			assert.equal(rollbackCounter.plan, 5);
		}
		power.plan({ at: 0, kind: "done" });
		assert.throws(() => rollbackCounter.raisePlan(9, []), PowerCut);
		power.restore();
		assert.equal(rollbackCounter.plan, 9);
	});
});
