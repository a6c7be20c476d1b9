// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import type { SelfTestResult } from "../../protocol/provisioning/messages.js";
import { SELF_TEST_PARTS, type SelfTestPart } from "../../protocol/provisioning/tests.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { startDevice } from "../../src/app/device.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
const SITE = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
const SUPERVISED = { tamper: "supervised-normally-closed" };

type Start = NonNullable<WorldOptions["start"]>;

for (const name of ["Node", "XS"] as const)
	describe(`a self-test of the reader on ${name}`, () => {
		let engine: XsEngine | undefined;
		let start: Start = (platform) => startDevice(platform);

		before(function () {
			if (name === "Node") return;
			engine = engineFor(this);
			start = engine.start;
		});

		after(() => engine?.close());

		/** A commissioned reader whose platform is changed by `change`, and what tries a part of it. */
		function reader(door: object = {}, change: (platform: Parameters<Start>[0]) => object = () => ({})) {
			const startIt: Start = (platform, spend) => start({ ...platform, ...change(platform) }, spend);
			const world = new World({
				crypto,
				factory: true,
				start: startIt,
				configuration: { id: "FRONT", door },
			});
			world.powerOn();
			const installer = new Installer(world, crypto);
			installer.commission(SITE, { id: "FRONT", door: door as { [name: string]: string } });
			installer.prove(SITE);
			world.settle();
			const test = (part: SelfTestPart): SelfTestResult => installer.ask("selftest", { part });
			return { world, installer, test };
		}

		it("passes in every part, leaves to people what they have to see, and the door works after", () => {
			const { installer, test, world } = reader(SUPERVISED);
			installer.ask("time", { seconds: 1_790_000_000 });
			const people: SelfTestPart[] = ["light", "sounder"];
			for (const part of SELF_TEST_PARTS) {
				const { detail, passed } = test(part);
				assert.equal(passed, people.includes(part) ? null : true, `${part}: ${detail}`);
			}
			world.time.run(30_000);
			assert.isFalse(world.door.relay.on);
			world.door.press(true);
			assert.isTrue(world.time.runUntil(() => world.door.relay.on, 500));
		});

		it("tells a relay whose lease no timer ends, and one that has it", () => {
			const { test, world } = reader();
			const { figures } = test("relay");
			assert.approximately(figures.ms as number, 2000, 20);
			world.time.run(10_000);
			const kinds = world.auditor.entries().map(({ kind }) => kind);
			assert.include(kinds, EVENTS.command, "the log has who turned it on");
			assert.include(kinds, EVENTS["relay-lapsed"]);
			// A timer that is not there: the pin stays as the firmware left it.
			const stuck = reader({}, ({ relay }) => ({
				relay: {
					...relay,
					io: class extends relay.io {
						override hold(): void {
							super.hold(60_000);
						}
					},
				},
			}));
			const { detail, passed } = stuck.test("relay");
			assert.isFalse(passed);
			assert.match(detail, /^still on/);
		});

		it("does not take the way out from people for a test of the relay", () => {
			const { test, world } = reader();
			world.door.press(true);
			world.time.run(500);
			assert.isNull(test("relay").passed);
			assert.isTrue(world.door.relay.on);
		});

		it("shows red, green and white one after the other, and then what it has to show", () => {
			const { test, world } = reader();
			const seen: string[] = [];
			const look = (): void => {
				const { colour } = world.panel;
				if (colour !== seen.at(-1)) seen.push(colour);
				world.time.after(20_000, look);
			};
			look();
			test("light");
			const shown = seen.filter((colour) => colour !== "off");
			assert.include(shown.join(" "), "red green white");
			assert.isTrue(world.time.runUntil(() => world.panel.colour === "blue", 4000));
		});

		it("measures the lines that no dry contact uses, and tells one that moves", () => {
			const { test, world } = reader(SUPERVISED);
			const { figures } = test("adc");
			// Closed through 4.7 of 14.7 kilohms; the pins of the others are free, and open.
			assert.deepEqual(figures.tamper, [319, 319]);
			assert.hasAllKeys(figures, ["tamper", "fire", "lockdown"]);
			let reading = 0;
			const { fire } = world.panel;
			const Quiet = fire.Analog;
			Object.assign(fire, {
				Analog: class extends Quiet {
					override read(): number {
						return reading++ % 2 === 0 ? 1300 : 1500;
					}
				},
			});
			world.restart("software");
			world.time.run(1000);
			const again = new Installer(world, crypto);
			again.prove(SITE);
			assert.isFalse(again.ask("selftest", { part: "adc" }).passed);
		});

		it("fails by its parts: a silent PN532, random that is none, flash that keeps nothing, a clock that stands", () => {
			const { test, world } = reader({}, (platform) => ({
				random: {
					// Keys are made as ever.
					fill: (into: Uint8Array) => (into.length < 1000 ? platform.random.fill(into) : void into.fill(0)),
				},
				flash: { ...platform.flash, plan: { ...facade(platform.flash.plan), write: () => {} } },
				wall: { now: () => 1_790_000_000, trust: () => "synced" as const, set: () => {} },
			}));
			world.board.chip.faults.silentAfter = 0;
			world.board.chip.faults.cure = "power";
			for (const part of ["nfc", "random", "flash", "clock"] as const)
				assert.isFalse(test(part).passed, part);
		});

		it("writes to no sector that holds something", () => {
			const { test, world } = reader();
			const { plan } = world.flash;
			plan.bytes[plan.size - 5] = 0x12;
			const { passed } = test("flash");
			assert.isNull(passed);
			assert.equal(plan.bytes[plan.size - 5], 0x12);
		});
	});

/** The methods of a flash as an object of its own, to change one. */
function facade(flash: World["flash"]["plan"] | Parameters<Start>[0]["flash"]["plan"]) {
	return {
		size: flash.size,
		sectorSize: flash.sectorSize,
		read: flash.read.bind(flash),
		write: flash.write.bind(flash),
		erase: flash.erase.bind(flash),
	};
}
