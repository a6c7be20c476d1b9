// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { ACTS } from "../../../sim/scene/acts.js";
import { Played } from "./acts.js";

/** Saturday, 2026-10-24, 12:00 in Vienna: in the night the clock goes back from 03:00 to 02:00. */
const AUTUMN = Date.UTC(2026, 9, 24, 10) / 1000;

const TIME: Readonly<Record<string, (played: Played) => void>> = {
	later: (played) => {
		played.act("plan", { who: "valid", plan: "office" });
		assert.equal(played.tap("valid"), "granted");
		assert.match(played.act("later", { by: "eight-hours" }), /^it is 2026-06-01 20:00:0\d at the site$/);
		assert.equal(played.tap("valid"), "outside-schedule");
		const { world } = played.scene;
		assert.approximately(world.wall.now(), world.seconds, 1);
	},
	calendar: (played) => {
		played.act("plan", { who: "valid", plan: "weekend" });
		assert.equal(played.tap("valid"), "outside-schedule");
		assert.equal(played.act("calendar", { to: "2026-06-06T09:00" }), "it is 2026-06-06 09:00:00 at the site");
		assert.equal(played.tap("valid"), "granted");
		assert.match(played.act("calendar", { to: "2026-06-06T08:00" }), /time goes on/);
		assert.match(played.act("calendar", { to: "tomorrow" }), /no moment/);
		played.act("calendar", { to: "2026-07-02T12:00" });
		assert.equal(played.tap("valid"), "expired", "a credential of thirty days");
	},
};

describe("the calendar of a scene", () => {
	it("is all here", () => {
		const names = ACTS.filter(({ group }) => group === "time").map(({ name }) => name);
		assert.sameMembers(Object.keys(TIME), names);
	});

	for (const [name, shows] of Object.entries(TIME))
		it(`${name}: reader and site alike`, () => shows(new Played()));

	it("knows the end of daylight saving: the office opens an hour of Greenwich later", () => {
		const opens = (played: Played, day: string): number => {
			played.act("calendar", { to: `${day}T07:55` });
			assert.equal(played.tap("valid"), "outside-schedule");
			played.act("calendar", { to: `${day}T08:00` });
			assert.equal(played.tap("valid"), "granted");
			return new Date(played.scene.world.seconds * 1000).getUTCHours();
		};
		const played = new Played(`seed=1&starts=${AUTUMN - 86_400 * 2}`);
		played.act("plan", { who: "valid", plan: "office" });
		assert.equal(opens(played, "2026-10-23"), 6);
		assert.equal(opens(played, "2026-10-26"), 7);
	});

	it("knows a holiday of each year", () => {
		const played = new Played(`seed=1&starts=${Date.UTC(2026, 11, 24, 9) / 1000}`);
		played.act("plan", { who: "valid", plan: "office" });
		assert.equal(played.tap("valid"), "granted");
		played.act("later", { by: "day" });
		assert.equal(played.tap("valid"), "outside-schedule");
	});
});
