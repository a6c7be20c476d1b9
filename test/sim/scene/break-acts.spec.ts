// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { toHex } from "../../../protocol/bytes.js";
import { Faults } from "../../../sim/pn532/faults.js";
import { FAULT_PARAMETERS, FIELD_BUGS, UNSEEN } from "../../../sim/scene/acts/pn532-faults.js";
import { WIRING } from "../../../sim/scene/acts/wiring.js";
import { ACTS } from "../../../sim/scene/acts.js";
import { rehearse } from "../../../sim/scene/rehearsal.js";
import { parseScript } from "../../../sim/scene/script.js";
import { Played } from "./acts.js";

const crypto = new NodeCrypto();
/** For what needs no session: the reader has started, s. */
const STARTED_S = 2;

/** What each act breaks, and what the reader does about it: seen in its log and at the door. */
const BREAK: Readonly<Record<string, (played: Played) => void>> = {
	cut: (played) => {
		const { world } = played.scene;
		played.act("cut", { write: 1, leaves: "torn" }, 0);
		played.act("tap", {}, 1000);
		assert.isFalse(world.powered);
		assert.isTrue(world.door.locked);
		played.scene.run(15_000);
		assert.isTrue(world.powered);
		assert.match(played.words, /the power is gone after the first bytes of the write\nthe power is back/);
		assert.match(played.words, /the reader starts: power-on; 1 place in its log is torn/);
		assert.isTrue(world.auditor.report().intact);
		assert.equal(played.tap(), "granted");
	},
	supply: (played) => {
		played.act("supply", { sags: "with-strike" });
		played.act("tap", {}, 15_000);
		assert.include(played.log, "restart brown-out");
		assert.include(played.log, "health supply failed");
		played.act("supply", { sags: "no-more" });
		assert.equal(played.tap(), "granted");
		played.scene.run(6000);
		assert.include(played.log, "health supply works again");
	},
	hang: (played) => {
		played.act("hang", {}, 500);
		assert.equal(played.tap(), "none");
		played.scene.run(10_000);
		assert.include(played.log, "restart watchdog");
		assert.equal(played.tap(), "granted");
	},
	pn532: (played) => {
		played.act("pn532", { bug: "silentAfter" }, 5000);
		assert.include(played.log, "health nfc failed");
		assert.include(played.words, "the reader resets the PN532 and sets it up again");
		assert.include(played.log, "health nfc works again");
		assert.equal(played.tap(), "granted");
		played.act("pn532", { bug: "cure" }, 20_000);
		assert.equal(played.tap(), "none");
		assert.include(played.words, "the reader has reset the PN532 10 times by now");
		played.act("pn532", { bug: "none" }, 8000);
		assert.equal(played.tap(), "granted");
	},
	wifi: (played) => {
		played.act("wifi", { is: "away" }, 100_000);
		assert.include(played.log, "sync session ended: connection");
		played.act("revoke", { who: "valid" }, 5000);
		assert.equal(played.tap(), "granted", "the door has not heard of it");
		played.act("wifi", { is: "back" }, 0);
		for (let i = 0; i < 40 && !played.words.includes("plan 3 and 1 notice"); i++) played.scene.run(5000);
		assert.equal(played.tap(), "revoked");
		assert.match(played.words, /the door has plan 3 and 1 notice, \d+ ms after the change/);
	},
	broker: (played) => {
		played.act("broker", { lie: "alter", percent: 100 });
		played.act("revoke", { who: "valid" }, 5000);
		assert.include(played.words, "the reader: sync: the notice at the broker: bad-signature");
		assert.equal(played.tap(), "granted", "nothing that was altered counts");
		played.act("broker", { lie: "none" }, 0);
		for (let i = 0; i < 40 && !played.words.includes("plan 3 and 1 notice"); i++) played.scene.run(5000);
		assert.equal(played.tap(), "revoked");
	},
	clock: (played) => {
		const before = played.scene.world.wall.now();
		played.act("wifi", { is: "away" }, 0);
		played.act("clock", { which: "clock-chip", by: "month" }, 5000);
		assert.isAtLeast(
			played.scene.world.wall.now(),
			before - 600,
			"it does not go back to where it is let in again",
		);
		assert.include(played.log, "clock-set from last-known");
		assert.include(played.log, "health clock failed");
		played.act("clock", { which: "time-server", by: "year" }, 0);
		played.act("wifi", { is: "back" }, 90_000);
		assert.approximately(played.scene.world.wall.now(), played.scene.world.seconds, 2);
	},
	"flash-bit": (played) => {
		assert.match(
			played.act("flash-bit", { in: "plan", place: 100 }),
			/^bit \d of byte \d+ of the plan's flash/,
		);
		assert.equal(played.tap(), "plan-damaged");
		played.scene.run(15_000);
		assert.equal(played.tap(), "granted", "the site has given the plan again");
		const log = new Played();
		const said = log.act("flash-bit", { in: "log", place: 70 });
		assert.match(said, /whoever verifies the log finds /);
		assert.isFalse(log.scene.world.auditor.report().intact);
		const notices = new Played();
		assert.match(
			notices.act("flash-bit", { in: "notices" }),
			/nothing in the flash of the notices|turns over/,
		);
	},
	flood: (played) => {
		played.act("flood", { phones: 8, seconds: 10 }, 2000);
		assert.include(played.decisions, "unknown-credential");
		played.act("tap", {}, 1000);
		assert.include(played.decisions, "granted", "who taps is served in the middle of it");
		played.scene.run(20_000);
		assert.match(played.words, /the crowd is gone: the reader has had [1-9]\d* connections of it/);
	},
	rex: (played) => {
		played.act("rex", { is: "stuck" }, 70_000);
		assert.isFalse(played.scene.world.door.locked, "people get out");
		assert.include(played.log, "input-fault rex stuck");
		played.act("rex", { is: "free" }, 10_000);
		assert.include(played.log, "input-restored rex");
		assert.isTrue(played.scene.world.door.locked);
	},
	wiring: (played) => {
		played.act("wiring", { wire: "contact-cut" }, 3000);
		assert.include(played.log, "forced");
		assert.include(played.words, "alarm: the door is open without a cause");
		played.act("wiring", { wire: "whole" }, 3000);
		played.act("wiring", { wire: "lock-swapped" });
		assert.isFalse(played.scene.world.door.locked);
	},
};

/** What was on the PN532's bus and in the air while a phone came. */
function bus(setup: string, bug: string | undefined, aborts: boolean): string {
	const played = new Played(`seed=1&${setup}`, STARTED_S);
	const { trace } = played.scene.world.board;
	trace.clear();
	if (bug !== undefined) played.act("pn532", { bug, times: 2 }, 0);
	// An abort comes where the reader's chip starts again in the middle of a command.
	if (aborts) played.act("hang", {}, 7000);
	played.act("tap", {}, 1500);
	return trace.entries.map(({ at, bytes, from }) => `${at} ${from} ${toHex(bytes)}`).join("\n");
}

describe("what is broken in a scene", () => {
	it("is all here", () => {
		const names = ACTS.filter(({ group }) => group === "break").map(({ name }) => name);
		assert.sameMembers(Object.keys(BREAK), names);
	});

	for (const [name, shows] of Object.entries(BREAK))
		it(`${name}: the reader does something about it, and says so`, () => shows(new Played()));

	for (const wire of Object.keys(WIRING))
		it(`${wire}: a wire that is wrong has its mending`, () => {
			const played = new Played("seed=1", STARTED_S);
			played.act("wiring", { wire });
			played.act("wiring", { wire: "whole" }, 10_000);
			assert.isTrue(played.scene.world.door.locked);
			assert.equal(played.tap(), "granted");
		});
});

describe("the PN532's bugs of the field", () => {
	const switches = Object.keys(new Faults());

	it("are each switch of the simulated chip, with where it was seen", () => {
		const names = [...FIELD_BUGS.map(({ name }) => name), ...Object.keys(UNSEEN), ...FAULT_PARAMETERS];
		assert.sameMembers(names, switches);
		for (const { does, source } of FIELD_BUGS) assert.isNotEmpty(does && source);
	});

	for (const { bus: buses, name } of FIELD_BUGS)
		it(`${name}: it is seen on the bus, and mended`, () => {
			const setup = `bus=${buses?.[0] ?? "spi"}`;
			const aborts = name === "deafAfterAbort";
			assert.isTrue(bus(setup, name, aborts) !== bus(setup, undefined, aborts));
			const played = new Played(`seed=1&${setup}`, STARTED_S);
			played.act("pn532", { bug: name, times: 2 }, 3000);
			played.act("pn532", { bug: "none" }, 8000);
			assert.equal(played.tap(), "granted");
		});
});

describe("a rehearsal of what an act writes", () => {
	it("tells each write beforehand: a cut that is planned for one hits that one", () => {
		const script = parseScript("seed=3");
		const writes = rehearse({ crypto, script }, 0, "revoke", { who: "valid" });
		assert.isAbove(writes.length, 5);
		assert.includeMembers(
			writes.map(({ memory }) => memory),
			["notices", "plan", "log", "sealed state"],
		);
		for (const [i, { at, memory }] of writes.entries()) {
			if (i % 3 !== 0) continue;
			const played = new Played("seed=3");
			const { world } = played.scene;
			let gone = -1;
			played.act("cut", { write: i + 1, leaves: "dropped" }, 0);
			const began = world.time.now();
			const { onCut } = world.power;
			world.power.onCut = () => {
				gone = world.time.now() - began;
				onCut?.();
			};
			played.act("revoke", { who: "valid" }, 8000);
			assert.equal(gone, at, `${memory}, write ${i + 1}`);
			played.scene.run(40_000);
			assert.equal(played.tap(), "revoked", "the revocation is not lost with the power");
		}
	});
});
