// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { DS3231 } from "../../../drivers/clock/ds3231.js";
import { i2cClass } from "../../../sim/bus/i2c.js";
import { DS3231Chip } from "../../../sim/ds3231/ds3231.js";
import { VirtualTime } from "../../../sim/time.js";

/** 2026-03-29T01:00:00Z, a Sunday. */
const NOW = Date.UTC(2026, 2, 29, 1) / 1000;
const YEAR_MS = 365 * 86_400_000;

function fitted() {
	const time = new VirtualTime();
	const chip = new DS3231Chip(time);
	chip.setPower(true);
	return { time, chip, clock: new DS3231({ io: i2cClass(chip) }) };
}

describe("the clock chip DS3231", () => {
	it("counts as not set when it comes from its maker, and once set gives the time back", () => {
		const { chip, clock, time } = fitted();
		assert.isUndefined(clock.read());
		clock.set(NOW, NOW);
		assert.deepEqual(clock.read(), { seconds: NOW, synced: NOW });
		time.run(90_500);
		assert.deepEqual(clock.read(), { seconds: NOW + 90, synced: NOW });
		// The registers, by figure 1 of the data sheet.
		const registers = [0, 1, 2, 3, 4, 5, 6].map((at) => chip.register(at));
		assert.deepEqual(registers, [0x30, 0x01, 0x01, 1, 0x29, 0x03, 0x26]);
		assert.equal(chip.register(0x0e), 0x04, "no alarm, no square wave, runs on battery");
		assert.equal(chip.register(0x0f), 0, "neither stopped nor 32 kHz out");
	});

	it("gives every moment of its years back, leap days and their borders too", () => {
		const { clock } = fitted();
		const days = ["2000-01-01", "2024-02-29", "2026-12-31", "2028-03-01", "2096-02-29", "2099-12-31"];
		for (const day of days)
			for (const at of ["00:00:00", "11:59:59", "12:00:00", "19:08:07", "23:59:59"]) {
				const seconds = Date.parse(`${day}T${at}Z`) / 1000;
				clock.set(seconds, 0);
				assert.deepEqual(clock.read(), { seconds, synced: 0 }, `${day} ${at}`);
			}
		for (const seconds of [0, Date.UTC(2000, 0, 1) / 1000 - 1, Date.UTC(2100, 0, 1) / 1000, 0xffff_ffff])
			assert.throws(() => clock.set(seconds, 0), RangeError);
	});

	it("runs on over a loss of power, across the ends of years, and drifts no more than it says", () => {
		for (const ppm of [-8.5, 0, 8.5]) {
			const { chip, clock, time } = fitted();
			clock.set(NOW, NOW);
			chip.ppm = ppm;
			chip.setPower(false);
			time.run(3 * YEAR_MS);
			chip.setPower(true);
			const { seconds, synced } = clock.read()!;
			const off = seconds - (NOW + (3 * YEAR_MS) / 1000);
			assert.equal(synced, NOW);
			assert.closeTo(off, (ppm * 3 * YEAR_MS) / 1e9, 1);
			assert.isAtMost(Math.abs(off), 1 + ((seconds - synced) * clock.driftPpm) / 1e6);
		}
	});

	it("honours the flag of a stopped oscillator, until it is set again", () => {
		const { chip, clock, time } = fitted();
		clock.set(NOW, NOW);
		chip.setBattery(false);
		assert.isDefined(clock.read(), "on the supply it runs without its cell");
		chip.setPower(false);
		time.run(1000);
		chip.setPower(true);
		assert.isUndefined(clock.read());
		// The cell is new, and yet nothing has set the time.
		chip.setBattery(true);
		assert.isUndefined(clock.read());
		clock.set(NOW + 60, NOW + 60);
		assert.equal(clock.read()!.seconds, NOW + 60);
		// A stop while all supplies are well: noise, or a leaking crystal (0Fh, bit 7).
		chip.poke(0x0e, 0x84);
		chip.setPower(false);
		time.run(5000);
		chip.setPower(true);
		assert.isUndefined(clock.read());
	});

	it("does not believe what another has set, nor registers that are no time", () => {
		const { chip, clock } = fitted();
		clock.set(NOW, NOW);
		// A seller's tool sets the time and clears the flag; it has no reason to write alarm 2.
		for (const at of [0x0b, 0x0c, 0x0d]) {
			const mark = chip.register(at);
			chip.poke(at, mark ^ 1);
			assert.isUndefined(clock.read());
			chip.poke(at, mark);
		}
		const wrong: readonly (readonly [at: number, value: number])[] = [
			...[0, 1].flatMap((at) => [0x0a, 0x60, 0xff].map((value) => [at, value] as const)),
			...[0x24, 0x1a, 0x52].map((value) => [2, value] as const),
			...[0, 0x32, 0x0f].map((value) => [4, value] as const),
			...[0, 0x13, 0x81].map((value) => [5, value] as const),
			...[0xa0, 0x0a].map((value) => [6, value] as const),
		];
		for (const [at, value] of wrong) {
			clock.set(NOW, NOW);
			chip.poke(at, value);
			assert.isUndefined(clock.read(), `${value} in ${at}`);
		}
	});

	it("a power cut between any two bytes of a setting leaves the old time, the new one or none", () => {
		for (let bytes = 0; bytes < 25; bytes++) {
			const { chip, time } = fitted();
			const whole = new DS3231({ io: i2cClass(chip) });
			whole.set(NOW, NOW);
			time.run(1000);
			let left = bytes;
			const torn: typeof chip = Object.create(chip, {
				address: { value: chip.address },
				stretch: { value: () => 0 },
				begin: { value: (read: boolean) => left > 0 && chip.begin(read) },
				write: {
					value: (data: Uint8Array) => {
						chip.write(data.subarray(0, Math.min(data.length, left)));
						left -= data.length;
						if (left <= 0) throw new Error("no power");
					},
				},
			});
			const later = NOW + 40_000_000;
			try {
				new DS3231({ io: i2cClass(torn) }).set(later, later);
			} catch {
				// The reader is gone in the middle of it.
			}
			const kept = whole.read();
			if (kept !== undefined)
				assert.include([`${NOW + 1} ${NOW}`, `${later} ${later}`], `${kept.seconds} ${kept.synced}`);
		}
	});

	it("says so where nothing answers or the bus hangs", () => {
		for (const fault of ["absent", "stuck"] as const) {
			const { chip, clock } = fitted();
			clock.set(NOW, NOW);
			chip.faults[fault] = true;
			assert.throws(() => clock.read());
			assert.throws(() => clock.set(NOW, NOW));
			chip.faults[fault] = false;
			assert.isDefined(clock.read(), "the bus was closed and is there again");
		}
	});
});
