// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { checkDoorConfig, type DoorConfig } from "../../../protocol/config/door.js";
import { CAUSES, EVENTS, type EventName, eventName, OUTCOMES } from "../../../protocol/events.js";
import { DOOR_MODES } from "../../../protocol/plan/tables.js";
import { Door } from "../../../src/door/door.js";
import { REMEMBERED, remember } from "../../../src/door/memory.js";
import { SETTLE_MS } from "../../../src/door/release.js";

const ANN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const BEN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9);
const PLAIN = { extended: false, firstPerson: false, passageMode: false };

interface Rig {
	door: Door;
	/** Names of the events since the last look, with detail and value. */
	events(): string[];
	memory: number;
}

function rig(settings: Partial<DoorConfig> = {}): Rig {
	const checked = checkDoorConfig(settings);
	if (!("config" in checked)) throw new Error(JSON.stringify(checked.problems));
	let list: string[] = [];
	const it: Rig = {
		memory: 0,
		door: new Door(checked.config, (kind, detail, value) => {
			list.push(`${eventName(kind)} ${detail} ${value}`);
			it.memory = remember(it.memory, kind, detail, value);
		}),
		events() {
			const seen = list;
			list = [];
			return seen;
		},
	};
	it.door.start(0, 0, false);
	return it;
}

function event(name: EventName, detail: number = CAUSES.none, value = 0): string {
	return `${eventName(EVENTS[name])} ${detail} ${value}`;
}

describe("door", () => {
	describe("an entry", () => {
		it("unlocks for 5 s and locks again when nobody opens", () => {
			const { door, events } = rig();
			assert.isFalse(door.unlocked);
			assert.isTrue(door.grant(1000, PLAIN, ANN));
			assert.equal(door.leaf, "released");
			assert.equal(door.unlockedFor, 5000);
			door.advance(5999);
			assert.isTrue(door.unlocked);
			door.advance(6000);
			assert.isFalse(door.unlocked);
			assert.deepEqual(events(), []);
			door.advance(6000 + SETTLE_MS);
			assert.deepEqual(events(), [event("outcome", OUTCOMES["not-opened"], 1)]);
			assert.equal(door.due, Number.POSITIVE_INFINITY);
		});

		it("gives extended time to those who need it, for strike and held", () => {
			const { door, events } = rig();
			door.grant(0, { ...PLAIN, extended: true }, ANN);
			door.advance(29_999);
			assert.isTrue(door.unlocked);
			door.position(29_999, true);
			door.advance(29_999 + 45_000);
			assert.deepEqual(events(), [event("door-opened", CAUSES.grant, 1), event("held-warning")]);
			door.advance(29_999 + 60_000);
			assert.deepEqual(events(), [event("held")]);
		});

		it("gives extended time to nobody who taps after such a holder", () => {
			const { door } = rig();
			door.grant(0, { ...PLAIN, extended: true }, ANN);
			door.grant(3000, PLAIN, BEN);
			door.grant(29_000, PLAIN, BEN);
			door.advance(33_999);
			assert.isTrue(door.unlocked);
			door.advance(34_000);
			assert.isFalse(door.unlocked);
		});

		it("locks as soon as the door opens", () => {
			const { door, events } = rig();
			door.grant(0, PLAIN, ANN);
			door.position(700, true);
			assert.isFalse(door.unlocked);
			assert.equal(door.leaf, "open");
			door.position(2000, false);
			assert.deepEqual(events(), [event("door-opened", CAUSES.grant, 1), event("door-closed")]);
			door.position(2000 + SETTLE_MS, true);
			assert.equal(door.leaf, "unexplained");
		});

		it("locks when the door has closed, where the bolt needs it", () => {
			const { door, events } = rig({ relock: "on-close" });
			door.grant(0, PLAIN, ANN);
			door.position(4000, true);
			door.advance(20_000);
			assert.isTrue(door.unlocked);
			door.position(20_000, false);
			assert.isFalse(door.unlocked);
			events();
			door.grant(100_000, PLAIN, ANN);
			door.position(101_000, true);
			door.advance(131_000);
			assert.isFalse(door.unlocked, "held open: locked all the same");
			assert.equal(door.leaf, "held");
		});

		it("locks by time alone, without a switch or by wish", () => {
			const { door, events } = rig({ relock: "by-time" });
			door.grant(0, PLAIN, ANN);
			door.position(700, true);
			door.position(1500, false);
			assert.isTrue(door.unlocked);
			door.position(3000, true);
			assert.deepEqual(events(), [
				event("door-opened", CAUSES.grant, 1),
				event("door-closed"),
				event("door-opened", CAUSES.grant, 0),
			]);
			door.advance(5000);
			assert.isFalse(door.unlocked);

			const blind = rig({ position: "none" });
			blind.door.grant(0, PLAIN, ANN);
			blind.door.position(100, true);
			blind.door.advance(5000 + SETTLE_MS);
			assert.deepEqual(blind.events(), [event("outcome", OUTCOMES.unknown, 1)]);
			assert.isFalse(blind.door.unlocked);
		});

		it("settles two entries through one opening, and a tap at an open door", () => {
			const { door, events } = rig();
			door.grant(0, PLAIN, ANN);
			door.grant(1000, PLAIN, BEN);
			door.position(2000, true);
			assert.deepEqual(events(), [event("door-opened", CAUSES.grant, 2)]);
			door.grant(3000, PLAIN, ANN);
			door.advance(8000 + SETTLE_MS);
			assert.deepEqual(events(), [event("outcome", OUTCOMES["already-open"], 1)]);
		});

		it("does not call forced what was pulled in the last moment, nor a bounce", () => {
			const { door, events } = rig();
			door.grant(0, PLAIN, ANN);
			door.position(5000 + SETTLE_MS - 1, true);
			assert.deepEqual(events(), [event("door-opened", CAUSES.grant, 1)]);
			door.position(8000, false);
			door.position(8000 + SETTLE_MS - 1, true);
			assert.equal(door.leaf, "open");
		});
	});

	describe("request-to-exit", () => {
		it("unlocks and shunts the alarm", () => {
			const { door, events } = rig();
			door.exit(0, true);
			assert.isTrue(door.unlocked);
			door.exit(300, false);
			door.position(4900, true);
			assert.deepEqual(events(), [event("exit"), event("door-opened", CAUSES.exit)]);
		});

		it("only shunts where the handle opens", () => {
			const { door, events } = rig({ exit: "shunt" });
			door.exit(0, true);
			assert.isFalse(door.unlocked);
			door.position(100, true);
			assert.deepEqual(events(), [event("exit"), event("door-opened", CAUSES.exit)]);
		});

		it("unlocks for as long as it is active: one that is stuck cannot be told from people who stand there", () => {
			for (const lock of ["fail-secure", "fail-safe"] as const) {
				const { door, events } = rig({ lock });
				door.exit(0, true);
				door.advance(60_000);
				assert.isTrue(door.unlocked);
				assert.isTrue(door.egress);
				assert.isTrue(door.trouble, "stuck is told");
				assert.deepEqual(events(), [event("exit"), event("input-fault", 0x0204)]);
				door.advance(3_600_000);
				assert.isTrue(door.unlocked);
				assert.equal(door.unlockedFor, Number.POSITIVE_INFINITY);
				door.position(3_600_000, true);
				assert.equal(door.leaf, "open", "with a cause");
				door.position(3_601_000, false);
				assert.isTrue(door.unlocked, "the next one behind can leave too");
				door.exit(3_602_000, false);
				assert.isFalse(door.unlocked);
				assert.isFalse(door.trouble);
			}
		});

		it("lets out of every mode, lockdown too", () => {
			for (const enter of [
				(door: Door) => door.lockdownInput(0, true),
				(door: Door) => void door.command(0, "lockdown"),
				(door: Door) => void door.command(0, "lock"),
			]) {
				const before = rig();
				enter(before.door);
				before.door.exit(10, true);
				assert.isTrue(before.door.unlocked);
				const during = rig();
				during.door.exit(0, true);
				enter(during.door);
				during.door.advance(100_000);
				assert.isTrue(during.door.unlocked);
				const after = rig();
				after.door.start(0, before.memory, false);
				after.door.exit(0, true);
				assert.isTrue(after.door.unlocked, "after a restart");
			}
		});

		it("unlocks where the position switch wrongly says that the door is open", () => {
			const { door } = rig();
			door.position(0, true);
			door.exit(1000, true);
			assert.isTrue(door.unlocked);
			door.exit(1300, false);
			door.advance(5999);
			assert.isTrue(door.unlocked);
			door.advance(6000);
			assert.isFalse(door.unlocked);
		});

		it("is not ended by a fault of its line while it is active", () => {
			const { door } = rig();
			door.exit(0, true);
			door.inputFault(100, "rex", "cut");
			door.advance(100_000);
			assert.isTrue(door.unlocked);
		});
	});

	describe("alarms", () => {
		it("forced: opened without a cause, until it closes", () => {
			for (const forcedGrace of [0, 1, 10]) {
				const { door, events } = rig({ forcedGrace });
				door.position(0, true);
				door.advance(forcedGrace * 1000 - 1);
				assert.equal(door.leaf, forcedGrace === 0 ? "forced" : "unexplained");
				door.advance(forcedGrace * 1000);
				assert.equal(door.leaf, "forced");
				door.exit(10_100, true);
				assert.equal(door.leaf, "forced", "request-to-exit does not silence a break-in");
				door.position(15_000, false);
				assert.deepEqual(events(), [
					event("door-opened"),
					event("forced"),
					event("exit"),
					event("door-closed"),
					event("forced-ended"),
				]);
			}
		});

		it("not forced where the cause comes late: request-to-exit, a grant, an unlocking", () => {
			const causes: readonly ((door: Door) => void)[] = [
				(door) => door.exit(999, true),
				(door) => void door.grant(999, PLAIN, ANN),
				(door) => void door.command(999, "open"),
				(door) => door.schedule(999, "unlocked"),
				(door) => door.fire(999, true),
			];
			for (const exit of ["unlock", "shunt"] as const)
				for (const cause of causes) {
					const { door, events } = rig({ exit });
					door.position(0, true);
					cause(door);
					door.advance(9000);
					assert.equal(door.leaf, "open");
					assert.notInclude(events().join(), event("forced"));
				}
			const ignoring = rig({ exit: "ignore" });
			ignoring.door.position(0, true);
			ignoring.door.exit(500, true);
			ignoring.door.advance(1000);
			assert.equal(ignoring.door.leaf, "forced");
			const held = rig();
			held.door.position(0, true);
			held.door.exit(400, true);
			held.door.advance(400 + 30_000);
			assert.equal(held.door.leaf, "held", "it is watched as any other");
		});

		it("forced is in the log though the door shuts, or the power goes, within the grace", () => {
			const quick = rig();
			quick.door.position(0, true);
			quick.door.position(800, false);
			assert.deepEqual(quick.events(), [
				event("door-opened"),
				event("forced"),
				event("door-closed"),
				event("forced-ended"),
			]);
			const cut = rig();
			cut.door.position(0, true);
			const open = rig();
			open.door.start(0, cut.memory, true);
			assert.equal(open.door.leaf, "forced");
			assert.deepEqual(open.events(), [event("forced")]);
			const shut = rig();
			shut.door.start(0, cut.memory, false);
			assert.deepEqual(shut.events(), [
				event("forced"),
				event("door-closed", CAUSES.restart),
				event("forced-ended", CAUSES.restart),
			]);
			cut.door.lockdownInput(400, true);
			cut.door.command(400, "open");
			assert.isAbove(cut.memory & REMEMBERED.unexplained, 0, "refused");
			cut.door.exit(500, true);
			const excused = rig();
			excused.door.start(0, cut.memory, true);
			assert.equal(excused.door.leaf, "open");
			assert.deepEqual(excused.events(), []);
		});

		it("held after 30 s, warned 15 s before", () => {
			const { door, events } = rig();
			door.grant(0, PLAIN, ANN);
			door.position(1000, true);
			events();
			door.advance(15_999);
			assert.equal(door.leaf, "open");
			door.advance(16_000);
			assert.equal(door.leaf, "warning");
			door.advance(31_000);
			assert.equal(door.leaf, "held");
			door.position(40_000, false);
			assert.deepEqual(events(), [
				event("held-warning"),
				event("held"),
				event("door-closed"),
				event("held-ended"),
			]);
		});

		it("end by an authorised tap, with the full time again", () => {
			const { door, events } = rig();
			door.position(0, true);
			door.advance(1000);
			events();
			door.grant(2000, PLAIN, ANN);
			assert.equal(door.leaf, "open");
			assert.deepEqual(events(), [event("forced-ended", CAUSES.grant)]);
			door.advance(31_999);
			assert.equal(door.leaf, "warning");
			door.advance(32_000);
			assert.equal(door.leaf, "held");
		});

		it("propped over restarts: the next alarm comes at once, so restarts hide no wedge", () => {
			const first = rig();
			first.door.grant(0, PLAIN, ANN);
			first.door.position(1000, true);
			const second = rig();
			second.door.start(0, first.memory, true);
			second.door.advance(1);
			assert.equal(second.door.leaf, "warning");
			const third = rig();
			third.door.start(0, first.memory | second.memory, true);
			third.door.advance(1);
			assert.equal(third.door.leaf, "held");
			const shut = rig();
			shut.door.start(0, REMEMBERED.open | REMEMBERED.held, false);
			assert.deepEqual(shut.events(), [
				event("door-closed", CAUSES.restart),
				event("held-ended", CAUSES.restart),
			]);
		});
	});

	describe("modes", () => {
		it("unlocked by schedule: no alarms, and held is watched from its end", () => {
			const { door, events } = rig();
			door.schedule(0, "unlocked");
			assert.equal(door.mode, "unlocked");
			door.position(10, true);
			door.advance(3_600_000);
			assert.equal(door.leaf, "open");
			door.schedule(3_600_000, "locked");
			assert.isFalse(door.unlocked);
			door.advance(3_630_000);
			assert.equal(door.leaf, "held");
			assert.deepEqual(events(), [
				event("unlocked", CAUSES.schedule),
				event("door-opened", CAUSES.schedule),
				event("locked", CAUSES.schedule),
				event("held-warning"),
				event("held"),
			]);
		});

		it("first-person-in: unlocked from the first person who may, not from others", () => {
			const { door } = rig();
			door.schedule(0, "unlocked-after-first");
			door.grant(0, PLAIN, BEN);
			assert.equal(door.mode, "locked");
			assert.isFalse(door.firstPersonIn);
			door.grant(1000, { ...PLAIN, firstPerson: true }, ANN);
			assert.equal(door.mode, "unlocked");
			door.schedule(2000, "locked");
			door.schedule(3000, "unlocked-after-first");
			assert.equal(door.mode, "locked", "the next day starts anew");
		});

		it("passage mode by a double tap of one holder whom the plan allows it", () => {
			const { door } = rig();
			const may = { ...PLAIN, passageMode: true };
			door.grant(0, may, ANN);
			door.grant(1000, may, BEN);
			assert.isFalse(door.passageMode, "two people");
			door.grant(2000, may, BEN);
			assert.isTrue(door.passageMode);
			door.advance(20_000);
			assert.isTrue(door.unlocked);
			door.grant(30_000, may, ANN);
			door.grant(31_000, may, ANN);
			assert.isFalse(door.passageMode);
			door.advance(40_000);
			assert.isFalse(door.unlocked);
			door.grant(50_000, PLAIN, ANN);
			door.grant(51_000, PLAIN, ANN);
			assert.isFalse(door.passageMode, "not allowed");
			door.grant(60_000, may, ANN);
			door.grant(65_000, may, ANN);
			assert.isFalse(door.passageMode, "too slow");
			door.grant(66_000, may, ANN);
			assert.isTrue(door.passageMode);
			door.advance(66_000 + 43_200_000);
			assert.isFalse(door.passageMode, "ends by itself");
		});

		it("lockdown locks everything at once and its release brings back what was", () => {
			const { door, events } = rig();
			door.schedule(0, "unlocked");
			door.grant(10, PLAIN, ANN);
			door.command(20, "lockdown");
			assert.isFalse(door.unlocked);
			assert.isFalse(door.grant(30, PLAIN, ANN));
			assert.isFalse(door.command(40, "open"));
			assert.deepEqual(events(), [
				event("unlocked", CAUSES.schedule),
				event("command", 5),
				event("lockdown", CAUSES.command),
				event("locked", CAUSES.schedule),
				event("outcome", OUTCOMES.cancelled, 1),
				event("command", 1, 1),
			]);
			door.lockdownInput(50, true);
			door.command(60, "release");
			assert.equal(door.mode, "lockdown", "the input still asks for it");
			door.lockdownInput(70, false);
			assert.equal(door.mode, "unlocked");
		});

		it("the site commands it open for so many seconds, and the log says who", () => {
			const told: [number, number, string][] = [];
			const { config } = checkDoorConfig({}) as { config: DoorConfig };
			const door = new Door(config, (kind, detail, value, subject) => {
				if (kind === EVENTS.command) told.push([detail, value, toHex(subject ?? new Uint8Array(0))]);
			});
			door.start(0, 0, false);
			assert.isTrue(door.command(0, "open", 60, ANN));
			assert.equal(door.unlockedFor, 60_000, "the strike time is 5 s");
			door.advance(59_999);
			assert.isTrue(door.unlocked);
			door.advance(60_000);
			assert.isFalse(door.unlocked);
			door.command(70_000, "open");
			assert.equal(door.unlockedFor, 5000);
			door.command(71_000, "lockdown", 0, BEN);
			assert.isFalse(door.unlocked, "lockdown ends it");
			assert.isFalse(door.command(72_000, "open", 30, ANN));
			assert.deepEqual(told, [
				[0x0101, 60 << 8, "0102030405060708"],
				[0x0001, 0, ""],
				[0x0105, 0, "0102030405060709"],
				[0x0101, (30 << 8) | 1, "0102030405060708"],
			]);
		});

		it("a commanded opening ends with a restart, and fire and request-to-exit beat its end", () => {
			const before = rig();
			before.door.command(0, "open", 60, ANN);
			const after = rig();
			after.door.start(0, before.memory, false);
			assert.isFalse(after.door.unlocked);
			after.door.command(0, "open", 2, ANN);
			after.door.exit(1000, true);
			after.door.advance(9000);
			assert.isTrue(after.door.unlocked, "request-to-exit is pressed");
			after.door.exit(9000, false);
			assert.isFalse(after.door.unlocked);
			after.door.fire(10_000, true);
			after.door.command(11_000, "open", 1, ANN);
			after.door.command(11_500, "lock", 0, ANN);
			after.door.advance(20_000);
			assert.isTrue(after.door.unlocked, "fire");
		});

		it("lock means now: what is released for an entry ends, the way out does not", () => {
			const { door, events } = rig();
			door.command(0, "open", 60, ANN);
			door.grant(100, PLAIN, BEN);
			door.exit(200, true);
			door.command(1000, "lock");
			assert.isTrue(door.unlocked, "request-to-exit is pressed");
			door.exit(5500, false);
			assert.isFalse(door.unlocked);
			assert.include(events(), event("outcome", OUTCOMES.cancelled, 1));
			assert.isTrue(door.grant(6000, PLAIN, BEN), "credentials work");
			assert.isTrue(door.unlocked);
		});

		it("lockdown lasts over a restart, passage mode does not", () => {
			const before = rig();
			before.door.command(0, "lockdown");
			const after = rig();
			after.door.start(0, before.memory, false);
			assert.equal(after.door.mode, "lockdown");
			const office = rig();
			office.door.grant(0, { ...PLAIN, passageMode: true }, ANN);
			office.door.grant(100, { ...PLAIN, passageMode: true }, ANN);
			const later = rig();
			later.door.start(0, office.memory | REMEMBERED.pending, false);
			assert.equal(later.door.mode, "locked");
			assert.deepEqual(later.events(), [event("outcome", OUTCOMES.restart), event("locked", CAUSES.restart)]);
		});

		it("lockdown by schedule is a lockdown with its cause", () => {
			const { door, events } = rig();
			door.grant(0, { ...PLAIN, passageMode: true }, ANN);
			door.grant(100, { ...PLAIN, passageMode: true }, ANN);
			events();
			door.schedule(1000, "lockdown");
			assert.equal(door.mode, "lockdown");
			assert.isTrue(door.lockdown);
			assert.isFalse(door.unlocked, "passage mode has ended, and the entry with it");
			assert.isFalse(door.command(2000, "open"));
			assert.isFalse(door.grant(2000, PLAIN, ANN));
			assert.isTrue(door.grant(2000, { ...PLAIN, override: true }, ANN));
			door.command(20_000, "release");
			assert.equal(door.mode, "lockdown", "no command ends what the plan says");
			door.schedule(30_000, "locked");
			assert.equal(door.mode, "locked");
			assert.deepEqual(events(), [
				event("lockdown", CAUSES.schedule),
				event("locked", CAUSES.office),
				event("outcome", OUTCOMES.cancelled, 2),
				event("command", 1, 1),
				event("outcome", OUTCOMES["not-opened"], 1),
				event("command", 6),
				event("lockdown-ended", CAUSES.schedule),
			]);
		});

		it("lockdown by schedule is not remembered as one by input or command", () => {
			const before = rig();
			before.door.schedule(0, "lockdown");
			const after = rig();
			after.door.start(0, before.memory, false);
			assert.equal(after.door.mode, "locked");
		});

		it("a restart opens for no moment what the plan locks down", () => {
			const before = rig();
			before.door.command(0, "unlock");
			before.events();
			const after = rig();
			after.door.start(0, before.memory, false, "lockdown");
			assert.isFalse(after.door.unlocked);
			assert.deepEqual(after.events(), [event("lockdown", CAUSES.schedule), event("locked", CAUSES.restart)]);
			after.door.schedule(1000, "locked");
			assert.isTrue(after.door.unlocked, "the command still holds");
		});

		it("every change of mode ends passage mode", () => {
			const may = { ...PLAIN, passageMode: true };
			const changes: ((door: Door) => void)[] = [
				...DOOR_MODES.filter((mode) => mode !== "locked").map(
					(mode) => (door: Door) => door.schedule(9000, mode),
				),
				...(["unlock", "lock", "normal", "lockdown"] as const).map(
					(command) => (door: Door) => void door.command(9000, command),
				),
				(door) => door.lockdownInput(9000, true),
				(door) => door.fire(9000, true),
			];
			for (const change of changes) {
				const { door } = rig();
				door.grant(0, may, ANN);
				door.grant(100, may, ANN);
				assert.isTrue(door.passageMode);
				change(door);
				assert.isFalse(door.passageMode, String(change));
			}
		});

		it("fire opens everything, lockdown included", () => {
			const { door } = rig();
			door.lockdownInput(0, true);
			door.fire(10, true);
			assert.equal(door.mode, "evacuation");
			assert.isTrue(door.unlocked);
			assert.isTrue(door.grant(15, PLAIN, ANN));
			door.fire(20, false);
			assert.equal(door.mode, "lockdown");
			assert.isFalse(door.unlocked);
			const ignores = rig({ fire: "ignore" });
			ignores.door.fire(0, true);
			assert.isFalse(ignores.door.unlocked);
		});
	});

	it("takes time that goes back for no time at all", () => {
		const { door } = rig();
		door.grant(100_000, PLAIN, ANN);
		door.advance(102_000);
		door.advance(5);
		door.advance(3004);
		assert.isTrue(door.unlocked);
		door.advance(3005);
		assert.isFalse(door.unlocked);
	});
});
