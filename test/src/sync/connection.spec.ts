// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import { DAY_MS, DOOR, idOf, many, record, SERVER_2, SITE, SyncWorld } from "./world.js";

describe("sync: a reader and its site", () => {
	it("hold a session, by which plan and log are where they belong", () => {
		const world = new SyncWorld();
		world.books.plans(many(3));
		world.start();
		assert.isTrue(world.settle(), [...world.traces].join("\n"));
		assert.isTrue(world.has(1));
		assert.isTrue(world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
		world.books.plans([...many(3), record(idOf(7))]);
		assert.isTrue(world.has(2, 2000));
		assert.isTrue(world.drained());
		assert.deepEqual(world.books.received.problems, []);
		assert.deepEqual(world.sessions(), ["sync session"]);
		assert.isAtLeast(world.books.count("hello"), 3, "first, and after each plan");
	});

	it("say no more to each other, while all is said, than how the reader is and what time it is", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.has(1) && world.drained());
		world.time.run(1000);
		const before = world.broker.past.length;
		world.time.run(DAY_MS / 4);
		// Six hours: health each quarter of one, the time each hour, both answered.
		assert.equal(world.broker.past.length - before, 2 * (24 + 6));
		assert.isTrue(world.inSession);
	});

	it("wait a random time before the first connection, so that all have their session within the spread", () => {
		const waits: number[] = [];
		for (let seed = 1; seed <= 40; seed++) {
			const world = new SyncWorld({ seed, spread: 60 });
			world.start();
			assert.isTrue(world.time.runUntil(() => world.broker.clients.length > 0, 60_000));
			assert.deepEqual(world.broker.clients, [`${SITE}/${DOOR}`]);
			waits.push(world.time.now());
			assert.isTrue(world.time.runUntil(() => world.inSession, 60_000 - world.time.now()));
		}
		assert.isBelow(Math.min(...waits), 10_000);
		assert.isAbove(Math.max(...waits), 45_000);
	});

	it("come together ever more seldom where each session is ended at once, as by another reader with this one's id", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle());
		let ended = 0;
		for (const end = world.time.now() + 3_600_000; world.time.now() < end; ended++) {
			world.broker.drop();
			const again = (): boolean => world.broker.clients.length > 0 && world.reader.sync.server !== undefined;
			if (!world.time.runUntil(again, 600_000)) break;
		}
		assert.isAtMost(ended, 60);
	});

	it("begin another session after 24 hours, and miss nothing", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.time.run(DAY_MS + 5000);
		assert.isTrue(world.settle(1000));
		assert.deepEqual(world.sessions(), ["sync session", "sync session ended: life", "sync session"]);
		world.books.plans([...many(1), record(idOf(5))]);
		assert.isTrue(world.has(2, 2000));
	});

	it("part when the site does not answer five times, and meet again", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.onDown = () => false;
		world.onUp = ({ data }) => data[0] !== FRAME.message1;
		world.reader.record(EVENTS.exit, 0, 0);
		world.time.run(49_000);
		assert.isDefined(world.reader.sync.server);
		world.time.run(3000);
		assert.isUndefined(world.reader.sync.server);
		world.onDown = world.onUp = undefined;
		assert.isTrue(world.settle(60_000));
		assert.isTrue(world.drained());
		assert.include(world.sessions(), "sync session ended: unanswered");
		assert.deepEqual(world.lostOrDoubled(), []);
	});

	it("have no session where another reader is registered for the door, nor by a key that is not the server's", () => {
		const world = new SyncWorld();
		const own = world.books.registered(DOOR)!;
		world.books.register(DOOR, SERVER_2.publicKey);
		world.start();
		world.time.run(600_000);
		assert.isFalse(world.inSession);
		assert.isAbove(world.books.count("refused"), 2);
		assert.isBelow(world.books.count("refused"), 120);
		world.books.register(DOOR, own);
		world.books.speaksBy(SERVER_2);
		world.time.run(600_000);
		assert.isFalse(world.inSession);
		assert.isTrue([...world.traces].some((line) => line.includes("unknown-issuer")));
		assert.deepEqual(world.sessions(), []);
	});

	it("leave a phone in peace: nothing is said while one is served, and what comes waits, for 2 s at most", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.has(1) && world.drained());
		world.busy = true;
		const { past } = world.broker;
		const before = past.length;
		world.reader.record(EVENTS.exit, 0, 0);
		world.time.run(1500);
		assert.equal(past.length, before);
		world.busy = false;
		assert.isTrue(world.drained(1000));
		world.busy = true;
		world.books.plans([...many(1), record(idOf(5))]);
		world.time.run(1900);
		assert.equal(world.reader.plan.version, 1);
		world.time.run(300);
		assert.equal(world.reader.plan.version, 2);
	});

	it("go on beside a phone that stays, or a stranger who stays connected", () => {
		const world = new SyncWorld();
		world.busy = true;
		world.books.plans(many(1000));
		world.start();
		assert.isTrue(world.settle(10_000) && world.has(1));
		world.reader.record(EVENTS.exit, 0, 0);
		assert.isTrue(world.drained(10_000));
		world.time.run(3_600_000);
		assert.deepEqual(world.sessions(), ["sync session"]);
	});
});
