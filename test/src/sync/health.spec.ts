// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { PARTS } from "../../../protocol/events.js";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { VirtualTime } from "../../../sim/time.js";
import { HEALTH_MS, TellHealth } from "../../../src/sync/health.js";
import { Talk } from "./talk.js";

/** A reader in a session, with what ails it. */
class Reader {
	readonly time = new VirtualTime();
	readonly health: { failing: number; free: number | undefined; signal: number | undefined; cause: number } =
		{
			...{ failing: 0, free: 41_000, signal: -63, cause: 0x0204 },
		};
	readonly timekeeper = { error: 4 };
	readonly talk: Talk;

	constructor() {
		const { health, time, timekeeper } = this;
		this.talk = new Talk(time, { health, timekeeper }, (sync) => [new TellHealth(sync)]);
		time.run(100_000);
		this.talk.begin();
		time.run(0);
	}

	get told(): MessageOf<"health">[] {
		return this.talk.said as MessageOf<"health">[];
	}

	/** The site answers, and time goes by. */
	goesOn(ms: number): void {
		this.talk.answer();
		this.time.run(ms);
	}
}

describe("the site is told how the reader itself is", () => {
	it("once in a session: uptime, why it started, memory, signal, what fails, how far the clock may be off", () => {
		const reader = new Reader();
		assert.deepEqual(
			reader.told.map((message) => ({ ...message })),
			[
				{
					name: "health",
					id: 1,
					uptime: 100,
					cause: 0x0204,
					free: 41_000,
					signal: 63,
					failing: 0,
					clockError: 4,
				},
			],
		);
		reader.goesOn(HEALTH_MS - 1000);
		assert.lengthOf(reader.told, 1);
	});

	it("every quarter of an hour, by its own clock", () => {
		const reader = new Reader();
		for (let hour = 0; hour < 6; hour++) for (let n = 0; n < 4; n++) reader.goesOn(HEALTH_MS);
		assert.lengthOf(reader.told, 25);
	});

	it("as soon as a part fails or works again", () => {
		const reader = new Reader();
		reader.goesOn(1000);
		for (const failing of [1 << PARTS.nfc, (1 << PARTS.nfc) | (1 << PARTS.clock), 0]) {
			reader.health.failing = failing;
			// An event of the log wakes it.
			reader.talk.wake();
			reader.time.run(10);
			assert.equal(reader.told.at(-1)!.failing, failing);
			reader.goesOn(1000);
		}
		assert.lengthOf(reader.told, 4);
	});

	it("says null for what is not known", () => {
		const reader = new Reader();
		reader.health.free = reader.health.signal = undefined;
		reader.timekeeper.error = Number.POSITIVE_INFINITY;
		reader.goesOn(HEALTH_MS);
		const { free, signal, clockError } = reader.told.at(-1)!;
		assert.deepEqual([free, signal, clockError], [null, null, null]);
	});

	it("says the same again where no answer comes, and does not end with a session", () => {
		const reader = new Reader();
		reader.time.run(10_000);
		assert.deepEqual(
			reader.told.map(({ id }) => id),
			[1, 1],
		);
		reader.talk.end();
		reader.time.run(2 * HEALTH_MS);
		reader.talk.begin();
		reader.time.run(0);
		assert.lengthOf(reader.told, 1);
	});
});
