// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { Shares } from "../../../../site/server/cluster/shares.js";

const DOORS = Array.from({ length: 3000 }, (_, i) => `D${i}`);

describe("shares of doors", () => {
	it("are the same for each process, whatever the order in which it has heard of them", () => {
		const one = new Shares(["a", "b", "c"]);
		const other = new Shares(["c", "a", "b"]);
		assert.isTrue(other.isOf(one.processes));
		for (const door of DOORS) assert.equal(one.ownerOf(door), other.ownerOf(door));
	});

	it("are about alike, and where a process goes its doors alone move", () => {
		const before = new Shares(["a", "b", "c"]);
		const after = new Shares(["a", "c"]);
		const moved = DOORS.filter((door) => before.ownerOf(door) !== after.ownerOf(door));
		assert.deepEqual(
			moved,
			DOORS.filter((door) => before.ownerOf(door) === "b"),
		);
		assert.approximately(moved.length, 1000, 150);
	});

	it("are nobody's where there is no process", () => {
		assert.isUndefined(new Shares([]).ownerOf("D1"));
	});
});
