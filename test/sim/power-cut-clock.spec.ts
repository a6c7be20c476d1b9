// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { DECISION_FLAGS, EVENTS, PARTS } from "../../protocol/events.js";
import { timeServer } from "../../sim/network.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { EPOCH } from "../../sim/site.js";
import { TIME_ADDRESS, World, type WorldOptions } from "../../sim/world.js";
import { ALWAYS_OPEN } from "../../site/lib/plan/encode.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";

const crypto = new NodeCrypto();
const HOUR_MS = 3_600_000;

/** The valid phone may come from the fifth minute to the fourth hour of the world, by schedule. */
const BY_SCHEDULE: NonNullable<WorldOptions["tables"]> = {
	schedules: [[{ days: 0x7f, from: minutes(5), to: minutes(240) }]],
	plans: [[{ schedule: 0, from: 0, until: 0xffffff }]],
};

function minutes(after: number): number {
	return (Math.floor(EPOCH / 60) + after) % 1440;
}

function door(options: Partial<WorldOptions> = {}): World {
	const world = new World({ crypto, tables: { ...ALWAYS_OPEN, ...BY_SCHEDULE }, ...options });
	world.plan.install();
	world.powerOn();
	world.settle();
	return world;
}

function refusal(action: () => unknown): string | undefined {
	try {
		action();
		return undefined;
	} catch (error) {
		if (error instanceof RequestRefused) return error.refusal.reason;
		throw error;
	}
}

function tap(world: World): string {
	const before = world.auditor.decisions().length;
	const phone = world.phones.nfc("valid");
	world.board.field.present(phone);
	world.time.run(1500);
	world.board.field.remove(phone);
	world.time.run(4000);
	return world.auditor.decisions().slice(before).at(-1)?.reason ?? "none";
}

/** A phone that lay there as the supply failed would not be served again (brown-out.spec). */
const AWAY_MS = 5000;

function cut(world: World, ms: number): void {
	world.powerOff();
	world.time.run(ms);
	world.powerOn();
	world.settle();
	world.time.run(AWAY_MS);
}

describe("the clock over a power cut", () => {
	it("a door with its clock chip admits by schedule at the right time, and at no other", () => {
		const world = door();
		assert.equal(tap(world), "outside-schedule");
		cut(world, 2 * HOUR_MS);
		assert.equal(world.wall.trust(), "restored");
		assert.equal(tap(world), "granted");
		cut(world, 3 * HOUR_MS);
		assert.equal(tap(world), "outside-schedule");
	});

	for (const cause of ["power-on", "brown-out", "reset-pin"] as const)
		it(`a board without one has the last known time after ${cause}, and the log says from where`, () => {
			const world = door({ withoutClockChip: true });
			// Kept every ten minutes.
			world.time.run(HOUR_MS / 5);
			assert.equal(tap(world), "granted");
			world.restart(cause);
			world.settle();
			world.time.run(AWAY_MS);
			assert.equal(world.wall.trust(), "restored");
			assert.equal(tap(world), "granted");
			const set = world.auditor.entries().filter(({ kind }) => kind === EVENTS["clock-set"]);
			// At the first start, which follows the installer's visit, and at this.
			assert.deepEqual(
				set.map(({ detail }) => detail >> 8),
				[2, 2],
			);
		});

	it("time that nothing has kept stays unset, and no schedule holds", () => {
		const world = new World({ crypto, tables: { ...ALWAYS_OPEN, ...BY_SCHEDULE }, withoutClockChip: true });
		world.plan.install();
		world.timeStore.value = undefined;
		world.time.run(2 * HOUR_MS);
		world.powerOn();
		world.settle();
		assert.equal(world.wall.trust(), "unset");
		assert.equal(tap(world), "clock-unset");
		assert.equal(world.device!.door!.access.door.signal, "fault");
		world.device!.door!.access.setTime(EPOCH + 2 * 3600);
		world.time.run(1000);
		assert.equal(world.device!.door!.access.door.signal, "ready");
	});

	it("a chip whose cell is empty is on the light and in the log until the clock is set", () => {
		const world = door();
		world.clockChip.setBattery(false);
		cut(world, HOUR_MS);
		world.time.run(1000);
		const { access } = world.device!.door!;
		assert.equal(access.door.signal, "fault");
		const failed = world.auditor.entries().filter(({ kind }) => kind === EVENTS.health);
		assert.deepEqual(
			failed.map(({ detail }) => detail),
			[(PARTS.clock << 8) | 1],
		);
		assert.equal(world.wall.trust(), "restored", "from the last known time");
		world.clockChip.setBattery(true);
		access.setTime(EPOCH + 7200);
		world.time.run(1000);
		assert.equal(access.door.signal, "ready");
	});

	it("a reader that has no plan yet shows no fault for its clock", () => {
		const world = new World({ crypto, factory: true });
		world.powerOn();
		world.settle();
		world.time.run(3000);
		assert.equal(world.wall.trust(), "unset");
		assert.equal(world.device!.door!.access.door.signal, "ready");
	});

	it("the log says of each grant by a schedule that the time was only restored", () => {
		const world = door();
		cut(world, HOUR_MS);
		assert.equal(tap(world), "granted");
		const flags = (): number =>
			world.auditor
				.entries()
				.filter(({ kind }) => kind === EVENTS.decision)
				.at(-1)!.detail;
		assert.notEqual((flags() >> 8) & DECISION_FLAGS.restoredTime, 0);
		world.device!.door!.access.setTime(world.wall.now());
		assert.equal(tap(world), "granted");
		assert.equal((flags() >> 8) & DECISION_FLAGS.restoredTime, 0);
		const always = new World({ crypto });
		always.plan.install();
		always.powerOn();
		always.settle();
		assert.equal(tap(always), "granted");
		const [only] = always.auditor.entries().filter(({ kind }) => kind === EVENTS.decision);
		assert.equal((only!.detail >> 8) & DECISION_FLAGS.restoredTime, 0, "no schedule was asked");
	});

	it("a plan's bound lets restored time count only where the clock may be off by no more", () => {
		const daily = {
			...{ ...ALWAYS_OPEN, ...BY_SCHEDULE },
			...{ maxClockError: 27, schedules: [[{ days: 0x7f, from: 0, to: 1440 }]] },
		};
		const world = door({ tables: daily });
		assert.equal(tap(world), "granted");
		cut(world, 6 * 24 * HOUR_MS);
		assert.equal(tap(world), "granted");
		const strict = door({ tables: { ...daily, maxClockError: 7 } });
		cut(strict, 6 * 24 * HOUR_MS);
		assert.equal(tap(strict), "clock-unset", "4 s and 8.5 ppm of 6 days are more");
		strict.device!.door!.access.setTime(strict.wall.now());
		assert.equal(tap(strict), "granted");
		// The last known time may be off by anything.
		const bare = door({ tables: daily, withoutClockChip: true });
		assert.equal(tap(bare), "clock-unset");
		const free = door({ tables: { ...daily, maxClockError: undefined }, withoutClockChip: true });
		assert.equal(tap(free), "granted");
	});

	it("a reader in a network asks a time server, which opens what has a schedule and is never more than restored", () => {
		const world = door({ withoutClockChip: true });
		world.timeStore.value = undefined;
		world.device!.store!.setWifi({ ssid: "Building", password: "correct horse" });
		world.powerOff();
		world.time.run(2 * HOUR_MS);
		world.powerOn();
		assert.equal(world.wall.trust(), "unset");
		world.settle();
		world.time.run(8000);
		assert.equal(world.wall.trust(), "restored");
		assert.closeTo(world.wall.now(), EPOCH + world.time.micros / 1e6, 1);
		assert.equal(tap(world), "granted");
		const [set] = world.auditor
			.entries()
			.filter(({ kind, detail }) => kind === EVENTS["clock-set"] && detail >> 8 === 3);
		assert.equal(set?.trust, "restored");
		assert.equal(world.network.sent, 1);
		// A liar, and a time before the plan.
		world.network.servers.set(
			`${TIME_ADDRESS}:123`,
			timeServer(() => EPOCH - 10 * 365 * 86_400),
		);
		world.timeStore.value = undefined;
		cut(world, 1000);
		world.time.run(70_000);
		assert.equal(world.wall.trust(), "unset");
		assert.equal(tap(world), "clock-unset");
	});

	it("an installer's key that has ended works on a time server's lie only where the plan lets such time count", () => {
		const installer = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
		for (const maxClockError of [3600, undefined]) {
			const world = door({
				tables: { ...ALWAYS_OPEN, maxClockError },
				withoutClockChip: true,
				keys: [{ publicKey: installer.publicKey, roles: ["install"], until: EPOCH + 3600 }],
			});
			world.network.servers.set(
				`${TIME_ADDRESS}:123`,
				timeServer(() => EPOCH + 60),
			);
			world.timeStore.value = undefined;
			world.device!.store!.setWifi({ ssid: "Building", password: "correct horse" });
			cut(world, 2 * HOUR_MS);
			assert.equal(world.wall.trust(), "restored");
			assert.isBelow(world.wall.now(), EPOCH + 3600);
			const cable = new Installer(world, crypto);
			cable.prove(world.site.keys.signing, installer);
			const refused = refusal(() => cable.ask("configuration"));
			assert.equal(refused, maxClockError === undefined ? undefined : "clock-unset");
		}
	});

	it("a reader without a network, or whose configuration names no time server, asks none", () => {
		const without = door({ withoutClockChip: true, configuration: { timeServer: "" } });
		without.device!.store!.setWifi({ ssid: "Building", password: "correct horse" });
		const away = door({ withoutClockChip: true });
		for (const world of [without, away]) {
			cut(world, 1000);
			world.time.run(70_000);
			assert.equal(world.network.sent, 0);
		}
	});

	it("an installer sets it once, and it survives the next cut", () => {
		const world = door();
		world.device!.door!.access.setTime(EPOCH + 2 * 3600);
		assert.equal(world.wall.trust(), "synced");
		assert.equal(tap(world), "granted");
		cut(world, HOUR_MS);
		assert.equal(tap(world), "granted");
	});
});
