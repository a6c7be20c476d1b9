// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { FRAME } from "../../../protocol/sync/frame.js";
import { SyncWorld } from "./world.js";

describe("sync: hello", () => {
	it("what changes while one waits for its answer is said in another: the site answers a repeated one as before", () => {
		const world = new SyncWorld();
		world.start();
		assert.isTrue(world.settle());
		world.time.run(30_000);
		let answers = false;
		world.onDown = (_topic, frame, retain) => answers || retain || frame[0] !== FRAME.record;
		world.reader.sync.changed();
		world.time.run(1000);
		world.books.list({});
		world.site!.changed();
		world.time.run(1000);
		assert.equal(world.reader.store.trust.version, 2, "the topic has brought it");
		answers = true;
		world.time.run(30_000);
		const hellos = world.books.news.flatMap((news) => (news.kind === "hello" ? [news.hello] : []));
		assert.equal(hellos.at(-1)!.trust, 2);
	});
});
