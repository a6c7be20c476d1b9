// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { DS3231 } from "../../../drivers/clock/ds3231.js";
import { EVENTS, type EventCode, PARTS, TIME_SOURCES } from "../../../protocol/events.js";
import { i2cClass } from "../../../sim/bus/i2c.js";
import { DS3231Chip } from "../../../sim/ds3231/ds3231.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimTimeStore } from "../../../sim/time-store.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { KEEP_MS, Timekeeper } from "../../../src/time/timekeeper.js";

/** 2026-03-29T01:00:00Z. */
const NOW = Date.UTC(2026, 2, 29, 1) / 1000;
const DAY_MS = 86_400_000;

/** A board's clocks over many starts of its firmware. */
class Board {
	readonly time = new VirtualTime();
	readonly chip = new DS3231Chip(this.time);
	readonly store = new SimTimeStore();
	readonly wall = new SimWallClock(this.time);
	readonly events: [kind: EventCode, detail: number, value: number][] = [];
	keeper!: Timekeeper;

	constructor(chip = true) {
		this.chip.faults.absent = !chip;
		this.powerOn();
	}

	powerOn(): void {
		this.chip.setPower(true);
		this.start();
	}

	start(): void {
		this.events.length = 0;
		this.keeper = new Timekeeper({
			clock: this.time,
			wall: this.wall,
			chip: new DS3231({ io: i2cClass(this.chip) }),
			store: this.store,
			record: (kind, detail, value) => this.events.push([kind, detail, value]),
			trace: () => undefined,
		});
		this.keeper.start();
		this.keeper.report();
	}

	/** Runs as the reader does, which looks every second. */
	run(ms: number): void {
		for (let left = ms; left > 0; left -= 60_000) {
			this.time.run(Math.min(60_000, left));
			this.keeper.work();
		}
	}

	cut(ms: number): void {
		this.wall.lose();
		this.chip.setPower(false);
		this.time.run(ms);
		this.powerOn();
	}

	warm(): void {
		if (this.wall.trust() !== "unset") this.wall.set(this.wall.now(), "restored");
		this.start();
	}
}

const failed = [EVENTS.health, (PARTS.clock << 8) | 1, 0];

describe("the timekeeper", () => {
	it("knows no time on a new board, and does not make one up", () => {
		const board = new Board();
		board.run(DAY_MS);
		assert.equal(board.wall.trust(), "unset");
		assert.equal(board.keeper.error, Number.POSITIVE_INFINITY);
		assert.equal(board.store.writes, 0);
	});

	it("has the chip's time after a power cut, restored, and says how far it may be off", () => {
		const board = new Board();
		board.keeper.set(NOW);
		assert.deepEqual(board.events.at(-1), [EVENTS["clock-set"], TIME_SOURCES.set << 8, 0]);
		board.cut(30 * DAY_MS);
		assert.equal(board.wall.trust(), "restored");
		assert.closeTo(board.wall.now(), NOW + 30 * 86_400, 1);
		assert.equal(board.keeper.source, "clock-chip");
		// 8.5 ppm of 30 days are 22 s.
		assert.closeTo(board.keeper.error, 22 + 4, 1);
		assert.deepEqual(board.events, [], "the chip's time is as usual");
	});

	it("is never off by more than it says, whatever crystal it has, running and without power", () => {
		for (const ppm of [-8.5, 8.5]) {
			const board = new Board();
			board.keeper.set(NOW);
			board.chip.ppm = ppm;
			for (let day = 0; day < 200; day++) {
				if (day % 7 === 3) board.cut(DAY_MS);
				else board.run(DAY_MS);
				const truth = NOW + board.time.micros / 1e6;
				assert.isAtMost(Math.abs(board.wall.now() - truth), board.keeper.error, `day ${day}`);
				assert.equal(board.keeper.chip, "runs");
			}
		}
	});

	it("without a chip goes on from the last known time, and says so in the log", () => {
		const board = new Board(false);
		board.keeper.set(NOW);
		board.run(5 * 3_600_000 + 1000);
		board.cut(8 * 3_600_000);
		assert.equal(board.wall.trust(), "restored");
		assert.closeTo(board.wall.now(), NOW + 5 * 3600, KEEP_MS / 1000);
		assert.isAtMost(board.wall.now(), NOW + 13 * 3600, "a lower bound");
		assert.equal(board.keeper.error, Number.POSITIVE_INFINITY);
		assert.deepEqual(board.events, [[EVENTS["clock-set"], TIME_SOURCES["last-known"] << 8, 0]]);
		// And never falls behind what it knew, cut after cut.
		let last = board.wall.now();
		for (let cuts = 0; cuts < 20; cuts++) {
			board.run(15 * 60_000);
			board.cut(60_000);
			assert.isAtLeast(board.wall.now(), last);
			last = board.wall.now();
		}
		assert.isAbove(last, NOW + 5 * 3600 + 20 * 600 - 1);
	});

	it("keeps the time six times an hour and no more: a key in NVS has a bound on its writes", () => {
		const board = new Board();
		board.keeper.set(NOW);
		board.store.writes = 0;
		board.run(DAY_MS);
		assert.isAtMost(board.store.writes, 144);
		assert.closeTo(board.store.value, board.wall.now(), KEEP_MS / 1000);
	});

	it("an empty cell is told, and the last known time taken; setting the clock mends it", () => {
		const board = new Board();
		board.keeper.set(NOW);
		board.run(3_600_000);
		board.chip.setBattery(false);
		board.cut(DAY_MS);
		assert.equal(board.keeper.source, "last-known");
		assert.equal(board.keeper.chip, "stopped");
		assert.deepEqual(board.events[0], failed);
		assert.closeTo(board.wall.now(), NOW + 3600, KEEP_MS / 1000);
		board.chip.setBattery(true);
		board.keeper.set(NOW + 90_000);
		assert.equal(board.keeper.chip, "runs");
		assert.deepInclude(board.events, [EVENTS.health, PARTS.clock << 8, 0]);
		board.cut(DAY_MS);
		assert.closeTo(board.wall.now(), NOW + 90_000 + 86_400, 1);
	});

	it("does not follow a chip that was set back or jumps", () => {
		const board = new Board();
		board.keeper.set(NOW);
		board.run(2 * 3_600_000);
		const other = new DS3231({ io: i2cClass(board.chip) });
		other.set(NOW - DAY_MS / 1000, NOW);
		board.run(KEEP_MS);
		assert.equal(board.keeper.chip, "differs");
		assert.deepEqual(board.events.at(-1), failed);
		const truth = NOW + board.time.micros / 1e6;
		assert.closeTo(board.wall.now(), truth, 1);
		board.cut(1000);
		assert.equal(board.keeper.source, "last-known");
		assert.closeTo(board.wall.now(), truth, KEEP_MS / 1000);
	});

	it("a restart without a loss of power keeps what the controller's clock has", () => {
		const board = new Board(false);
		board.keeper.set(NOW);
		board.run(60_000);
		board.warm();
		assert.equal(board.wall.trust(), "restored");
		assert.closeTo(board.wall.now(), NOW + 60, 1);
		assert.deepEqual(board.events, []);
		board.run(3_600_000);
		board.cut(1000);
		assert.closeTo(board.wall.now(), NOW + 60 + 3600, KEEP_MS / 1000, "it was kept on");
	});

	it("sets the clock back where the site says so, and forgets what it knew", () => {
		const board = new Board();
		board.keeper.set(NOW + 10 * 365 * 86_400);
		board.run(3_600_000);
		board.keeper.set(NOW);
		board.cut(DAY_MS);
		assert.closeTo(board.wall.now(), NOW + 86_400, 1);
		const bare = new Board(false);
		bare.keeper.set(NOW + 10 * 365 * 86_400);
		bare.keeper.set(NOW);
		bare.cut(DAY_MS);
		assert.closeTo(bare.wall.now(), NOW, 1);
	});

	it("a bus that fails takes nothing but the chip", () => {
		const board = new Board();
		board.keeper.set(NOW);
		board.chip.faults.stuck = true;
		board.run(KEEP_MS);
		assert.deepEqual(board.events.at(-1), failed);
		assert.equal(board.wall.trust(), "synced");
		board.keeper.set(NOW + 5);
		board.warm();
		assert.equal(board.keeper.chip, "absent");
		assert.closeTo(board.wall.now(), NOW + 5, 1);
	});

	it("takes a time server's word where nothing better is known, as restored, and lets a later one correct it", () => {
		const board = new Board(false);
		board.keeper.network(NOW, 0);
		assert.equal(board.wall.trust(), "restored");
		assert.equal(board.keeper.error, Number.POSITIVE_INFINITY, "nothing vouches for it");
		assert.deepEqual(board.events, [[EVENTS["clock-set"], TIME_SOURCES.network << 8, 0]]);
		board.run(3_600_000);
		board.keeper.network(NOW + 3601, 0);
		assert.equal(board.wall.now(), NOW + 3601);
		assert.lengthOf(board.events, 1, "corrections are not told each");
		assert.equal(board.store.writes, 0, "nor kept over a loss of power: a lie would be as well");
		board.keeper.network(NOW + 10_000, 0);
		assert.lengthOf(board.events, 2, "a jump is");
		assert.equal(board.wall.trust(), "restored");
	});

	it("a time server never moves a clock that is better known, and is told where it differs much", () => {
		for (const how of ["synced", "chip"] as const) {
			const board = new Board();
			board.keeper.set(NOW);
			if (how === "chip") board.cut(60_000);
			const [trust, now] = [board.wall.trust(), board.wall.now()];
			for (const lie of [now + 10 * 365 * 86_400, now - 86_400, now + 301]) {
				board.keeper.network(lie, 0);
				assert.equal(board.wall.now(), now);
				assert.equal(board.wall.trust(), trust);
				assert.equal(board.keeper.networkOff, lie - now);
				assert.isTrue(board.keeper.failing);
			}
			board.keeper.network(now + 2, 0);
			assert.isFalse(board.keeper.failing);
		}
	});

	it("a time server's time is never before what the site has signed, nor before the last known time", () => {
		const board = new Board(false);
		board.keeper.network(NOW - 1, NOW);
		assert.equal(board.wall.trust(), "unset");
		board.keeper.set(NOW);
		board.cut(3_600_000);
		board.keeper.network(NOW - 7200, 0);
		assert.closeTo(board.wall.now(), NOW, KEEP_MS / 1000);
		assert.equal(board.keeper.source, "last-known");
		board.keeper.network(NOW + 3600, 0);
		assert.equal(board.wall.now(), NOW + 3600);
		assert.equal(board.keeper.source, "network");
	});

	it("a time server's lie does not outlive the next honest answer, restarts and power cuts between", () => {
		for (const chip of [true, false]) {
			const board = new Board(chip);
			board.keeper.set(NOW);
			if (chip) board.chip.setBattery(false);
			board.cut(60_000);
			board.chip.setBattery(true);
			board.keeper.network(NOW + 9 * 365 * 86_400, 0);
			board.run(2 * 3_600_000);
			board.warm();
			board.run(2 * 3_600_000);
			board.cut(60_000);
			board.keeper.network(NOW + 20_000, 0);
			assert.equal(board.wall.now(), NOW + 20_000);
			assert.isBelow(board.store.value, NOW + 20_000);
			assert.equal(board.keeper.error, Number.POSITIVE_INFINITY);
		}
	});

	it("a time server's lie on a board whose clock was never set is not kept either, and an honest answer corrects it", () => {
		const board = new Board(false);
		board.keeper.network(NOW + 9 * 365 * 86_400, 0);
		board.warm();
		board.run(2 * 3_600_000);
		assert.equal(board.store.writes, 0);
		board.cut(60_000);
		assert.equal(board.wall.trust(), "unset");
		board.keeper.network(NOW, 0);
		assert.equal(board.wall.now(), NOW);
	});

	it("says what the site's time is judged by: how early it can be, and whether the clock has run on", () => {
		const board = new Board(false);
		assert.deepEqual([board.keeper.least, board.keeper.ranOn], [0, false], "nothing is known");
		board.keeper.network(NOW, 0);
		assert.deepEqual(
			[board.keeper.least, board.keeper.ranOn],
			[0, false],
			"nothing vouches for a time server",
		);
		board.keeper.set(NOW, "site");
		assert.deepEqual(board.events.at(-1), [EVENTS["clock-set"], (TIME_SOURCES.site << 8) | 1, NOW]);
		assert.equal(board.wall.trust(), "synced");
		board.run(3_600_000);
		assert.deepEqual([board.keeper.least, board.keeper.ranOn], [NOW + 3600, true]);
		board.warm();
		assert.deepEqual(
			[board.keeper.least, board.keeper.ranOn],
			[NOW + 3600, true],
			"a restart of the firmware",
		);
		board.cut(5 * DAY_MS);
		assert.isFalse(board.keeper.ranOn, "it was off, nobody knows for how long");
		assert.closeTo(board.keeper.least, NOW + 3600, KEEP_MS / 1000);
		const chip = new Board();
		chip.keeper.set(NOW, "site");
		chip.cut(5 * DAY_MS);
		assert.isTrue(chip.keeper.ranOn, "the chip ran on");
	});

	it("takes the site's word that its time is right for no step, and knows better how far it is off", () => {
		const board = new Board(false);
		board.keeper.set(NOW);
		board.run(30 * DAY_MS);
		const before = board.keeper.error;
		board.events.length = 0;
		assert.isFalse(board.keeper.isStep(board.wall.now() + 1));
		assert.isBelow(board.keeper.error, before);
		assert.isTrue(board.keeper.isStep(board.wall.now() + 2));
		assert.deepEqual(board.events, []);
		board.warm();
		assert.isTrue(board.keeper.isStep(board.wall.now()), "restored time becomes synced by it");
	});

	it("tells of a site's time that was refused, until they agree", () => {
		const board = new Board();
		board.keeper.set(NOW);
		board.events.length = 0;
		board.keeper.differ();
		board.keeper.differ();
		assert.isTrue(board.keeper.failing);
		assert.deepEqual(board.events, [failed]);
		assert.isFalse(board.keeper.isStep(board.wall.now()));
		assert.isFalse(board.keeper.failing);
		assert.deepEqual(board.events.at(-1), [EVENTS.health, PARTS.clock << 8, 0]);
		board.keeper.differ();
		board.keeper.set(NOW);
		assert.isFalse(board.keeper.failing, "an installer was there");
	});
});
