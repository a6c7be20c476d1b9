// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { EVENTS } from "../../../protocol/events.js";
import { encodeMessage } from "../../../protocol/sync/messages.js";
import { topicDown, topicTrust, topicUp } from "../../../protocol/sync/topics.js";
import { type BrokerFaults, HONEST } from "../../../sim/broker.js";
import { SeededRandom } from "../../../sim/random.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { DOOR, idOf, many, SITE, SyncWorld } from "./world.js";

const SEEDS = 12;
const HOUR_MS = 3_600_000;

/** What a broker may do, each with a share of its own. */
function faultsOf(random: SeededRandom): BrokerFaults {
	const share = (most: number): number => (random.below(100) / 100) * most;
	return {
		...{ swallow: share(0.1), lose: share(0.1), late: share(0.3), longest: 1 + random.below(60_000) },
		...{ duplicate: share(0.3), replay: share(0.5), stale: share(0.5), swap: share(0.1) },
		...{ truncate: share(0.05), alter: share(0.05), cut: share(0.01) },
	};
}

describe("sync over a broker that lies", () => {
	for (let seed = 1; seed <= SEEDS; seed++)
		it(`opens nothing, forgets nothing and loses nothing, seed ${seed}`, () => {
			const random = new SeededRandom(seed);
			const world = new SyncWorld({ seed, logSectors: 16 });
			world.books.plans(many(3));
			world.start();
			assert.isTrue(world.settle() && world.has(1) && world.drained());
			let highest = 1;
			for (let step = 0; step < 12; step++) {
				world.broker.faults = faultsOf(random);
				if (random.below(3) === 0) world.books.list({});
				// The site opens for one more, or for one less.
				world.books.plans(many(1 + random.below(200)));
				for (let i = random.below(40); i > 0; i--) world.reader.record(EVENTS.exit, 0, i);
				if (random.below(4) === 0) {
					world.stop();
					world.start();
				}
				world.time.run(random.below(HOUR_MS));
				assert.isAtLeast(world.reader.plan.version, highest, "it never goes back");
				highest = world.reader.plan.version;
			}
			world.broker.faults = HONEST;
			world.broker.drop();
			world.time.run(120_000);
			assert.isTrue(world.settle(HOUR_MS));
			assert.isTrue(world.has(13, 600_000));
			assert.isTrue(world.drained(600_000));
			assert.deepEqual(world.lostOrDoubled(), []);
			assert.deepEqual(world.books.received.problems, []);
			assert.equal(world.reader.store.trust.version, world.books.trust.version);
			assert.deepEqual(world.commands, []);
			const count = world.books.image(DOOR)!.records.length / 16;
			for (const n of [0, count - 1, count])
				assert.equal(world.reader.plan.lookup(idOf(n), emptyEntry()), n < count, `${n} of ${count}`);
		});

	it("does nothing for all that was ever said, said again in another session, at another moment, on another topic", () => {
		const world = new SyncWorld();
		world.books.plans(many(3));
		world.start();
		assert.isTrue(world.settle() && world.has(1) && world.drained());
		const by = new Uint8Array(8).fill(7);
		const until = world.reader.sync.age + 5000;
		assert.isNull(world.says({ name: "command", what: "normal", for: 0, until, by }));
		assert.deepEqual(world.commands, ["normal"]);
		world.books.plans(many(2));
		assert.isTrue(world.has(2) && world.drained());
		const all = [...world.broker.past];
		const again = (): void => {
			const { last } = world.reader.log;
			for (const { data, retain } of all)
				for (const topic of [topicDown(SITE, DOOR), topicTrust(SITE), topicUp(SITE, DOOR)]) {
					world.broker.publish(topic, data, retain && topic === topicTrust(SITE));
					world.time.run(10);
				}
			world.time.run(60_000);
			assert.isTrue(world.settle(600_000));
			assert.isBelow(world.reader.log.last - last, 8);
		};
		again();
		world.broker.drop();
		assert.isTrue(world.settle());
		again();
		world.stop();
		world.start();
		assert.isTrue(world.settle());
		again();
		assert.deepEqual(world.commands, ["normal"]);
		assert.equal(world.reader.plan.version, 2);
		assert.isTrue(world.drained(120_000));
		assert.deepEqual(world.lostOrDoubled(), []);
	});

	it("takes no command in the clear, none beside a session, none that was sealed for another", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle() && world.drained());
		const by = new Uint8Array(8).fill(7);
		const open = encodeMessage({ name: "command", id: 99, what: "open", for: 5, until: 30_000, by });
		const frames: Uint8Array[] = [];
		for (let type = 0; type < 256; type++) frames.push(Uint8Array.of(type, ...open));
		for (let type = 0; type < 8; type++)
			frames.push(Uint8Array.of(type, 0, 0, 0, 200, ...open, ...new Uint8Array(16)));
		for (const frame of frames) world.broker.publish(topicDown(SITE, DOOR), frame);
		world.time.run(10_000);
		assert.deepEqual(world.commands, []);
		assert.isTrue(world.inSession);
		world.siteDown();
		world.stop();
		world.start();
		world.time.run(10_000);
		for (const frame of frames) world.broker.publish(topicDown(SITE, DOOR), frame);
		world.time.run(10_000);
		assert.deepEqual(world.commands, []);
	});
});
