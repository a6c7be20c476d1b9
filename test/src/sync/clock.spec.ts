// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { BEGIN, DOOR, many, SyncWorld } from "./world.js";

const DAY = 86_400;
const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** What a command comes to. */
function commanded(world: SyncWorld, what: string): unknown {
	let came: unknown;
	world.site!.command(DOOR, { what, for: 0, by: ANN }, (result) => {
		came = result;
	});
	world.time.run(1000);
	return came;
}

describe("a reader whose clock is wrong, and its site", () => {
	it("unset: the session sets it, and what the site commands is done from then on", () => {
		const world = new SyncWorld();
		world.wall.lose();
		world.books.plans(many(1));
		world.start();
		assert.isTrue(world.settle());
		world.time.run(2000);
		assert.equal(world.wall.trust(), "synced");
		assert.closeTo(world.wall.now(), BEGIN + world.time.now() / 1000, 2);
		assert.equal(commanded(world, "open"), "done");
		assert.deepEqual([...world.commands], ["open"]);
	});

	it("set and far off, by either side's fault: it keeps its time, says why, and waits for an installer", () => {
		for (const [ahead, why] of [
			[7200, /the site's time is refused: too-far-back/],
			[-2 * DAY, /the site's time is refused: too-far-forward/],
			[365 * DAY, /the server's key: key-ended/],
		] as const) {
			const world = new SyncWorld();
			world.start();
			assert.isTrue(world.settle());
			world.time.run(2000);
			world.wall.set(world.wall.now() + ahead, "synced");
			world.time.run(3_700_000);
			assert.closeTo(world.wall.now(), BEGIN + ahead + world.time.now() / 1000, 2);
			assert.match([...world.traces].join("\n"), why);
		}
	});
});
