// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS, PARTS, TIME_SOURCES } from "../../../protocol/events.js";
import type { Message, MessageOf } from "../../../protocol/sync/messages.js";
import type { TrustKey } from "../../../protocol/trust/list.js";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";
import { SimWallClock } from "../../../sim/wall-clock.js";
import { AskTime, TIME_MS } from "../../../src/sync/ask-time.js";
import { Timekeeper } from "../../../src/time/timekeeper.js";
import { Talk } from "./talk.js";

/** 2026-11-29T12:00:00Z. */
const NOW = Date.UTC(2026, 10, 29, 12) / 1000;
const DAY = 86_400;

/** A reader's clock in a session with a site that knows the time. */
class Clocks {
	readonly time = new VirtualTime();
	readonly wall = new SimWallClock(this.time);
	readonly store = { setBack: 0, lists: { newest: { issued: NOW - 40 * DAY } } };
	readonly events: string[] = [];
	readonly keeper: Timekeeper;
	readonly talk: Talk;
	signed = NOW - 30 * DAY;

	constructor() {
		const { time, wall, store } = this;
		this.keeper = new Timekeeper({
			...{ clock: time, wall, chip: undefined, store: undefined },
			record: (...event) => this.events.push(event.join(" ")),
			trace: () => undefined,
		});
		this.keeper.start();
		const facade = this;
		const reader = {
			get newestSigned() {
				return facade.signed;
			},
			setTime: (seconds: number, source?: "site") => this.keeper.set(seconds, source),
		};
		this.talk = new Talk(
			time,
			{ reader, store, timekeeper: this.keeper, random: new SeededRandom(1) },
			(sync) => [new AskTime(sync)],
		);
		this.talk.server = { until: NOW + 60 * DAY } as TrustKey;
		this.talk.begin();
		time.run(0);
	}

	get asked(): MessageOf<"clock">[] {
		return this.talk.said.filter((message: Message) => message.name === "clock");
	}

	/** The site's answer to the newest question, after `ms`. */
	says(seconds: number, ms = 50, nonce = this.asked.at(-1)!.nonce): void {
		this.time.run(ms);
		this.talk.answer({ name: "time", nonce, seconds });
		this.time.run(0);
	}

	/** An hour later it asks again. */
	later(): void {
		this.time.run(TIME_MS);
		this.talk.wake();
		this.time.run(0);
	}
}

describe("a reader that asks its site for the time", () => {
	it("sets its clock by a fresh answer, synced, and the log has the step", () => {
		const clocks = new Clocks();
		assert.equal(clocks.wall.trust(), "unset");
		clocks.says(NOW);
		assert.deepEqual([clocks.wall.trust(), clocks.wall.now()], ["synced", NOW]);
		assert.deepEqual(clocks.events, [`${EVENTS["clock-set"]} ${TIME_SOURCES.site << 8} 0`]);
		assert.equal(clocks.talk.changes, 1, "the server's key is judged by it");
		assert.isDefined(clocks.asked[0]);
	});

	it("takes no answer that came late, nor another question's, and asks anew with another nonce", () => {
		const clocks = new Clocks();
		clocks.says(NOW, 2000);
		assert.equal(clocks.wall.trust(), "unset");
		assert.lengthOf(clocks.asked, 2);
		assert.notDeepEqual(clocks.asked[0]!.nonce, clocks.asked[1]!.nonce);
		clocks.says(NOW, 10, clocks.asked[0]!.nonce);
		assert.equal(clocks.wall.trust(), "unset", "it goes on waiting");
		clocks.says(NOW, 1900);
		assert.equal(clocks.wall.now(), NOW);
	});

	it("an answer to what was said again is late, whenever it comes", () => {
		const clocks = new Clocks();
		clocks.time.run(10_001);
		assert.lengthOf(clocks.asked, 2, "said again");
		assert.deepEqual(clocks.asked[0], clocks.asked[1]);
		clocks.says(NOW, 10);
		assert.equal(clocks.wall.trust(), "unset");
	});

	it("asks every hour, and after three late answers not before the next", () => {
		const clocks = new Clocks();
		for (let n = 0; n < 3; n++) clocks.says(NOW, 5000);
		assert.lengthOf(clocks.asked, 3);
		clocks.talk.wake();
		clocks.time.run(1000);
		assert.lengthOf(clocks.asked, 3, "what else there is to say is not held up");
		clocks.later();
		assert.lengthOf(clocks.asked, 4);
		clocks.says(NOW);
		assert.equal(clocks.wall.now(), NOW);
		clocks.talk.wake();
		clocks.time.run(1000);
		assert.lengthOf(clocks.asked, 4);
	});

	it("is moved back by an hour in all, which outlives sessions and ends with an installer's visit", () => {
		const clocks = new Clocks();
		clocks.says(NOW);
		let truth = NOW;
		for (let step = 0; step < 7; step++) {
			clocks.later();
			truth = clocks.wall.now();
			clocks.says(truth - 600);
		}
		assert.equal(clocks.store.setBack, 3600);
		assert.isAtLeast(clocks.wall.now(), truth, "the seventh is refused");
		assert.isTrue(clocks.keeper.failing, "and told");
		assert.equal(clocks.events.at(-1), `${EVENTS.health} ${(PARTS.clock << 8) | 1} 0`);
		clocks.later();
		clocks.says(clocks.wall.now());
		assert.isFalse(clocks.keeper.failing);
		clocks.store.setBack = 0;
		clocks.later();
		clocks.says(clocks.wall.now() - 600);
		assert.equal(clocks.store.setBack, 600);
	});

	it("is not moved to and fro by a broker that holds back every other answer for as long as it may", () => {
		const clocks = new Clocks();
		clocks.says(NOW, 0);
		for (let n = 0; n < 40; n++) {
			clocks.time.run(137);
			clocks.later();
			clocks.says(NOW + Math.floor(clocks.time.now() / 1000), n % 2 === 0 ? 1990 : 10);
		}
		assert.deepEqual([clocks.events.length, clocks.store.setBack], [1, 0]);
		assert.equal(clocks.wall.now(), NOW + Math.floor(clocks.time.now() / 1000));
	});

	it("takes no time that is a year off on either side, by a thief of the server's key or a clock that is wrong", () => {
		for (const off of [-365 * DAY, 365 * DAY, DAY + 100, -3700]) {
			const clocks = new Clocks();
			clocks.keeper.set(NOW);
			clocks.says(NOW + off);
			assert.closeTo(clocks.wall.now(), NOW, 1);
			assert.isTrue(clocks.keeper.failing);
		}
		for (const [seconds, list] of [
			[NOW + 60 * DAY, NOW - 40 * DAY],
			[NOW - 31 * DAY, NOW - 40 * DAY],
			[NOW - 2, NOW - 1],
		] as const) {
			const unset = new Clocks();
			unset.store.lists.newest.issued = list;
			unset.says(seconds);
			assert.equal(unset.wall.trust(), "unset", "beyond the key's end, before what plan or list signed");
		}
	});

	it("is not moved back where the sealed state does not take how far", () => {
		const clocks = new Clocks();
		clocks.says(NOW);
		Object.defineProperty(clocks.store, "setBack", {
			get: () => 0,
			set: () => {
				throw new Error("worn out");
			},
		});
		clocks.later();
		const { events, keeper, wall } = clocks;
		clocks.says(wall.now() - 600);
		assert.isAtLeast(wall.now(), NOW + TIME_MS / 1000);
		assert.isTrue(keeper.failing);
		assert.equal(events.at(-1), `${EVENTS.health} ${(PARTS.clock << 8) | 1} 0`);
	});

	it("a second more or less is no step, and not in the log", () => {
		const clocks = new Clocks();
		clocks.says(NOW);
		for (const off of [1, -1, 0]) {
			clocks.later();
			clocks.says(clocks.wall.now() + off);
		}
		assert.lengthOf(clocks.events, 1);
		assert.equal(clocks.store.setBack, 0);
	});
});
