// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import { FRAME } from "../../../protocol/sync/frame.js";
import { topicTrust } from "../../../protocol/sync/topics.js";
import { inWords } from "../../../site/lib/log/describe.js";
import { HEALTH_MS } from "../../../src/sync/health.js";
import { DAY_MS, DOOR, idOf, many, record, SERVER_2, SITE, SyncWorld } from "./world.js";

/** What the log has of sessions, in words. */
function sessions({ reader }: SyncWorld): string[] {
	const words: string[] = [];
	const cursor = reader.log.read(1);
	for (let one = cursor.next(); one !== undefined; one = cursor.next()) {
		const entry = decodeRecord(one);
		if (entry.kind === EVENTS.sync) words.push(inWords(entry));
	}
	return words;
}

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
		assert.deepEqual(sessions(world), ["sync session"]);
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

	it("wait a random time before the first connection, up to the spread", () => {
		const waits: number[] = [];
		for (let seed = 1; seed <= 12; seed++) {
			const world = new SyncWorld({ seed, spread: 60 });
			world.start();
			assert.isTrue(world.time.runUntil(() => world.broker.clients.length > 0, 61_000));
			assert.deepEqual(world.broker.clients, [`${SITE}/${DOOR}`]);
			waits.push(world.time.now());
		}
		assert.isBelow(Math.min(...waits), 15_000);
		assert.isAbove(Math.max(...waits), 45_000);
	});

	it("are without each other while the broker is away for a day, tried for ever more seldom, and logged once", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.brokerDown();
		let tries = 0;
		const { resolve } = world.network;
		world.network.resolve = (host, done) => {
			tries++;
			resolve.call(world.network, host, done);
		};
		world.time.run(DAY_MS);
		assert.isAbove(tries, 288, "every 5 minutes at least");
		assert.isBelow(tries, 1500);
		const { last } = world.reader.log;
		world.books.plans([...many(1), record(idOf(5))]);
		world.brokerUp();
		assert.isTrue(world.settle(305_000));
		assert.isTrue(world.has(2) && world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
		assert.deepEqual(sessions(world), ["sync session", "sync session ended: connection", "sync session"]);
		assert.isBelow(world.reader.log.last - last, 4, "no record for an attempt that failed");
	});

	it("find each other again after a day without Wi-Fi", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.has(1) && world.drained());
		world.time.run(1000);
		world.joined = false;
		world.time.run(DAY_MS);
		assert.isFalse(world.inSession);
		world.joined = true;
		world.reader.sync.start();
		world.reader.sync.start();
		assert.isTrue(world.settle(10_000));
		assert.deepEqual(sessions(world), ["sync session", "sync session ended: connection", "sync session"]);
	});

	it("find each other when the site's server comes after a day, over the connection that the reader has kept", () => {
		const world = new SyncWorld();
		world.siteDown();
		world.start();
		world.time.run(10_000);
		assert.lengthOf(world.broker.clients, 1);
		const begun = (): number => world.broker.past.filter(({ data }) => data[0] === FRAME.message1).length;
		world.time.run(DAY_MS);
		assert.isBelow(begun(), 1200);
		assert.isAbove(begun(), 200);
		world.siteUp();
		assert.isTrue(world.settle(325_000));
		assert.deepEqual(sessions(world), ["sync session"]);
	});

	it("begin anew, within a quarter of a minute, when the server has started anew and knows of no session", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.time.run(120_000);
		world.siteDown();
		world.time.run(300_000);
		world.siteUp();
		assert.isTrue(world.settle(20_000));
		assert.deepEqual(sessions(world), ["sync session", "sync session ended: site", "sync session"]);
		// Whoever has the broker may do the same: once a minute.
		for (let i = 0; i < 1000; i++) {
			world.broker.publish(topicTrust(SITE), world.books.lists.at(-1)!);
			world.time.run(300);
		}
		assert.isBelow(sessions(world).length, 14);
		assert.isTrue(world.settle());
	});

	it("notice within a quarter of an hour that the server is gone, and find it again within the longest back-off", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.siteDown();
		world.time.run(HEALTH_MS + 60_000);
		assert.deepEqual(sessions(world), ["sync session", "sync session ended: unanswered"]);
		world.time.run(3_600_000);
		world.siteUp();
		assert.isTrue(world.settle(325_000));
	});

	it("begin another session after 24 hours, and miss nothing", () => {
		const world = new SyncWorld();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.time.run(DAY_MS + 5000);
		assert.isTrue(world.settle(1000));
		assert.deepEqual(sessions(world), ["sync session", "sync session ended: life", "sync session"]);
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
		assert.include(sessions(world), "sync session ended: unanswered");
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
		assert.deepEqual(sessions(world), []);
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
		assert.deepEqual(sessions(world), ["sync session"]);
	});
});
