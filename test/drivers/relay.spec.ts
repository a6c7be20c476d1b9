// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { LEASE_MS, RENEWAL_MS, Relay } from "../../drivers/relay/relay.js";
import { DEFAULT_DOOR, type DoorConfig, safeState } from "../../protocol/config/door.js";
import { EVENTS } from "../../protocol/events.js";
import { SimDoor } from "../../sim/door.js";
import { VirtualTime } from "../../sim/time.js";
import { DoorController } from "../../src/door/controller.js";
import type { Signal } from "../../src/door/feedback.js";

const ANN = {
	id: new Uint8Array(8).fill(1),
	link: "nfc",
	planVersion: 1,
	rights: { extended: false, firstPerson: false, passageMode: false },
} as const;
const GRANTED = { granted: true, reason: "granted" } as const;

interface Rig {
	time: VirtualTime;
	world: SimDoor;
	/** What the firmware sees of time: stopped when it hangs. */
	hang(): void;
	controller: DoorController;
	events: number[];
	signals: Signal[];
	throwOn: number;
}

/** A door with its firmware, whose event loop can be stopped: hardware goes on, alarms no longer arrive. */
function rig(config: Partial<DoorConfig> = {}): Rig {
	const time = new VirtualTime();
	const full = { ...DEFAULT_DOOR, ...config };
	const world = new SimDoor(time, full);
	let hung = false;
	const signals: Signal[] = [];
	const it: Rig = {
		time,
		world,
		events: [],
		signals,
		throwOn: -1,
		hang: () => {
			hung = true;
		},
		controller: new DoorController({
			config: full,
			clock: {
				now: () => time.now(),
				alarm: (callback) => time.alarm(() => !hung && callback()),
			},
			strike: new Relay({ io: world.relay.io }),
			signals: { show: (signal) => signals.push(signal) },
			renewalMs: RENEWAL_MS,
			onEvent: (kind) => {
				it.events.push(kind);
				if (kind === it.throwOn) throw new Error("the log fell over");
			},
		}),
	};
	return it;
}

const LOCKS: readonly Partial<DoorConfig>[] = [
	{ lock: "fail-secure", contact: "normally-open" },
	{ lock: "fail-secure", contact: "normally-closed" },
	{ lock: "fail-safe", contact: "normally-open" },
	{ lock: "fail-safe", contact: "normally-closed" },
];

describe("relay", () => {
	for (const config of LOCKS) {
		const safe = safeState({ ...DEFAULT_DOOR, ...config });
		describe(`${config.lock}, ${config.contact}: safe is ${safe}`, () => {
			const inSafeState = (world: SimDoor): boolean => world.locked === (safe === "locked");

			it("locks and unlocks the real door, for exactly the strike time", () => {
				const { controller, time, world } = rig(config);
				assert.isTrue(inSafeState(world), "before the firmware starts");
				controller.start(0, { doorPosition: false });
				time.run(10_000);
				assert.isTrue(world.locked);
				controller.decide(GRANTED, ANN);
				assert.isFalse(world.locked);
				time.run(4999);
				assert.isFalse(world.locked);
				time.run(1);
				assert.isTrue(world.locked);
				controller.command("unlock");
				time.run(3_600_000);
				assert.isFalse(world.locked);
				controller.command("normal");
				assert.isTrue(world.locked);
				assert.equal(world.relay.owners, 1);
			});

			for (const unlocked of [false, true]) {
				it(`a hang while ${unlocked ? "unlocked" : "locked"} ends safe within ${LEASE_MS} ms`, () => {
					const { controller, hang, time, world } = rig(config);
					controller.start(0, { doorPosition: false });
					if (unlocked) controller.command("unlock");
					time.run(12_345);
					assert.equal(world.locked, !unlocked);
					hang();
					time.run(LEASE_MS);
					assert.isTrue(inSafeState(world));
					time.run(3_600_000);
					assert.isTrue(inSafeState(world));
				});
			}

			it("a restart and a brown-out end safe at once", () => {
				for (const command of ["unlock", "normal"] as const) {
					const { controller, hang, time, world } = rig(config);
					controller.start(0, { doorPosition: false });
					controller.command(command);
					time.run(1000);
					hang();
					world.relay.reset();
					assert.isTrue(inSafeState(world));
				}
			});

			it("an exception in a callback ends safe before it leaves it", () => {
				for (const kind of [EVENTS.decision, EVENTS.command, EVENTS["door-opened"]]) {
					const it = rig(config);
					it.controller.start(0, { doorPosition: false });
					it.controller.command("unlock");
					it.time.run(1000);
					it.throwOn = kind;
					assert.throws(() => {
						it.controller.decide(GRANTED, ANN);
						it.controller.input("doorPosition", true);
						it.controller.command("open");
					}, "the log fell over");
					assert.isTrue(inSafeState(it.world));
				}
			});
		});
	}

	it("an exception in an alarm's callback ends safe too", () => {
		const it = rig();
		it.controller.start(0, { doorPosition: false });
		it.controller.decide(GRANTED, ANN);
		it.throwOn = EVENTS.outcome;
		assert.throws(() => it.time.run(10_000));
		assert.isTrue(it.world.locked);
	});

	it("a flood of inputs keeps no door open: the strike time holds, whatever comes", () => {
		const { controller, time, world } = rig({ requestToExit: "none", relock: "by-time" });
		controller.start(0, { doorPosition: false });
		controller.decide(GRANTED, ANN);
		// A thousand events a second, and the firmware's own alarms never get their turn.
		for (let ms = 1; ms <= 6000; ms++) {
			time.run(1);
			controller.input("doorPosition", ms % 2 === 0);
			controller.reading(true);
			assert.equal(world.locked, ms >= 5000, `after ${ms} ms`);
		}
	});

	it("the hardware ends the strike time by itself when the firmware is late", () => {
		const { controller, hang, time, world } = rig();
		controller.start(0, { doorPosition: false });
		controller.decide(GRANTED, ANN);
		time.run(4100);
		hang();
		time.run(899);
		assert.isFalse(world.locked);
		time.run(1);
		assert.isTrue(world.locked);
	});

	it("a stall longer than the lease is noticed and logged, and the door goes on", () => {
		const { controller, events, time, world } = rig();
		let stalled = false;
		controller.start(0, { doorPosition: false });
		controller.command("unlock");
		time.run(1000);
		world.watch(() => {
			stalled ||= world.locked;
		});
		world.relay.reset();
		assert.isTrue(stalled);
		time.run(RENEWAL_MS);
		assert.isFalse(world.locked);
		assert.include(events, EVENTS["relay-lapsed"]);
	});

	it("refuses a lease of no time and asks for no longer one than it may", () => {
		const time = new VirtualTime();
		const { relay } = new SimDoor(time, DEFAULT_DOOR);
		const owner = new Relay({ io: relay.io });
		owner.on(Number.POSITIVE_INFINITY);
		assert.isTrue(owner.energised);
		time.run(LEASE_MS);
		assert.isFalse(owner.energised);
		owner.on(0);
		owner.on(Number.NaN);
		assert.isFalse(owner.energised);
		owner.on(0.5);
		time.run(1);
		assert.isFalse(owner.energised);
		owner.on(1e9);
		owner.close();
		assert.isFalse(relay.on);
	});
});
