// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { compareLogs, type OwnLogs } from "../../../tools/fleet/compare-logs.js";

const own: OwnLogs = new Map([
	[
		"A",
		[
			[1, "a1"],
			[2, "a2"],
		],
	],
	["B", [[1, "b1"]]],
]);
const all = [
	{ door: "A", serial: 1, link: "a1" },
	{ door: "A", serial: 2, link: "a2" },
	{ door: "B", serial: 1, link: "b1" },
];

describe("a fleet's logs at the server", () => {
	it("are whole, and a newer record is neither lost nor doubled", () => {
		assert.deepEqual(compareLogs(own, all), { lost: 0, doubled: 0, taken: 3 });
		const newer = [...all, { door: "A", serial: 3, link: "a3" }];
		assert.deepEqual(compareLogs(own, newer), { lost: 0, doubled: 0, taken: 4 });
	});

	it("lack a record, or have another in its place", () => {
		assert.equal(compareLogs(own, all.slice(1)).lost, 1);
		assert.equal(compareLogs(own, [...all.slice(1), { door: "A", serial: 1, link: "b1" }]).lost, 1);
		assert.equal(compareLogs(own, [...all.slice(1), { door: "B", serial: 1, link: "b1" }]).lost, 1);
	});

	it("have one twice", () => {
		assert.deepEqual(compareLogs(own, [...all, all[1]!]), { lost: 0, doubled: 1, taken: 4 });
	});
});
