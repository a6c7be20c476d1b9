// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { stateRows } from "../../cli/labels.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { signRevocation } from "../../site/lib/notice/sign.js";

const crypto = new NodeCrypto();

describe("a reader whose revocation notices are lost", () => {
	it("tells who has authority at its cable why it opens for no phone", () => {
		const world = new World({ crypto });
		world.powerOn();
		world.settle();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.installPlan(1);
		const by = { crypto, ...world.site.keys.signing };
		const notice = signRevocation(
			{ site: world.site.id, sequence: 1, issued: EPOCH },
			[new Uint8Array(8)],
			by,
		);
		assert.isObject(world.device!.door!.access.plan.takeNotice(notice));
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
