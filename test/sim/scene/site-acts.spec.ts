// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { DOOR } from "../../../sim/commission.js";
import { ACTS } from "../../../sim/scene/acts.js";
import { siteState } from "../../../sim/scene/site-state.js";
import { Played } from "./acts.js";

/** What each act of the site does, seen at the door. The world begins on a Monday at noon in Vienna. */
const SITE: Readonly<Record<string, (played: Played) => void>> = {
	add: (played) => {
		assert.equal(played.tap("stranger"), "unknown-credential");
		played.act("add", { who: "stranger", plan: "always" });
		assert.equal(played.tap("stranger"), "granted");
		assert.match(played.act("add", { who: "stranger" }), /already/);
	},
	remove: (played) => {
		played.act("remove", { who: "valid" });
		assert.equal(played.tap("valid"), "unknown-credential");
		assert.match(played.act("remove", { who: "valid" }), /does not have/);
	},
	plan: (played) => {
		played.act("plan", { who: "valid", plan: "weekend" });
		assert.equal(played.tap("valid"), "outside-schedule");
		played.act("plan", { who: "valid", plan: "office" });
		assert.equal(played.tap("valid"), "granted");
	},
	right: (played) => {
		played.act("right", { who: "valid", right: "suspended", on: "yes" });
		assert.equal(played.tap("valid"), "suspended");
		played.act("right", { who: "valid", right: "suspended", on: "no" });
		played.act("right", { who: "valid", right: "override", on: "yes" });
		played.act("lockdown", {}, 3000);
		assert.equal(played.tap("valid"), "granted");
	},
	revoke: (played) => {
		assert.equal(played.tap("valid"), "granted");
		played.act("revoke", { who: "valid" }, 1000);
		assert.equal(played.tap("valid"), "revoked");
		assert.include(played.log, "revocation notice 1 in force, of 1 credential");
		assert.match(played.act("revoke", { who: "valid" }), /already/);
	},
	hours: (played) => {
		played.act("plan", { who: "valid", plan: "office" });
		played.act("hours", { days: "mon-fri", from: 8, to: 12 });
		assert.equal(played.tap("valid"), "outside-schedule");
		assert.match(played.act("hours", { days: "daily", from: 18, to: 9 }), /after it opens/);
	},
	holiday: (played) => {
		played.act("plan", { who: "valid", plan: "office" });
		played.act("holiday", { day: "today" });
		assert.equal(played.tap("valid"), "outside-schedule");
		played.act("plan", { who: "valid", plan: "weekend" });
		assert.equal(played.tap("valid"), "granted", "the weekend's hours hold on holidays");
	},
	mode: (played) => {
		played.act("mode", { mode: "unlocked", when: "office" });
		assert.isFalse(played.scene.world.door.locked);
		played.act("mode", { mode: "unlocked", when: "weekend" });
		assert.isTrue(played.scene.world.door.locked);
	},
	lockdown: (played) => {
		played.act("lockdown", { seconds: 60 }, 3000);
		assert.equal(played.tap("valid"), "lockdown");
		played.scene.run(60_000);
		assert.equal(played.tap("valid"), "granted");
	},
	release: (played) => {
		played.act("lockdown", { seconds: 3600 }, 3000);
		played.act("release", {}, 3000);
		assert.equal(played.tap("valid"), "granted");
	},
	command: (played) => {
		played.act("command", { what: "open", seconds: 5 }, 1000);
		assert.isFalse(played.scene.world.door.locked);
		assert.match(played.words, /the door's answer to "open", after \d+ ms: done/);
		played.scene.run(6000);
		assert.isTrue(played.scene.world.door.locked);
		played.act("wifi", { is: "away" }, 200_000);
		played.act("command", { what: "open" }, 15_000);
		assert.isTrue(played.scene.world.door.locked);
		assert.match(played.told.at(-1)!, /the door's answer to "open".*(unknown|no-session)/);
	},
};

describe("what an administrator does in a scene", () => {
	it("is all here", () => {
		const names = ACTS.filter(({ group }) => group === "site").map(({ name }) => name);
		assert.sameMembers(Object.keys(SITE), names);
	});

	for (const [name, shows] of Object.entries(SITE))
		it(`${name}: the door does it`, () => shows(new Played()));

	it("begins with a plan that the door has, and gives nothing new to it", () => {
		const { scene } = new Played();
		const { server } = scene.world;
		assert.equal(server!.hello!.version, server!.books.image(DOOR)!.version);
		const { lines, people, version } = siteState(scene)!;
		assert.equal(version, 2);
		assert.isEmpty(lines.filter(({ what }) => /delta|offer/.test(what)));
		assert.deepEqual(
			people.map(({ name, revoked }) => [name, revoked]),
			[
				["valid", false],
				["revoked", true],
				["expired", false],
			],
		);
	});
});

describe("what travels between a scene's site and its door", () => {
	it("is told line by line: a delta with its bytes, and the door's answer with the time it took", () => {
		const played = new Played();
		const before = played.scene.session.count;
		played.act("plan", { who: "valid", plan: "never" });
		const lines = played.scene.session.lines.filter(({ number }) => number > before);
		const delta = lines[0]!;
		assert.match(delta.what, /^delta to plan 3: 1 put, tables of \d+ bytes$/);
		assert.deepInclude(delta, { from: "site", topic: "l1/ACME0001/FRONT/d", sealed: true });
		assert.equal(delta.answer?.what, "done");
		assert.isAtLeast(delta.answer!.ms, 60, "there and back over the network");
		// The broker has what was sealed, and of the same size.
		const sent = played.scene.world.broker.past.find(({ data }) => data.length === delta.size);
		assert.equal(sent?.topic, delta.topic);
		assert.match(lines.map(({ what }) => what).join("\n"), /^hello: plan 3, notice 0, log \d+$/m);
	});

	it("has what the site cannot open, and the retained topics, in the clear", () => {
		const played = new Played();
		played.act("lockdown", { seconds: 60 }, 3000);
		const topics = played.scene.session.lines.map(({ sealed, topic, what }) => `${topic} ${sealed} ${what}`);
		assert.include(topics, "l1/ACME0001/lockdown false lockdown notice 1, 60 s");
		played.act("broker", { lie: "alter", percent: 100 });
		played.act("exit", {}, 3000);
		const { lines } = played.scene.session;
		assert.equal(lines.at(-1)!.what, "sealed, and not to be opened");
	});
});
