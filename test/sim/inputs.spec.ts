// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { InputUse, Platform } from "../../hal/contracts/platform.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { type DoorInput, EVENTS, INPUT_FAULTS, INPUTS } from "../../protocol/events.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";
import { startDevice } from "../../src/app/device.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
const SUPERVISED = {
	position: "supervised-normally-closed",
	requestToExit: "supervised-normally-open",
	tamper: "supervised-normally-closed",
	fireInput: "supervised-normally-closed",
	lockdownInput: "supervised-normally-open",
} as const;

type Start = NonNullable<WorldOptions["start"]>;

/** Starts the firmware on a board that has other inputs. */
function without(
	start: Start,
	inputs: (all: Platform["inputs"] & object) => Platform["inputs"] & object,
): Start {
	return (platform, spend) => start({ ...platform, inputs: inputs(platform.inputs!) }, spend);
}

/** A board without an ADC. */
function dry(inputs: Platform["inputs"] & object): Platform["inputs"] & object {
	return Object.fromEntries(
		Object.entries(inputs).map(([name, { analog: _analog, ...use }]) => [name, use as InputUse]),
	);
}

function events(world: World, kind: number): [detail: number, value: number][] {
	return world.auditor
		.entries()
		.filter((entry) => entry.kind === kind)
		.map(({ detail, value }) => [detail, value]);
}

function refusal(action: () => void): { reason: string; fields: string[] } | undefined {
	try {
		action();
		return undefined;
	} catch (error) {
		if (!(error instanceof RequestRefused)) throw error;
		const { reason, problems } = error.refusal;
		return { reason, fields: problems.map(({ field, reason: why }) => `${field} ${why}`) };
	}
}

function fault(input: DoorInput, what: keyof typeof INPUT_FAULTS): number {
	return (INPUTS[input] << 8) | INPUT_FAULTS[what];
}

for (const name of ["Node", "XS"] as const)
	describe(`supervised inputs, the reader on ${name}`, () => {
		let engine: XsEngine | undefined;
		let start: Start = (platform) => startDevice(platform);

		before(function () {
			if (name === "Node") return;
			engine = engineFor(this);
			start = engine.start;
		});

		after(() => engine?.close());

		function reader(door: object, startIt: Start = start): World {
			const world = new World({ crypto, start: startIt, configuration: { id: "FRONT", door } });
			world.plan.install();
			world.powerOn();
			assert.isTrue(world.settle());
			return world;
		}

		it("follows every contact through its resistors", () => {
			const world = reader(SUPERVISED);
			world.door.press(true);
			assert.isTrue(
				world.time.runUntil(() => world.door.relay.on, 500),
				"request-to-exit unlocks",
			);
			world.door.press(false);
			world.door.pull();
			world.door.set("tampered", true);
			world.door.set("fire", true);
			world.time.run(200);
			for (const kind of [EVENTS.exit, EVENTS["door-opened"], EVENTS.tamper, EVENTS.fire])
				assert.lengthOf(events(world, kind), 1);
			world.door.set("fire", false);
			world.door.set("lockdown", true);
			world.time.run(200);
			assert.lengthOf(events(world, EVENTS["fire-ended"]), 1);
			assert.lengthOf(events(world, EVENTS.lockdown), 1);
			assert.isEmpty(events(world, EVENTS["input-fault"]));
		});

		it("tells a cut, a shorted and an altered line of each input, by event and light, and when it is whole again", () => {
			const world = reader(SUPERVISED);
			const { panel } = world;
			const lines = [
				["doorPosition", panel.position],
				["rex", panel.exit],
				["tamper", panel.tamper],
				["fire", panel.fire],
				["lockdown", panel.lockdown],
			] as const;
			const told: number[] = [];
			for (const [input, line] of lines)
				for (const [wires, what] of [
					["cut", "cut"],
					["shorted", "short"],
					[2000, "foreign"],
				] as const) {
					line.wires = wires;
					world.time.run(200);
					told.push(fault(input, what));
					assert.isTrue(
						world.time.runUntil(() => panel.colour === "amber", 4000),
						`${input} ${what}: the light`,
					);
					line.wires = "whole";
					world.time.run(200);
				}
			assert.deepEqual(
				events(world, EVENTS["input-fault"]).map(([detail]) => detail),
				told,
			);
			assert.lengthOf(events(world, EVENTS["input-restored"]), told.length);
			assert.isFalse(world.door.relay.on);
		});

		it("keeps the door unlocked for a fire over a restart in which its line burns through", () => {
			const world = reader(SUPERVISED);
			world.door.set("fire", true);
			world.time.run(200);
			assert.isTrue(world.door.relay.on);
			world.panel.fire.wires = "cut";
			world.restart("power-on");
			world.time.run(5000);
			assert.isTrue(world.door.relay.on);
			assert.isEmpty(events(world, EVENTS["fire-ended"]));
			assert.include(
				events(world, EVENTS["input-fault"]).map(([detail]) => detail),
				fault("fire", "cut"),
			);
		});

		it("refuses to be given inputs that its board lacks, and changes nothing", () => {
			const world = new World({ crypto, factory: true, start: without(start, dry) });
			world.powerOn();
			const installer = new Installer(world, crypto);
			const site = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
			const all = Object.keys(SUPERVISED).map((setting) => `door.${setting} not-on-this-reader`);
			const wrong: CborMap & { id: string } = { id: "FRONT", door: SUPERVISED };
			const refused = { reason: "invalid-configuration", fields: all };
			assert.deepEqual(
				refusal(() => installer.commission(site, wrong)),
				refused,
			);
			assert.isFalse(installer.ask("info").commissioned);
			installer.commission(site, { id: "FRONT" });
			installer.prove(site);
			const before = installer.ask("configuration");
			for (const command of ["check", "apply"] as const)
				assert.deepEqual(
					refusal(() => installer.ask(command, { configuration: wrong })),
					refused,
				);
			assert.isNull(installer.ask("check", { configuration: { id: "FRONT", door: { strikeTime: 7 } } }));
			assert.deepEqual(installer.ask("configuration"), before);
		});

		it("shows and logs at each start what its configuration names and its board lacks; the rest works", () => {
			const bare = without(start, ({ fire: _fire, ...others }) => dry(others));
			const world = reader({ tamper: "supervised-normally-closed", fireInput: "normally-closed" }, bare);
			const faults = [fault("tamper", "absent"), fault("fire", "absent")];
			assert.deepEqual(
				events(world, EVENTS["input-fault"]).map(([detail]) => detail),
				faults,
			);
			assert.isTrue(world.time.runUntil(() => world.panel.colour === "amber", 4000));
			world.door.press(true);
			assert.isTrue(world.time.runUntil(() => world.door.relay.on, 500));
		});
	});
