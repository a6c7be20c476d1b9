// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import type { ReceivedLog } from "../../../site/lib/sync/memory-books.js";
import { DAY_MS, DOOR, SyncWorld } from "./world.js";

/** Small sectors of 27 records, of which eight fit. */
function small(sectors = 8): SyncWorld {
	return new SyncWorld({ logSectors: sectors, logSectorSize: 1024 });
}

function settled(world = small()): SyncWorld {
	world.start();
	assert.isTrue(world.settle() && world.drained());
	return world;
}

/** So many events at the door. */
function happen({ reader }: SyncWorld, count: number): void {
	for (let i = 0; i < count; i++) reader.record(EVENTS.exit, 0, i);
}

describe("the log by sync", () => {
	it("is at the site a moment after it happens, across sectors, once each", () => {
		const world = settled();
		for (let i = 0; i < 60; i++) {
			happen(world, 1 + (i % 5));
			assert.isTrue(world.drained(3000), `${i}`);
		}
		assert.isAbove(world.reader.log.newestSector, 5);
		assert.deepEqual(world.lostOrDoubled(), []);
		assert.deepEqual(world.books.received.problems, []);
		assert.equal(world.books.repeated, 0);
	});

	it("of a day without the site comes in batches, and nothing of it is overwritten by what follows", () => {
		const world = settled();
		world.siteDown();
		happen(world, 150);
		world.time.run(DAY_MS / 24);
		world.siteUp();
		assert.isTrue(world.settle(400_000));
		assert.isTrue(world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
		assert.deepEqual(world.books.received.problems, []);
	});

	it("that has dropped what the site never had goes on from the oldest, and the site names what is missing", () => {
		const world = settled();
		world.siteDown();
		happen(world, 400);
		const { oldest } = world.reader.log;
		const { serial } = world.books.received.cursor;
		assert.isAbove(oldest, serial + 1);
		world.time.run(60_000);
		world.siteUp();
		assert.isTrue(world.settle(400_000));
		assert.isTrue(world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
		assert.deepEqual(world.books.received.problems, [
			{ reason: "missing", from: serial + 1, to: world.reader.log.oldest - 1 },
		]);
	});

	it("is not lost where the power goes between the site's having it and the reader's knowing", () => {
		const world = settled();
		for (let i = 0; i < 12; i++) {
			happen(world, 40);
			if (i % 2 === 0) world.time.run(300 + 20 * i);
			else assert.isTrue(world.drained());
			world.stop();
			// Until the broker has forgotten the connection, too.
			world.time.run(100_000);
			world.start();
			assert.isTrue(world.settle());
		}
		assert.isTrue(world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
		assert.deepEqual(world.books.received.problems, []);
	});

	it("is sent again as far as it goes back to a site that was restored from yesterday", () => {
		for (const gone of [30, 90, 400]) {
			const world = settled();
			happen(world, 30);
			assert.isTrue(world.drained());
			const backup = copyOf(world.books.received);
			happen(world, gone);
			assert.isTrue(world.drained(), "before");
			world.siteDown();
			world.books.received.cursor = backup.cursor;
			world.books.received.records.splice(backup.records.length);
			world.books.received.problems.splice(0);
			world.siteUp();
			assert.isTrue(world.settle(400_000));
			assert.isTrue(world.drained());
			assert.deepEqual(world.lostOrDoubled(), []);
			assert.isAbove(world.books.count("ahead"), 0);
			const { oldest } = world.reader.log;
			const missing = backup.cursor.serial + 1 < oldest;
			assert.equal(world.books.received.problems.length, missing ? 1 : 0, `${gone}`);
		}
	});

	it("is not acknowledged to a site that has another log of this reader", () => {
		const world = settled();
		happen(world, 10);
		assert.isTrue(world.drained());
		const { received } = world.books;
		received.cursor = {
			...received.cursor,
			link: new Uint8Array(8).fill(1),
			before: new Uint8Array(8).fill(1),
		};
		const { acknowledged } = world.reader.log;
		happen(world, 5);
		world.time.run(120_000);
		assert.equal(world.reader.log.acknowledged, acknowledged);
		assert.isAbove(received.apart.length, 0);
		assert.isBelow(received.apart.length, 3, "it is not sent again and again");
		assert.isTrue([...world.traces].some((line) => line.includes("other-log")));
	});

	it("is not acknowledged by a serial that it does not have, nor by a link that is not its own", () => {
		for (const wrong of ["serial", "link"] as const) {
			const world = settled();
			const { acknowledged } = world.reader.log;
			const { takeLog } = world.books;
			world.books.takeLog = (door, reader, message, done) =>
				takeLog.call(world.books, door, reader, message, (result) => {
					if (typeof result === "string") done(result);
					else if (wrong === "serial") done({ ...result, serial: result.serial + 1000 });
					else done({ ...result, link: result.link.map((byte) => byte ^ 1) });
				});
			happen(world, 5);
			world.time.run(120_000);
			assert.equal(world.reader.log.acknowledged, acknowledged);
			assert.isTrue(world.inSession);
			assert.isTrue([...world.traces].some((line) => line.includes("another log")));
		}
	});

	it("is not sent for ever to a site that takes nothing, and is in the next session", () => {
		const world = settled();
		const { takeLog } = world.books;
		world.books.takeLog = (_door, _reader, _message, done) => done(world.books.received.cursor);
		happen(world, 5);
		const before = world.broker.past.length;
		world.time.run(600_000);
		assert.isBelow(world.broker.past.length - before, 20);
		world.books.takeLog = takeLog;
		world.broker.drop();
		assert.isTrue(world.drained());
		assert.deepEqual(world.lostOrDoubled(), []);
	});

	it("says in hello what is acknowledged, with the link of that record", () => {
		const world = settled();
		happen(world, 7);
		assert.isTrue(world.drained());
		const { cursor } = world.books.received;
		const expected = [cursor.serial, toHex(cursor.link)];
		world.broker.drop();
		assert.isTrue(world.hears("hello"));
		const [hello] = world.books.news.flatMap((news) => (news.kind === "hello" ? [news.hello] : [])).slice(-1);
		assert.deepEqual([hello!.acknowledged, toHex(hello!.link)], expected);
		assert.equal(world.books.registered(DOOR)!.length, 32);
	});
});

function copyOf({ cursor, records }: ReceivedLog): Pick<ReceivedLog, "cursor" | "records"> {
	return { cursor, records: [...records] };
}
