// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { FRAME } from "../../../protocol/sync/frame.js";
import { topicTrust } from "../../../protocol/sync/topics.js";
import { HEALTH_MS } from "../../../src/sync/health.js";
import { DAY_MS, idOf, many, record, SITE, SyncWorld } from "./world.js";

describe("sync: a reader and its site that are apart", () => {
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
		assert.deepEqual(world.sessions(), ["sync session", "sync session ended: connection", "sync session"]);
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
		assert.deepEqual(world.sessions(), ["sync session", "sync session ended: connection", "sync session"]);
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
		assert.deepEqual(world.sessions(), ["sync session"]);
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
		assert.deepEqual(world.sessions(), ["sync session", "sync session ended: site", "sync session"]);
		// Whoever has the broker may do the same: once a minute.
		for (let i = 0; i < 100; i++) {
			world.broker.publish(topicTrust(SITE), world.books.lists.at(-1)!);
			world.time.run(3000);
		}
		assert.isBelow(world.sessions().length, 14);
		assert.isTrue(world.settle());
	});

	it("notice within a quarter of an hour that the server is gone, and find it again within the longest back-off", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle() && world.drained());
		world.siteDown();
		world.time.run(HEALTH_MS + 60_000);
		assert.deepEqual(world.sessions(), ["sync session", "sync session ended: unanswered"]);
		world.time.run(3_600_000);
		world.siteUp();
		assert.isTrue(world.settle(325_000));
	});
});
