// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { leafTransitions, modeTransitions, renew, withTables } from "../../tools/door-table/table.js";
import { root } from "../support/host.js";

describe("docs/door.md", () => {
	const text = readFileSync(join(root, "docs/door.md"), "utf8");

	it("is what the code does: else run npm run docs", () => {
		assert.equal(withTables(text), text);
	});

	it("reaches every state of the leaf and every mode", () => {
		const leaf = new Set(leafTransitions().map(({ from }) => from));
		assert.sameMembers([...leaf], ["closed", "released", "open", "unexplained", "warning", "held", "forced"]);
		const modes = new Set(modeTransitions().map(({ from }) => from));
		assert.includeMembers([...modes], ["locked", "unlocked", "passage mode", "lockdown", "evacuation"]);
	});

	it("refuses a page without its markers", () => {
		assert.throws(() => renew("", { leaf: "" }), "no markers for leaf");
	});
});
