// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";
import type { TestName } from "../../protocol/provisioning/tests.js";
import type { Line } from "../../sim/bus/line.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World } from "../../sim/world.js";
import type { Described } from "../../site/lib/log/describe.js";
import { exportLine, readImage } from "../../site/lib/log/export.js";
import { REJOIN_MS } from "../../src/app/stay-joined.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
/** The site's. */
const key = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));

for (const name of ["Node", "XS"]) describeDevice(name);

function describeDevice(name: string): void {
	describe(`a whole device on ${name} at its installer's port`, () => {
		let world: World;
		let installer: Installer;
		let engine: XsEngine | undefined;

		before(function () {
			if (name === "XS") engine = engineFor(this);
		});

		after(() => engine?.close());

		beforeEach(() => {
			world = new World({ seed: 4, crypto, factory: true, ...(engine && { start: engine.start }) });
			world.powerOn();
			installer = new Installer(world, crypto);
			world.settle();
		});

		const test = (name: TestName, hand: () => void = () => {}): boolean =>
			installer.askMeanwhile("test", { name }, () => world.time.after(2_000_000, hand)).passed;

		it("tells a stranger on the cable of its state what an installer without a key has to mend, and no more", () => {
			const factory = installer.ask("state");
			assert.includeMembers(Object.keys(factory), ["door", "plan", "events"], "one without a site tells all");
			installer.commission(key, { id: "FRONT" });
			const told = installer.ask("state");
			const clock = ["time", "trust", "timeSource", "timeError", "clockChip", "networkOff"];
			const known = [...clock, "started", "wifi", "nfc", "bluetooth", "damaged"];
			assert.sameMembers(Object.keys(told), known);
			installer.prove(key);
			const all = installer.ask("state");
			assert.includeMembers(Object.keys(all), [
				...known,
				"planHash",
				"credentials",
				"events",
				"revision",
				"mode",
			]);
			installer.ask("leave");
			installer.client.session = undefined;
			assert.sameMembers(Object.keys(installer.ask("state")), known);
		});

		it("tries each input by a hand at it, and fails without one", () => {
			const door = { tamper: "normally-open", fireInput: "normally-open", lockdownInput: "normally-open" };
			installer.commission(key, { id: "FRONT", door });
			installer.prove(key);
			const contacts = {
				door: world.panel.position,
				rex: world.panel.exit,
				tamper: world.panel.tamper,
				fire: world.panel.fire,
				lockdown: world.panel.lockdown,
			};
			for (const [name, line] of Object.entries(contacts) as [TestName, Line][]) {
				assert.isFalse(test(name), `${name}, and nobody there`);
				const idle = line.level;
				const other = name === "tamper" ? contacts.rex : contacts.tamper;
				const rest = other.level;
				assert.isFalse(
					test(name, () => other.drive(1 - rest)),
					`${name}, and a hand at another`,
				);
				other.drive(rest);
				world.time.run(6000);
				assert.isTrue(
					test(name, () => line.drive(1 - idle)),
					name,
				);
				line.drive(idle);
				world.time.run(500);
			}
		});

		it("tells an input that is active at rest: a contact that is wired the other way passes no test", () => {
			const door = { tamper: "normally-open", fireInput: "normally-open", lockdownInput: "normally-open" };
			installer.commission(key, { id: "FRONT", door });
			installer.prove(key);
			const { position } = world.panel;
			const closed = position.level;
			const hands: Partial<Record<TestName, (active: boolean) => void>> = {
				door: (active) => position.drive(active ? 1 - closed : closed),
				rex: (active) => world.door.press(active),
				tamper: (active) => world.door.set("tampered", active),
				lockdown: (active) => world.door.set("lockdown", active),
				fire: (active) => world.door.set("fire", active),
			};
			for (const [name, hand] of Object.entries(hands) as [TestName, (active: boolean) => void][]) {
				hand(true);
				world.time.run(1000);
				const inverted = installer.askMeanwhile("test", { name }, () =>
					world.time.after(2_000_000, () => {
						hand(false);
						world.time.after(1_000_000, () => hand(true));
					}),
				);
				assert.isFalse(inverted.passed, `${name}: ${inverted.detail}`);
				assert.match(String(inverted.detail), /not tried: .*normally open, closed/);
				world.time.run(4000);
				hand(false);
				world.time.run(1000);
				assert.isTrue(
					test(name, () => hand(true)),
					name,
				);
				hand(false);
				world.time.run(6000);
			}
		});

		// The command comes from inside the firmware, meanwhile.
		if (name === "Node")
			it("takes no other lockdown for that of the contact", () => {
				installer.commission(key, { id: "FRONT", door: { lockdownInput: "normally-open" } });
				installer.prove(key);
				const command = () => {
					const { door } = world.device!.door!.access;
					door.command("lockdown");
				};
				assert.isFalse(test("lockdown", command), "a command is not the contact");
				world.device!.door!.access.door.command("release");
				const { lockdown } = world.panel;
				assert.isTrue(test("lockdown", () => lockdown.drive(1 - lockdown.level)));
			});

		it("blinks and beeps where it is, for as long as it was asked to, before it has a site and after", () => {
			for (const commissioned of [false, true]) {
				if (commissioned) installer.commission(key, { id: "FRONT" });
				world.time.run(3000);
				const seen = (ms: number): { lights: Set<string>; beeps: number } => {
					const lights = new Set<string>();
					let beeps = 0;
					for (let before = 0, at = 0; at < ms; at += 20, before = world.panel.tone) {
						world.time.run(20);
						lights.add(world.panel.colour);
						if (before === 0 && world.panel.tone > 0) beeps++;
					}
					return { lights, beeps };
				};
				assert.equal(seen(4000).beeps, 0, "quiet at first");
				installer.ask("identify", { ms: 5000 });
				const { lights, beeps } = seen(5000);
				assert.isAtLeast(lights.size, 2, "blinks");
				assert.isAtLeast(beeps, 2, "beeps");
				world.time.run(1000);
				assert.equal(seen(4000).beeps, 0, "quiet again");
			}
		});

		it("tries relay and NFC, and tells a chip that is gone from one that works", () => {
			const moved = world.door.relay.operations;
			assert.isTrue(test("relay"));
			assert.isAbove(world.door.relay.operations, moved);
			world.time.run(6000);
			assert.isFalse(world.door.relay.on, "and lets it go");
			installer.commission(key, { id: "FRONT", door: { lockdownInput: "normally-open" } });
			installer.prove(key);
			const { lockdown } = world.panel;
			const open = lockdown.level;
			lockdown.drive(1 - open);
			world.time.run(500);
			assert.isFalse(test("relay"), "a lockdown holds it");
			lockdown.drive(open);
			world.time.run(500);
			assert.isTrue(test("relay"));
			world.time.run(6000);
			assert.isTrue(test("nfc"));
			world.board.chip.setPower(false);
			assert.isFalse(test("nfc"));
			world.board.chip.setPower(true);
			world.time.run(6000);
			assert.isTrue(test("nfc"), "it is back by itself");
		});

		it("tries a relay whose strike is released already, both kinds of lock, and leaves it released", () => {
			for (const lock of ["fail-secure", "fail-safe"]) {
				const door = { lock, fireInput: "normally-open" };
				if (lock === "fail-secure") installer.commission(key, { id: "FRONT", door });
				else {
					installer.ask("apply", { configuration: { id: "FRONT", door } });
					world.time.run(3000);
				}
				installer.prove(key);
				const { relay } = world.door;
				const locked = relay.on;
				assert.equal(locked, lock === "fail-safe");
				const clicks = (): number => {
					const before = relay.operations;
					assert.isTrue(test("relay"), lock);
					world.time.run(400);
					assert.equal(relay.on, !locked, `${lock}: released`);
					return relay.operations - before;
				};
				assert.equal(clicks(), 1, "locked at first");
				assert.equal(clicks(), 2, "again, while the strike is released");
				world.time.run(6000);
				assert.equal(relay.on, locked, "and lets it go");

				world.door.press(true);
				world.time.run(200);
				const leaving = relay.operations;
				const refused = installer.ask("test", { name: "relay" });
				assert.isFalse(refused.passed);
				assert.match(String(refused.detail), /request-to-exit/);
				assert.equal(relay.operations, leaving, `${lock}: not against somebody on the way out`);
				world.door.press(false);
				world.time.run(12_000);
				assert.equal(relay.on, locked);

				clicks();
				assert.isTrue(test("relay"));
				assert.equal(relay.on, locked, "turned back, for a moment");
				world.door.set("fire", true);
				world.time.run(60);
				assert.equal(relay.on, !locked, `${lock}: fire does not wait for a test`);
				world.time.run(500);
				const burning = relay.operations;
				assert.match(String(installer.ask("test", { name: "relay" }).detail), /fire/);
				assert.equal(relay.operations, burning);
				world.door.set("fire", false);
				world.time.run(6000);
			}
		});

		it("says of an input that is not configured that it is not", () => {
			assert.match(String(installer.ask("test", { name: "fire" }).detail), /no such input/);
		});

		it("finds Bluetooth up only where it is", () => {
			assert.match(String(installer.ask("test", { name: "ble" }).detail), /when the reader has a site/);
			assert.isNull(installer.ask("state").bluetooth);
			installer.commission(key, { id: "FRONT" });
			installer.prove(key);
			assert.isTrue(test("ble"));
			assert.isTrue(installer.ask("state").bluetooth);
			installer.ask("apply", { configuration: { id: "FRONT", bluetooth: "off" } });
			world.time.run(3000);
			installer.prove(key);
			assert.match(String(installer.ask("test", { name: "ble" }).detail), /off in the configuration/);
		});

		it("asks the Bluetooth stack whether it advertises, whatever it said before", () => {
			installer.commission(key, { id: "FRONT" });
			installer.prove(key);
			assert.isTrue(test("ble"));
			world.radio.refuses = "silently";
			world.radio.failConnection();
			const { passed, detail } = installer.ask("test", { name: "ble" });
			assert.isFalse(passed);
			assert.match(String(detail), /does not advertise/);
			assert.isFalse(installer.ask("state").bluetooth);
			world.radio.refuses = false;
			world.time.run(2000);
			assert.isTrue(test("ble"));
		});

		it("finds a radio that never comes up, and that it is up again after a restart", () => {
			world.radio.dead = true;
			installer.commission(key, { id: "FRONT" });
			world.time.run(60_000);
			installer.prove(key);
			const found = installer.ask("test", { name: "ble" });
			assert.isFalse(found.passed);
			assert.match(String(found.detail), /^the radio has not come up/);
			assert.isFalse(installer.ask("state").bluetooth);
			world.radio.dead = false;
			installer.ask("restart");
			world.time.run(3000);
			installer.prove(key);
			assert.isTrue(test("ble"));
		});

		it("has in its log what strangers tried at the port, in words that an export shows", () => {
			installer.commission(key, { id: "FRONT" });
			const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(8));
			assert.throws(() => installer.ask("reset"), /not-authorised/);
			for (let i = 0; i < 3; i++) assert.throws(() => installer.prove(stranger), /not-allowed/);
			assert.throws(() => installer.prove(stranger), /try-later/);
			world.time.run(2000);
			installer.prove(key);
			world.time.run(1000);
			const lines = readImage(world.flash.log, crypto).map(
				(exported) => JSON.parse(exportLine(exported, "jsonl")) as Described,
			);
			/** Of the root that proved itself. */
			const hash = (of: KeyPair): string =>
				toHex(crypto.sha256(practiceKeys("ACME", of, crypto).root.publicKey).subarray(0, 8));
			const client = "0102030405060708";
			assert.deepEqual(
				lines.filter(({ event }) => event === "service").map(({ what, subject }) => [what, subject]),
				[
					["command refused", client],
					...Array(3).fill(["refused", hash(stranger)]),
					["admitted, 1 turned away unheard before", hash(key)],
				],
			);
		});

		it("joins a network and is in it again after a restart, a power cut and a loss", () => {
			assert.deepEqual(
				(installer.ask("wifi-scan") as unknown as { ssid: string }[]).map(({ ssid }) => ssid),
				["Building", "Guests"],
			);
			assert.isFalse(installer.ask("wifi-join", { ssid: "Building", password: "wrong" }).joined);
			assert.isTrue(installer.ask("wifi-join", { ssid: "Building", password: "correct horse" }).joined);
			assert.isTrue(installer.ask("state").wifi);
			for (const lose of [
				() => installer.ask("restart"),
				() => {
					world.powerOff();
					world.powerOn();
				},
				() => {
					world.wifi.joined = false;
				},
			]) {
				lose();
				world.time.run(500);
				assert.isFalse(world.wifi.joined);
				world.time.run(REJOIN_MS + 3000);
				assert.isTrue(world.wifi.joined);
			}
			installer.ask("reset");
			world.time.run(REJOIN_MS + 3000);
			assert.isFalse(world.wifi.joined, "a reader from the factory knows no network");
		});
	});
}
