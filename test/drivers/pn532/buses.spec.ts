import { assert } from "chai";
import { fromHex, toHex } from "../../../src/bytes.js";
import { BUSES, World } from "./world.js";

describe("PN532 driver on each bus", () => {
	for (const bus of BUSES) {
		for (const interrupt of bus === "hsu" ? [true] : [true, false]) {
			const name = bus === "hsu" ? bus : `${bus} ${interrupt ? "with" : "without"} interrupt line`;
			it(`${name}: starts, serves a phone, polls on without a fault`, () => {
				const world = new World({ bus, interrupt });
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
					const world = new World({ bus, interrupt, answer: () => toHex(data) });
					world.script = [data];
					assert.isBelow(world.tap(), 1000);
					assert.deepEqual(world.commands, [toHex(data)], `${length}`);
					assert.equal(world.answers[0]?.response, toHex(data), `${length}`);
					assert.equal(world.driver.counters.restarts, 0);
				}
			});
		}
	}

	it("the driver adds no waits to an exchange", () => {
		// Each byte on the line, the chip's own time, the phone's 12 ms: what is left is the driver's.
		for (const baud of [115_200, 921_600]) {
			const world = new World({ driver: baud === 115_200 ? {} : { fastBaud: baud } });
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
