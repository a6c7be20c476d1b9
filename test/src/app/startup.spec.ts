// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import type { RestartCause } from "../../../hal/contracts/chip.js";
import { RESTARTS } from "../../../protocol/events.js";
import { VirtualTime } from "../../../sim/time.js";
import {
	beginning,
	HEALTHY_MS,
	MAX_RADIO_WAIT_MS,
	MAX_WAIT_MS,
	namesOf,
	pack,
	STAGES,
	type Stage,
	Startup,
} from "../../../src/app/startup.js";

const CAUSES = Object.keys(RESTARTS) as RestartCause[];
const ANEW = ["power-on", "reset-pin", "software"];
const RADIOS: readonly Stage[] = ["nfc", "wifi", "bluetooth"];

/** The set of these stages. */
function setOf(...stages: readonly Stage[]): number {
	return stages.reduce((sum, stage) => sum + 2 ** STAGES.indexOf(stage), 0);
}

describe("startup, what it decides", () => {
	it("begins anew when somebody asked for the start, whatever was kept", () => {
		fc.assert(
			fc.property(fc.constantFrom(...ANEW), fc.nat(0xffffffff), (cause, kept) => {
				const { failed, held, waitMs } = beginning(cause as RestartCause, kept);
				assert.deepEqual({ failed, held, waitMs }, { failed: 0, held: 0, waitMs: 0 });
			}),
		);
	});

	const FAILED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 255];

	it("waits 1, 2, 4, 8, 16, 32, then 60 s with the stage that failed and those that need it", () => {
		const waits = FAILED.map((failed) => beginning("exception", pack(failed, setOf("door"), false)));
		assert.deepEqual(
			waits.map(({ waitMs }) => waitMs / 1000),
			[0, 1, 2, 4, 8, 16, 32, 60, 60, 60],
		);
		for (const { held } of waits.slice(1)) assert.equal(held, setOf("door", ...RADIOS));
		assert.equal(namesOf(waits[1]!.held), "door");
	});

	it("waits 1, 2, 4, 8, 16, 32, then 60 minutes with a radio that ended the chip while it began, and with no other", () => {
		const waits = FAILED.map((failed) => beginning("exception", pack(failed, setOf("wifi"), true)));
		assert.deepEqual(
			waits.map(({ waitMs }) => waitMs / 60_000),
			[0, 1, 2, 4, 8, 16, 32, 60, 60, 60],
		);
		for (const { held } of waits.slice(1)) assert.equal(held, setOf("wifi"));
		assert.equal(namesOf(setOf("nfc", "bluetooth")), "nfc, bluetooth");
	});

	it("is bounded for anything that memory may hold", () => {
		fc.assert(
			fc.property(fc.constantFrom(...CAUSES), fc.nat(0xffffffff), (cause, kept) => {
				const { failed, waitMs, held, alone } = beginning(cause, kept);
				assert.isAtMost(failed, 255);
				assert.isTrue(Number.isInteger(waitMs) && waitMs >= 0);
				assert.isAtMost(waitMs, alone ? MAX_RADIO_WAIT_MS : MAX_WAIT_MS);
				assert.equal(held === 0, waitMs === 0);
				assert.isBelow(held, 2 ** STAGES.length);
				// No stage begins without one that it needs.
				for (const [i, stage] of STAGES.slice(0, 3).entries())
					if (held & setOf(stage)) assert.equal(held >> i, 2 ** (STAGES.length - i) - 1);
			}),
		);
	});
});

/** Starts in a row; a stage of `broken` throws. Gives each stage's moment, ms after its start. */
class Chip {
	healthy = 0;
	readonly time = new VirtualTime();
	kept = 0;
	/** How long the log's stage takes, ms. */
	slow = 0;
	readonly begun: [Stage, number][] = [];
	startup: Startup | undefined;
	#life = 0;

	start(cause: RestartCause, broken?: Stage): void {
		const life = ++this.#life;
		const began = this.time.now();
		this.begun.length = 0;
		this.startup = new Startup({
			clock: {
				now: () => this.time.now() - began,
				// What dies with the chip.
				alarm: (callback) => this.time.alarm(() => life === this.#life && callback()),
			},
			cause,
			retained: {
				read: () => this.kept,
				write: (value) => {
					this.kept = value;
				},
			},
			begin: (name) => {
				if (life !== this.#life) return;
				this.begun.push([name, this.time.now() - began]);
				if (name === "log") this.time.spend(1000 * this.slow);
				if (name === broken) throw new Error(name);
			},
			trace: () => undefined,
			onHealthy: () => this.healthy++,
		});
		this.startup.run();
	}

	get names(): Stage[] {
		return this.begun.map(([name]) => name);
	}
}

describe("startup", () => {
	it("begins all at once where nothing failed, also after an exception of a reader that was well", () => {
		const chip = new Chip();
		chip.start("power-on");
		assert.deepEqual(
			chip.begun,
			STAGES.map((stage) => [stage, 0]),
		);
		chip.time.run(HEALTHY_MS);
		chip.start("exception");
		assert.deepEqual(
			chip.begun,
			STAGES.map((stage) => [stage, 0]),
		);
	});

	for (const [index, broken] of STAGES.slice(0, 3).entries())
		it(`${broken} always fails: what is before it begins at once, it and the rest after the wait`, () => {
			const chip = new Chip();
			assert.throws(() => chip.start("power-on", broken), broken);
			for (const wait of [1000, 2000, 4000]) {
				chip.start("exception", broken);
				assert.deepEqual(
					chip.begun,
					STAGES.slice(0, index).map((stage) => [stage, 0]),
				);
				assert.equal(chip.startup!.waitMs, wait);
				chip.time.run(wait - 1);
				assert.lengthOf(chip.begun, index);
				assert.throws(() => chip.time.run(1), broken);
			}
			chip.start("exception");
			chip.time.run(8000);
			assert.deepEqual(
				chip.begun,
				STAGES.map((stage, i) => [stage, i < index ? 0 : 8000]),
			);
			assert.equal(chip.startup!.waitMs, 0);
			chip.time.run(HEALTHY_MS);
			chip.start("exception");
			assert.lengthOf(chip.begun, STAGES.length, "it was well: the next starts at once");
			assert.equal(chip.startup!.beginning.failed, 0);
		});

	for (const broken of RADIOS)
		it(`${broken} always fails: all others begin at once, it alone after minutes, and is tried ever more seldom`, () => {
			const others = STAGES.filter((stage) => stage !== broken);
			const chip = new Chip();
			assert.throws(() => chip.start("power-on", broken), broken);
			for (const wait of [1, 2, 4, 8, 16, 32, 60, 60]) {
				chip.start("exception", broken);
				assert.deepEqual(chip.names, others);
				assert.isTrue(chip.startup!.waits(broken));
				assert.equal(chip.startup!.waitMs, 60_000 * wait);
				chip.time.run(60_000 * wait - 1);
				assert.deepEqual(chip.names, others);
				assert.throws(() => chip.time.run(1), broken);
			}
			assert.equal(chip.healthy, 0, "an image whose radio fails is not confirmed");
			chip.start("software");
			assert.deepEqual(chip.names, [...STAGES]);
		});

	it("two radios that fail: both wait, and the door begins", () => {
		const chip = new Chip();
		assert.throws(() => chip.start("power-on", "nfc"));
		assert.throws(() => chip.start("exception", "bluetooth"));
		chip.start("exception");
		assert.deepEqual(chip.names, ["port", "log", "door", "wifi"]);
	});

	it("the wait is counted from when the stages that need none have begun", () => {
		const chip = new Chip();
		assert.throws(() => chip.start("power-on", "door"));
		chip.slow = 500;
		chip.start("exception");
		chip.time.run(999);
		assert.deepEqual(chip.names, ["port", "log"]);
		chip.time.run(1);
		assert.lengthOf(chip.begun, STAGES.length);
	});

	it("an end during the wait counts against what had begun", () => {
		const chip = new Chip();
		assert.throws(() => chip.start("power-on", "door"));
		chip.start("exception");
		chip.time.run(500);
		chip.start("watchdog");
		assert.equal(namesOf(chip.startup!.beginning.held), "log");
	});

	it("an end after the radios began may be a phone's doing: all of them wait, for a second", () => {
		for (const ms of [0, HEALTHY_MS - 1]) {
			const chip = new Chip();
			chip.start("power-on");
			chip.time.run(ms);
			chip.start("exception");
			assert.deepEqual(chip.names, ["port", "log", "door"]);
			assert.equal(chip.startup!.waitMs, 1000);
		}
	});

	it("an end long after, while a radio waits, is no failed start, and the radio waits on", () => {
		const chip = new Chip();
		for (const cause of ["power-on", "exception"] as const) {
			assert.throws(() => {
				chip.start(cause, "bluetooth");
				chip.time.run(60_000);
			}, "bluetooth");
		}
		chip.start("exception");
		chip.time.run(HEALTHY_MS);
		chip.start("watchdog");
		const { failed, held, waitMs } = chip.startup!.beginning;
		assert.deepEqual(
			{ failed, names: namesOf(held), waitMs },
			{ failed: 2, names: "bluetooth", waitMs: 120_000 },
		);
		assert.equal(chip.healthy, 0);
		chip.time.run(120_000 + HEALTHY_MS);
		assert.equal(chip.healthy, 1);
	});

	it("an end within the time to be well counts, one after it does not", () => {
		for (const [ms, failed] of [
			[HEALTHY_MS - 1, 1],
			[HEALTHY_MS, 0],
		] as const) {
			const chip = new Chip();
			chip.start("power-on");
			chip.time.run(ms);
			chip.start("out-of-memory");
			assert.equal(chip.startup!.beginning.failed, failed);
			assert.equal(chip.healthy, 1 - failed);
		}
	});
});
