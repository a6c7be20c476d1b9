// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import type { RestartCause } from "../../../hal/contracts/chip.js";
import { RESTARTS } from "../../../protocol/events.js";
import { VirtualTime } from "../../../sim/time.js";
import {
	beginning,
	HEALTHY_MS,
	MAX_WAIT_MS,
	pack,
	STAGES,
	type Stage,
	Startup,
} from "../../../src/app/startup.js";

const CAUSES = Object.keys(RESTARTS) as RestartCause[];
const ANEW = ["power-on", "reset-pin", "software"];

describe("startup, what it decides", () => {
	it("begins anew when somebody asked for the start, whatever was kept", () => {
		fc.assert(
			fc.property(fc.constantFrom(...ANEW), fc.nat(0xffffffff), (cause, kept) => {
				assert.deepEqual(beginning(cause as RestartCause, kept), { failed: 0, waitMs: 0 });
			}),
		);
	});

	it("waits 1, 2, 4, 8, 16, 32, then 60 s with the stage that failed", () => {
		const waits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 255].map(
			(failed) => beginning("exception", pack(failed, "door")).waitMs / 1000,
		);
		assert.deepEqual(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
		for (const stage of STAGES) assert.equal(beginning("watchdog", pack(3, stage)).held, stage);
	});

	it("is bounded for anything that memory may hold", () => {
		fc.assert(
			fc.property(fc.constantFrom(...CAUSES), fc.nat(0xffffffff), (cause, kept) => {
				const { failed, waitMs, held } = beginning(cause, kept);
				assert.isAtMost(failed, 255);
				assert.isTrue(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= MAX_WAIT_MS);
				assert.equal(held === undefined, waitMs === 0);
			}),
		);
	});
});

/** Starts in a row; a stage of `broken` throws. Gives each stage's moment, ms after its start. */
class Chip {
	healthy = 0;
	readonly time = new VirtualTime();
	kept = 0;
	readonly begun: [Stage, number][] = [];
	startup: Startup | undefined;
	#life = 0;

	start(cause: RestartCause, broken?: Stage): void {
		const life = ++this.#life;
		const began = this.time.now();
		this.begun.length = 0;
		const stage = (name: Stage) => (): void => {
			if (life !== this.#life) return;
			this.begun.push([name, this.time.now() - began]);
			if (name === broken) throw new Error(name);
		};
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
			stages: { port: stage("port"), log: stage("log"), door: stage("door"), radios: stage("radios") },
			trace: () => undefined,
			onHealthy: () => this.healthy++,
		});
		this.startup.run();
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

	for (const [index, broken] of STAGES.entries())
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
			assert.lengthOf(chip.begun, 4, "it was well: the next starts at once");
		});

	it("an end during the wait counts against what had begun", () => {
		const chip = new Chip();
		assert.throws(() => chip.start("power-on", "radios"));
		chip.start("exception");
		chip.time.run(500);
		chip.start("watchdog");
		assert.equal(chip.startup!.beginning.held, "door");
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
