// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { CAUSES, EVENTS, eventName, RESTARTS } from "../../protocol/events.js";
import type { PlanMode } from "../../protocol/plan/tables.js";
import { ANDROID } from "../../sim/ble/profile.js";
import { AndroidPhone } from "../../sim/nfc/cards.js";
import type { PhoneKind } from "../../sim/people.js";
import { BUSES } from "../../sim/pn532/board.js";
import { SeededRandom } from "../../sim/random.js";
import { runTap } from "../../sim/scenario.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import type { TablesModel } from "../../site/lib/plan/encode.js";
import { ready } from "./ready.js";

const crypto = new NodeCrypto();

/** From a start after a cut of the supply until the phone of before counts as away, ms. */
const AWAY_MS = 10_000;

function hold(world: World, kind: PhoneKind, ms = 1500): void {
	const phone = world.phones.nfc(kind);
	world.board.field.present(phone);
	world.time.run(ms);
	world.board.field.remove(phone);
	world.time.run(500);
}

describe("a tap in the whole world", () => {
	const expected: Readonly<Record<PhoneKind, string>> = {
		valid: "granted",
		revoked: "revoked",
		expired: "expired",
		stranger: "unknown-credential",
		foreign: "unknown-issuer",
	};
	for (const link of ["nfc", "ble"] as const)
		for (const [phone, reason] of Object.entries(expected))
			it(`${link}, ${phone}: ${reason}`, () => {
				const result = runTap({ crypto, link, phone: phone as PhoneKind, suite: 4, seed: 3 });
				assert.equal(result.reason, reason);
				assert.equal(result.decision, reason === "granted" ? "granted" : "denied");
				assert.equal(result.relayOnMs !== null, reason === "granted");
				if (link === "nfc") assert.equal(result.exchanges, 3);
				assert.isAtMost(result.bytes, 700);
			});

	it("each bus of the PN532 carries the same APDUs, byte for byte", () => {
		const tapped = BUSES.map((bus) =>
			runTap({ crypto, link: "nfc", phone: "valid", suite: 4, seed: 11, bus }),
		);
		const apdus = tapped.map(({ timeline }) => timeline.filter(({ actor }) => actor === "apdu"));
		const bytes = apdus.map((moments) => moments.map((moment) => toHex(moment.bytes!)));
		for (const [i, bus] of BUSES.entries()) {
			assert.equal(tapped[i]!.decision, "granted", bus);
			assert.lengthOf(bytes[i]!, 6, bus);
			assert.deepEqual(bytes[i], bytes[0], bus);
		}
	});

	it("the same seed gives the same bytes, another seed others", () => {
		const run = (seed: number): string =>
			JSON.stringify(runTap({ crypto, link: "nfc", phone: "valid", suite: 4, seed }).timeline);
		assert.equal(run(5), run(5));
		assert.notEqual(run(5), run(6));
	});

	it("a phone that stays at the reader opens the door once", () => {
		const world = ready();
		hold(world, "valid", 12_000);
		assert.lengthOf(world.auditor.decisions(), 1);
		hold(world, "valid");
		assert.lengthOf(world.auditor.decisions(), 2, "and again when it has been away");
	});

	it("the field lost after any byte over the air: a pulse only with a decision in the log", () => {
		const whole = ready();
		hold(whole, "valid");
		let opened = 0;
		// Every byte in CI; here every seventh, so that the specs stay quick.
		for (let bytes = 1; bytes < 700; bytes += process.env.CI ? 1 : 7) {
			const world = ready();
			const before = world.door.relay.operations;
			world.board.field.cutAfter(bytes);
			hold(world, "valid", 3000);
			const pulsed = world.door.relay.operations > before;
			const granted = world.auditor.decisions().filter((d) => d.granted).length;
			assert.equal(pulsed, granted > 0, `cut after ${bytes} bytes`);
			if (pulsed) opened++;
		}
		assert.isAbove(opened, 0, "the last cuts come after the decision");
	});

	for (const link of ["nfc", "ble"] as const)
		it(`power cut at any moment of a tap over ${link}: the relay is off, and the next tap opens`, () => {
			let granted = 0;
			for (let ms = 5; ms < 320; ms += 15) {
				const world = ready();
				const nfc = world.phones.nfc("valid");
				const ble = world.phones.ble("valid", { profile: ANDROID });
				if (link === "nfc") world.board.field.present(nfc);
				else ble.connect();
				world.time.run(ms);
				if (world.door.relay.on) granted++;
				world.powerOff();
				world.board.field.remove(nfc);
				assert.isFalse(world.door.relay.on);
				world.time.run(1000);
				assert.isFalse(world.door.relay.on, "nothing of the dead firmware moves it");
				world.powerOn();
				world.settle();
				// A phone that lay there as the lock was released would not be served again (brown-out.spec): this one comes.
				world.time.run(AWAY_MS);
				if (link === "nfc") hold(world, "valid");
				else {
					world.phones.ble("valid").connect();
					world.time.run(2000);
				}
				assert.isTrue(world.door.relay.on, `after a cut at ${ms} ms`);
				const restarts = world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
				assert.lengthOf(restarts, 2);
			}
			assert.isAbove(granted, 0, "the last cuts come after the decision");
		});

	it("a chip that goes silent for good is back within 5 s of the next poll", () => {
		const world = ready();
		world.board.chip.wedge();
		world.time.run(5000);
		hold(world, "valid");
		assert.isTrue(world.door.relay.on);
		const health = world.auditor.entries().filter(({ kind }) => kind === EVENTS.health);
		assert.isAtLeast(health.length, 1, "and the log says so");
	});

	it("one phone on both radios opens once and is logged once", () => {
		const world = ready();
		const nfc = world.phones.nfc("valid");
		const ble = world.phones.ble("valid", { distance: () => 0.1 });
		ble.connect();
		world.time.run(20);
		world.board.field.present(nfc);
		world.time.run(3000);
		assert.lengthOf(world.phones.results, 2, "both were told");
		assert.lengthOf(world.auditor.decisions(), 1);
		assert.equal(world.door.relay.operations, 1, "one release");
	});
});

describe("the door in the whole world", () => {
	function kinds(world: World): string[] {
		return world.auditor.entries().map(({ kind }) => eventName(kind) ?? "?");
	}

	it("granted, opened, shut: the log tells it in order and no alarm sounds", () => {
		const world = ready();
		hold(world, "valid");
		assert.isTrue(world.door.pull(), "the lock lets go");
		world.time.run(2000);
		world.door.shut();
		world.time.run(40_000);
		assert.deepEqual(kinds(world), ["restart", "decision", "door-opened", "door-closed"]);
		assert.isTrue(world.door.locked);
		assert.equal(world.panel.tone, 0);
	});

	it("broken open: forced, with the siren, until it is shut", () => {
		const world = ready();
		world.door.force();
		world.time.run(1100);
		assert.deepEqual(kinds(world), ["restart", "door-opened", "forced"]);
		assert.isAbove(sounds(world, 1000), 0);
		world.door.shut();
		world.time.run(1000);
		assert.equal(kinds(world).at(-1), "forced-ended");
	});

	it("held open: a warning at 15 s, the alarm at 30", () => {
		const world = ready();
		hold(world, "valid");
		world.door.pull();
		world.time.run(14_000);
		assert.notInclude(kinds(world), "held-warning");
		world.time.run(2000);
		assert.equal(kinds(world).at(-1), "held-warning");
		world.time.run(15_000);
		assert.equal(kinds(world).at(-1), "held");
	});

	it("request-to-exit lets out without an alarm", () => {
		const world = ready();
		world.door.press(true);
		world.time.run(300);
		world.door.press(false);
		assert.isTrue(world.door.pull());
		world.time.run(1000);
		assert.deepEqual(kinds(world), ["restart", "exit", "door-opened"]);
	});

	it("a sensor that never lets go keeps a magnet off: told as stuck, in lockdown too, over a restart", () => {
		const door = { lock: "fail-safe", exitStuckTime: 10 };
		const world = new World({ crypto, configuration: { door } });
		world.plan.install();
		world.powerOn();
		world.settle();
		assert.isTrue(world.door.locked);
		world.door.press(true);
		world.time.run(15_000);
		assert.isFalse(world.door.locked);
		assert.equal(kinds(world).at(-1), "input-fault");
		world.device!.door!.access.door.command("lockdown");
		world.time.run(5000);
		assert.isFalse(world.door.locked);
		world.restart("watchdog");
		world.settle();
		assert.isFalse(world.door.locked);
		assert.equal(world.device!.door!.access.door.mode, "lockdown");
		world.door.press(false);
		world.time.run(6000);
		assert.isTrue(world.door.locked);
	});

	it("request-to-exit that comes after the leaf sounds no alarm", () => {
		for (let late = 0; late <= 400; late += 50) {
			const world = ready();
			assert.isTrue(world.door.pull(true), "by the handle inside");
			world.time.run(late);
			world.door.press(true);
			world.time.run(3000);
			assert.equal(world.device!.door!.access.door.door.leaf, "open", `${late} ms late`);
			assert.notInclude(kinds(world), "forced");
		}
	});

	it("says in light and sound what it decided", () => {
		const granted = ready();
		assert.equal(granted.device!.door!.indicator.signal, "ready");
		hold(granted, "valid", 500);
		assert.equal(granted.device!.door!.indicator.signal, "granted");
		assert.equal(granted.panel.colour, "green");
		const denied = ready();
		hold(denied, "revoked", 500);
		assert.equal(denied.device!.door!.indicator.signal, "denied");
	});

	it("lights and sounds at once when a phone is there, and denies a card that has no application of ours", () => {
		const world = ready();
		const phone = world.phones.nfc("valid");
		const signals: string[] = [];
		const look = (): void => {
			const signal = String(world.device!.door!.indicator.signal);
			if (signals.at(-1) === signal) return;
			signals.push(signal);
			if (signal !== "reading") return;
			assert.equal(world.panel.colour, "white");
			assert.isAbove(world.panel.tone, 0);
		};
		world.board.field.present(phone);
		for (let ms = 0; ms < 600; ms++) {
			world.time.run(1);
			look();
		}
		assert.deepEqual(signals, ["ready", "reading", "granted"]);

		const bank = ready();
		const card = new AndroidPhone(
			{
				process: () => ({ response: Uint8Array.of(0x6a, 0x82), micros: 20_000 }),
				deselected: () => undefined,
			},
			new SeededRandom(2),
		);
		const seen = new Set<string>();
		bank.board.field.present(card);
		for (let ms = 0; ms < 600; ms++) {
			bank.time.run(1);
			seen.add(String(bank.device!.door!.indicator.signal));
		}
		assert.deepEqual([...seen], ["ready", "reading", "denied"]);
		bank.time.run(2000);
		assert.equal(bank.device!.door!.indicator.signal, "ready");
		assert.deepEqual(
			bank.auditor.decisions().map(({ reason }) => reason),
			["no-application"],
		);
	});

	it("an exception in a callback: the relay is off, the reader restarts clean, the log says why", () => {
		const world = new World({
			crypto,
			onException: () => world.restart("exception"),
		});
		world.plan.install();
		world.powerOn();
		world.settle();
		hold(world, "valid", 400);
		assert.isTrue(world.door.relay.on);
		// A defect, in the middle of everything: the next record cannot be written, this once.
		const write = world.flash.log.write.bind(world.flash.log);
		world.flash.log.write = () => {
			world.flash.log.write = write;
			throw new Error("a defect");
		};
		world.door.force();
		world.time.run(60);
		assert.isFalse(world.door.relay.on);
		world.door.shut();
		world.settle();
		hold(world, "valid");
		assert.isTrue(world.door.relay.on, "and the door opens again");
		const restarts = world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
		assert.equal(restarts.at(-1)!.detail & 255, RESTARTS.exception);
	});
});

/** Milliseconds that the sounder sounds in the next `ms`. */
function sounds(world: World, ms: number): number {
	let sounding = 0;
	for (let i = 0; i < ms; i += 10) {
		world.time.run(10);
		if (world.panel.tone > 0) sounding += 10;
	}
	return sounding;
}

describe("rights of people in the whole world", () => {
	it("lockdown keeps everybody out but those who may override it", () => {
		for (const override of [false, true]) {
			const world = new World({ crypto, rights: { override } });
			world.plan.install();
			world.powerOn();
			world.settle();
			world.device!.door!.access.door.command("lockdown");
			hold(world, "valid");
			assert.equal(world.door.relay.operations > 0, override);
			assert.equal(world.auditor.decisions().at(-1)!.reason, override ? "granted" : "lockdown");
			assert.isTrue(world.device!.door!.access.door.lockdown, "the lockdown goes on");
		}
	});

	/** Access plan 0 always opens; from 10:00 to 10:10 in UTC, when the world begins, the door is in `mode`. */
	function scheduled(mode: PlanMode, defaultMode: PlanMode = "locked"): Partial<TablesModel> {
		return {
			officeMode: true,
			defaultMode,
			modes: [{ schedule: 0, mode }],
			schedules: [[{ days: 127, from: 600, to: 610 }]],
		};
	}

	it("a lockdown by schedule is one", () => {
		for (const override of [false, true]) {
			const world = new World({ crypto, rights: { override }, tables: scheduled("lockdown") });
			world.plan.install();
			world.powerOn();
			world.settle();
			const { access, indicator } = world.device!.door!;
			assert.equal(access.door.mode, "lockdown");
			assert.equal(indicator.signal, "lockdown");
			assert.isFalse(access.door.command("open"));
			hold(world, "valid");
			assert.equal(world.door.relay.operations > 0, override);
			assert.equal(world.auditor.decisions().at(-1)!.reason, override ? "granted" : "lockdown");
			world.time.run(600_000);
			assert.equal(access.door.mode, "locked");
			const ended = world.auditor.entries().find(({ kind }) => kind === EVENTS["lockdown-ended"]);
			assert.equal(ended?.detail, CAUSES.schedule);
		}
	});

	it("a door whose schedule keeps it locked is not unlocked by its default mode while the time is unknown", () => {
		const world = new World({ crypto, tables: scheduled("locked", "unlocked") });
		world.plan.install();
		world.powerOn();
		world.wall.lose();
		world.settle();
		world.time.run(5000);
		assert.isTrue(world.door.locked);
		world.device!.door!.access.setTime(EPOCH);
		assert.isTrue(world.door.locked);
		// The schedule is looked at each second.
		world.time.run(601_500);
		assert.isFalse(world.door.locked, "its time has come");
	});

	it("restored time counts for the schedule as it does for a tap", () => {
		for (const strictTime of [false, true]) {
			const world = new World({ crypto, tables: { ...scheduled("unlocked"), strictTime } });
			world.plan.install();
			world.powerOn();
			world.wall.set(EPOCH, "restored");
			world.settle();
			world.time.run(5000);
			assert.equal(world.door.locked, strictTime);
		}
	});

	it("the door locks at its end though a card that answers slowly lies at the reader", () => {
		for (let phase = 0; phase < 7; phase += 3) {
			const world = new World({ crypto, tables: scheduled("unlocked") });
			world.plan.install();
			world.powerOn();
			world.settle();
			assert.isFalse(world.door.locked);
			world.time.run(590_000 + phase * 150 - world.time.now());
			const slow = (): Uint8Array => Uint8Array.of(0x6a, 0x82);
			world.board.field.present(
				new AndroidPhone(
					{ process: () => ({ response: slow(), micros: 3_900_000 }), deselected: () => undefined },
					new SeededRandom(phase),
				),
			);
			world.time.run(602_000 - world.time.now());
			assert.isTrue(world.door.locked, `phase ${phase}`);
		}
	});

	it("passage mode: by BLE only where the user acted, since nearness can be feigned", () => {
		for (const tapped of [false, true]) {
			const configuration = { bluetooth: "near" };
			const tables = { officeMode: true };
			const world = new World({ crypto, rights: { firstPerson: true }, tables, configuration });
			world.plan.install();
			world.powerOn();
			world.settle();
			for (let n = 0; n < 2; n++) {
				world.phones.ble("valid", { tapped }).connect();
				world.time.run(1200);
			}
			assert.lengthOf(world.auditor.decisions(), 2);
			assert.isTrue(world.auditor.decisions().every(({ reason }) => reason === "granted"));
			world.time.run(20_000);
			assert.equal(world.door.relay.on, tapped);
		}
	});

	it("first-person-in: by BLE only where the user acted", () => {
		for (const tapped of [false, true]) {
			const tables = scheduled("unlocked-after-first");
			const configuration = { bluetooth: "near" };
			const world = new World({ crypto, rights: { firstPerson: true }, tables, configuration });
			world.plan.install();
			world.powerOn();
			world.settle();
			world.phones.ble("valid", { tapped }).connect();
			world.time.run(20_000);
			assert.deepEqual(
				world.auditor.decisions().map(({ reason }) => reason),
				["granted"],
			);
			assert.equal(world.door.locked, !tapped);
		}
	});

	it("passage mode: two taps keep the door unlocked, two more end it, where the plan allows it", () => {
		for (const officeMode of [false, true]) {
			const world = new World({ crypto, rights: { firstPerson: true }, tables: { officeMode } });
			world.plan.install();
			world.powerOn();
			world.settle();
			const twice = (): void => {
				hold(world, "valid", 500);
				hold(world, "valid", 500);
				world.time.run(20_000);
			};
			twice();
			assert.equal(world.door.relay.on, officeMode);
			twice();
			assert.isFalse(world.door.relay.on);
		}
	});
});
