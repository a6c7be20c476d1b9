// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { MessageOf } from "../../../protocol/sync/messages.js";
import { DoorReports } from "../../../site/server/door-reports.js";
import { standingOf } from "../../../site/server/door-state.js";

const HELLO: MessageOf<"hello"> = {
	...{
		name: "hello",
		id: 1,
		trust: 2,
		listHash: new Uint8Array(8),
		epoch: 1,
		version: 3,
		notice: 0,
		lockdown: 0,
	},
	...{ log: 1, acknowledged: 1, link: new Uint8Array(8), image: 0, clock: null },
};
const NEWEST = {
	...{ list: 2, plan: { epoch: 1, version: 3, notice: 0 }, notice: 0, lockdown: 0, pending: [] },
	unsigned: undefined,
};

describe("what a server says of a door", () => {
	const words = (reports: DoorReports): string =>
		standingOf({ registered: 1 }, true, reports.of("FRONT"), NEWEST).words;

	it("has it, where its list is of this site's history alone: another one's numbers say nothing", () => {
		const reports = new DoorReports([]);
		reports.told("FRONT", { kind: "hello", hello: HELLO }, 10);
		assert.equal(words(reports), "has it");
		reports.told("FRONT", { kind: "other-list" }, 10);
		assert.equal(words(reports), "waiting for this site's trust list");
		reports.told("FRONT", { kind: "hello", hello: HELLO }, 20);
		assert.equal(words(reports), "has it");
	});

	it("says so after a restart, too", () => {
		const stored = (at: number) => [
			{ door: "FRONT", kind: "hello", at: 10, body: HELLO },
			{ door: "FRONT", kind: "other-list", at, body: {} },
		];
		assert.equal(words(new DoorReports(stored(10))), "waiting for this site's trust list");
		assert.equal(words(new DoorReports(stored(9))), "has it");
	});
});
