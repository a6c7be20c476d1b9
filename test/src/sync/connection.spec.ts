// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { idOf, many, record, SyncWorld } from "./world.js";

describe("sync: a reader and its site", () => {
	it("hold a session, by which plan and log are where they belong", () => {
		const world = new SyncWorld();
		world.books.plans(many(3));
		world.start();
		assert.isTrue(world.settle(), world.traces.join("\n"));
		assert.isTrue(world.has(1), JSON.stringify(world.books.news));
		assert.isTrue(world.drained(), world.traces.join("\n"));
		assert.equal(world.compareLog(), "same");
		world.books.plans([...many(3), record(idOf(7))]);
		world.site!.changed("front");
		assert.isTrue(world.has(2, 2000), JSON.stringify(world.books.news));
		assert.isTrue(world.drained());
		assert.deepEqual(world.books.problems, []);
	});
});
