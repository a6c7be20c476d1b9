// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";
import { type Beginner, Handshakes } from "../../../site/lib/sync/handshakes.js";
import { nextWait } from "../../../src/sync/back-off.js";
import { ATTEMPT_MS } from "../../../src/sync/sync.js";

/** A server that is busy for so long with each handshake, ms. */
const COST_MS = 100;

/** A reader that comes at its time, gives an attempt up as the firmware does, and waits as that does. */
class Reader implements Beginner {
	/** When it had its session, ms. */
	served: number | undefined;
	readonly #time: VirtualTime;
	readonly #handshakes: Handshakes;
	readonly #random: SeededRandom;
	#wait = 0;
	/** Its attempt is given up then, ms. */
	#until = 0;

	constructor(time: VirtualTime, handshakes: Handshakes, random: SeededRandom) {
		this.#time = time;
		this.#handshakes = handshakes;
		this.#random = random;
	}

	come(): void {
		this.#until = this.#time.now() + ATTEMPT_MS;
		this.#handshakes.add(this, new Uint8Array(1));
		this.#time.after(ATTEMPT_MS * 1000, () => {
			if (this.served !== undefined) return;
			this.#wait = nextWait(this.#wait, this.#random.uint32());
			this.#time.after(this.#wait * 1000, () => this.come());
		});
	}

	begin(): boolean {
		this.#time.spend(COST_MS * 1000);
		if (this.#time.now() < this.#until) this.served ??= this.#time.now();
		return false;
	}

	giveUp(): void {}
}

/** When each of `count` readers had its session that come within `ms`, ms. */
function served(count: number, ms: number): number[] {
	const time = new VirtualTime();
	const random = new SeededRandom(7);
	const handshakes = new Handshakes({
		now: () => time.now(),
		after: (ms, run) => time.after(ms * 1000, run),
	});
	const readers = Array.from({ length: count }, () => new Reader(time, handshakes, random));
	for (const reader of readers) time.after(random.below(ms) * 1000, () => reader.come());
	time.runUntil(() => readers.every((reader) => reader.served !== undefined), 86_400_000);
	return readers.map((reader) => reader.served ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
}

describe("site sync: handshakes", () => {
	it("are each begun at once where no more come than can be served", () => {
		assert.isBelow(Math.max(...served(300, 60_000)), 65_000);
	});

	it("serve nearly as many as they can while twice as many come, none of them in vain", () => {
		const times = served(2400, 120_000);
		const inTime = times.filter((at) => at < 120_000).length;
		assert.isAbove(inTime, 0.9 * (120_000 / COST_MS), `${inTime} while they came`);
		// Half of the readers had to come again, after waits that grow.
		assert.isBelow(times.at(-1)!, 1_200_000);
	});
});
