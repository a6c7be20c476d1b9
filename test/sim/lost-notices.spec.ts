// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { stateRows } from "../../cli/labels.js";
import { EPOCH } from "../../sim/site.js";
import { plannedReader, takeNotice } from "./planned-reader.js";

describe("a reader whose revocation notices are lost", () => {
	it("tells who has authority at its cable why it opens for no phone", () => {
		const { installer, world } = plannedReader();
		takeNotice(world);
		assert.notProperty(installer.ask("state"), "planProblem");

		world.powerOff();
		world.flash.notices.bytes.fill(0xff);
		world.powerOn();
		world.settle();
		installer.client.session = undefined;
		installer.prove(world.site.keys.signing);
		const state = installer.ask("state");
		assert.deepInclude(state, { plan: 1, planProblem: "notices-lost" });
		const rows = Object.fromEntries(stateRows(state, EPOCH));
		assert.match(
			rows["Access plan"]!,
			/^version 1 .*NOT IN FORCE: revocation notices are lost.*`lintel plan/,
		);
		installer.client.session = undefined;
		assert.notProperty(installer.ask("state"), "planProblem", "a stranger learns nothing of the plan");
	});
});
