// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { compileImage } from "../../../site/lib/plan/compile.js";
import type { PlanDocument } from "../../../site/lib/plan/document.js";

const id = (n: number): string => n.toString(16).padStart(16, "0");

describe("plans of one document", () => {
	const document: PlanDocument = {
		site: "ACME",
		timeZone: "CET-1CEST,M3.5.0,M10.5.0/3",
		accessPlans: { all: [{ schedule: "always" }], far: [{ schedule: "always", doors: ["far", "near"] }] },
		doors: { front: {}, near: {}, far: { timeZone: "JST-9" } },
		users: [
			{
				name: "A",
				accessPlans: ["far"],
				from: "2026-05-01",
				credentials: [{ id: id(9) }, { id: id(1), until: "2027-01-01" }],
			},
			{ name: "B", accessPlans: ["all"], extended: true, credentials: [{ id: id(5), revoked: true }] },
			{ name: "C", accessPlans: ["far", "all"], suspended: true, credentials: [{ id: id(4).toUpperCase() }] },
		],
	};

	for (const listElsewhere of [true, false])
		it(`are the same, whether or not doors share what they have in common; list elsewhere: ${listElsewhere}`, () => {
			const shared = new Map();
			const some = { ...document, listElsewhere };
			const options = { version: 1, issued: 1_800_000_000 };
			for (const door of ["front", "near", "far", "front"])
				assert.deepEqual(
					compileImage(some, { ...options, door, shared }),
					compileImage(some, { ...options, door }),
				);
			assert.equal(shared.size, 2, "one a time zone");
			const records = (door: string): Uint8Array => compileImage(some, { ...options, door, shared }).records;
			assert.notDeepEqual(records("near"), records("far"), "a day begins at another time");
		});
});
