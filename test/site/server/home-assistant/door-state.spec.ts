// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { NodeCrypto } from "../../../../hal/node/crypto.js";
import { CAUSES, EVENTS, INPUTS } from "../../../../protocol/events.js";
import { KEPT } from "../../../../protocol/log/kept.js";
import { World } from "../../../../sim/world.js";
import {
	afterRecord,
	type DoorState,
	TELLING,
	UNKNOWN,
} from "../../../../site/server/home-assistant/door-state.js";
import type { DoorRecord } from "../../../../site/server/home-assistant/site-doors.js";
import { REMEMBERED, remember } from "../../../../src/door/memory.js";

function record(kind: number, detail = 0, more: Partial<DoorRecord> = {}): DoorRecord {
	return {
		...{ kind, detail, value: 0, time: 1_780_000_000, trust: "synced", reader: 1 },
		...{ received: 1_780_000_005, person: undefined },
		...more,
	};
}

function fold(records: readonly DoorRecord[], from: DoorState = UNKNOWN): DoorState {
	return records.reduce(afterRecord, from);
}

describe("a door's state from its log", () => {
	it("is what the firmware remembers by the same records", () => {
		const kind = fc.constantFrom(...Object.values(EVENTS));
		const cause = fc.constantFrom(...Object.values(CAUSES));
		fc.assert(
			fc.property(fc.array(fc.tuple(kind, cause), { maxLength: 60 }), (events) => {
				const start: DoorState = { ...UNKNOWN, reader: 1, open: false, unlocked: false };
				const state = fold(
					events.map(([code, detail]) => record(code, detail)),
					start,
				);
				let memory = 0;
				for (const [code, detail] of events) memory = remember(memory, code, detail, 0);
				const has = (bit: number): boolean => (memory & bit) !== 0;
				assert.deepEqual(
					[state.open, state.unlocked, state.held, state.forced, state.tamper, state.fire],
					[
						...[REMEMBERED.open, REMEMBERED.unlocked, REMEMBERED.held, REMEMBERED.forced],
						...[REMEMBERED.tamper, REMEMBERED.fire],
					].map(has),
				);
				// The firmware remembers that of the schedule by the plan, and that of a command by the command, too.
				if (!events.some(([code]) => code === EVENTS.command))
					assert.equal((state.lockdown & (1 << CAUSES.command)) !== 0, has(REMEMBERED.lockdown));
				assert.equal((state.lockdown & (1 << CAUSES.lockdown)) !== 0, has(REMEMBERED.lockdownInput));
			}),
		);
	});

	it("is the simulated door's: forced open, shut, open once more while the reader was off", () => {
		const world = new World({ crypto: new NodeCrypto() });
		world.powerOn();
		world.settle();
		let state = UNKNOWN;
		const look = (): DoorState => {
			for (const { kind, detail, value, time, trust } of world.auditor.newEntries())
				state = afterRecord(state, record(kind, detail, { value, time, trust }));
			return state;
		};
		assert.deepInclude(look(), { unlocked: false, forced: false });
		world.door.force();
		world.time.run(5_000);
		assert.deepInclude(look(), { open: true, forced: true });
		world.door.shut();
		world.time.run(5_000);
		assert.deepInclude(look(), { open: false });
		world.powerOff();
		world.door.force();
		world.powerOn();
		world.settle();
		assert.isTrue(look().open);
	});

	it("knows nothing at first, and of a door that has just started that it is locked", () => {
		assert.deepInclude(UNKNOWN, { open: undefined, unlocked: undefined, entry: undefined });
		assert.isFalse(fold([record(EVENTS.restart)]).unlocked);
		assert.isTrue(fold([record(EVENTS.unlocked), record(EVENTS.restart)]).unlocked);
	});

	it("takes no copy of an older record for news, and another reader for another door's history", () => {
		const forced = fold([record(EVENTS.forced), record(EVENTS["forced-ended"])]);
		assert.isFalse(afterRecord(forced, record(EVENTS.forced | KEPT)).forced);
		const held = fold([record(EVENTS.held), record(EVENTS["door-opened"])]);
		assert.deepInclude(afterRecord(held, record(EVENTS.restart, 0, { reader: 2 })), {
			...{ held: false, open: undefined, unlocked: false, reader: 2 },
		});
	});

	it("has causes of lockdown and faults of inputs each by itself", () => {
		const both = [record(EVENTS.lockdown, CAUSES.command), record(EVENTS.lockdown, CAUSES.lockdown)];
		assert.notEqual(fold([...both, record(EVENTS["lockdown-ended"], CAUSES.command)]).lockdown, 0);
		const ended = [CAUSES.command, CAUSES.lockdown].map((cause) => record(EVENTS["lockdown-ended"], cause));
		assert.equal(fold([...both, ...ended]).lockdown, 0);
		const [first, second] = Object.values(INPUTS).map((input) => input << 8);
		const faults = [record(EVENTS["input-fault"], first), record(EVENTS["input-fault"], second! + 1)];
		assert.notEqual(fold([...faults, record(EVENTS["input-restored"], first)]).faults, 0);
		assert.equal(
			fold([...faults, record(EVENTS["input-restored"], first), record(EVENTS["input-restored"], second)])
				.faults,
			0,
		);
	});

	it("has the newest entry that was granted, by the site's clock where the reader had none", () => {
		const ada = record(EVENTS.decision, 0, { person: "Ada" });
		const denied = record(EVENTS.decision, 3, { person: "Bob", time: 1_780_000_100 });
		assert.deepEqual(fold([ada, denied]).entry, { at: 1_780_000_000, person: "Ada" });
		const unset = record(EVENTS.decision, 256, { time: 7, trust: "unset" });
		assert.deepEqual(fold([ada, unset]).entry, { at: 1_780_000_005, person: undefined });
	});

	it("goes by the kinds that it names, and by no other", () => {
		const seen = fold([
			...["door-opened", "unlocked", "forced", "held", "tamper", "fire"].map((name) =>
				record(EVENTS[name as keyof typeof EVENTS]),
			),
			...[record(EVENTS.lockdown, 3), record(EVENTS["input-fault"], 0x300)],
		]);
		const changing = Object.values(EVENTS).filter((kind) =>
			[seen, { ...UNKNOWN, reader: 1 }].some((from) =>
				[0, 3, 0x300].some((detail) => {
					const to = afterRecord(from, record(kind, detail));
					return JSON.stringify({ ...to }, unknownToo) !== JSON.stringify({ ...from }, unknownToo);
				}),
			),
		);
		assert.sameMembers(changing, [...TELLING]);
	});
});

function unknownToo(_: string, value: unknown): unknown {
	return value === undefined ? "unknown" : value;
}
