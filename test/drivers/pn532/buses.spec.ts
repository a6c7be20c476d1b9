// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { selfTest } from "../../../drivers/pn532/selftest.js";
import type { PN532Error } from "../../../drivers/pn532/status.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { BUSES, Pn532World } from "./world.js";

describe("PN532 driver on each bus", () => {
	for (const bus of BUSES) {
		for (const interrupt of bus === "hsu" ? [true] : [true, false]) {
			const name = bus === "hsu" ? bus : `${bus} ${interrupt ? "with" : "without"} interrupt line`;
			it(`${name}: starts, serves a phone, polls on without a fault`, () => {
				const world = new Pn532World({ bus, interrupt });
				assert.isTrue(world.driver.ready);
				assert.deepEqual(world.driver.version, { ic: 0x32, version: 1, revision: 6, support: 7 });
				const took = world.tap();
				assert.isBelow(took, 150);
				assert.equal(world.answers[0]?.response, "9000");
				world.leave();
				assert.isBelow(world.tap(), 150);
				world.time.run(10_000);
				assert.equal(world.driver.counters.restarts, 0);
				assert.equal(world.driver.counters.malformed, 0);
				assert.deepEqual(world.driver.line, { resent: 0, nacked: 0, faults: 0 });
				assert.isEmpty(world.errors);
				assert.isEmpty(world.lost);
			});

			it(`${name}: long commands and long answers`, () => {
				for (const length of [1, 40, 54, 55, 60, 100, 200, 255, 262, 263, 600]) {
					const data = Uint8Array.from({ length }, (_, i) => 255 - i);
					const world = new Pn532World({ bus, interrupt, answer: () => toHex(data) });
					world.script = [data];
					assert.isBelow(world.tap(), 1000);
					assert.deepEqual(world.commands, [toHex(data)], `${length}`);
					assert.equal(world.answers[0]?.response, toHex(data), `${length}`);
					assert.equal(world.driver.counters.restarts, 0);
				}
			});
		}
	}

	for (const bus of BUSES) {
		it(`${bus}: the self-test passes, and fails on a silent chip`, () => {
			const world = new Pn532World({ bus });
			const results: string[] = [];
			const note = (error: PN532Error | undefined) => results.push(error?.reason ?? "well");
			selfTest(world.driver, note);
			assert.isEmpty(results, "never at once");
			assert.isTrue(world.time.runUntil(() => results.length === 1, 1000));
			world.board.chip.wedge();
			selfTest(world.driver, note);
			assert.isTrue(world.time.runUntil(() => results.length === 2, 2000));
			assert.deepEqual(results, ["well", bus === "i2c" ? "bus-fault" : "no-ack"]);
			// And the driver goes on.
			assert.isBelow(world.tap(), 5000);
		});
	}

	it("a faster UART: three exchanges of the length of a transaction", () => {
		const took = [115_200, 921_600].map((baud) => {
			const world = new Pn532World({
				driver: baud === 115_200 ? {} : { fastBaud: baud },
				answer: () => "5a".repeat(180),
				micros: 1000,
			});
			world.script = [new Uint8Array(14), new Uint8Array(64), new Uint8Array(64)];
			world.tap();
			const [first] = world.targets;
			assert.equal(first?.kind, "iso-dep");
			return world.spent;
		});
		// Bytes on the line: 3 × (command + answer + 26), and 3 × 3 that extended frames would add are not needed.
		const bytes = 14 + 64 + 64 + 3 * 180 + 3 * 26;
		const saved = (bytes * 10_000) / 115_200 - (bytes * 10_000) / 921_600;
		assert.approximately(took[0]! - took[1]!, saved, 2);
	});

	it("the driver adds no waits to an exchange", () => {
		// Each byte on the line, the chip's own time, the phone's 12 ms: what is left is the driver's.
		for (const baud of [115_200, 921_600]) {
			const world = new Pn532World({ driver: baud === 115_200 ? {} : { fastBaud: baud } });
			world.script = [fromHex("00a40400"), fromHex(`80e80200${"aa".repeat(120)}`), fromHex("80e80400")];
			world.tap();
			const { entries } = world.board.trace;
			const last = <T>(items: readonly T[]): T => items[items.length - 1]!;
			const text = entries.map((entry) => toHex(entry.bytes));
			let checked = 0;
			for (const [i, entry] of entries.entries()) {
				if (entry.from !== "host" || !/^0000ff....d440/.test(text[i]!)) continue;
				// The chip's entry before it: its start, and its time on the line.
				const before = last(entries.slice(0, i).filter((each) => each.from === "chip"));
				const end = before.at + (before.bytes.length * 10_000_000) / baud;
				assert.isAtMost(entry.at - end, 1, "the next frame starts where the one before ended");
				checked++;
			}
			assert.equal(checked, 3);
		}
	});
});
