// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { CborMap } from "../../protocol/cbor/value.js";
import { ANDROID } from "../../sim/ble/profile.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World } from "../../sim/world.js";

const crypto = new NodeCrypto();

/** A reader with this much of a configuration, and an installer at its port who has authority. */
function installed(configuration: object) {
	const world = new World({ seed: 4, crypto, configuration });
	world.powerOn();
	world.time.run(1500);
	const installer = new Installer(world, crypto);
	const signals: CborMap[] = [];
	installer.client.onEvent = (event) => {
		if (event.event === "signal") signals.push(event);
	};
	installer.prove(world.site.keys.signing);
	/** A phone is held at `metres` for 3 s. */
	const hold = (metres: number, tapped = false): void => {
		world.phones.ble("valid", { profile: ANDROID, distance: () => metres, tapped, known: false }).connect();
		world.time.run(3000);
	};
	return { world, installer, hold, signals };
}

describe("the site's own nearness", () => {
	for (const [proximity, metres, near] of [
		[undefined, 0.3, true],
		[{ near: -40 }, 0.3, false],
		[undefined, 1.5, false],
		[{ near: -75 }, 1.5, true],
	] as const)
		it(`${JSON.stringify(proximity) ?? "by default"}: a phone at ${metres} m is ${near ? "" : "not "}in hand`, () => {
			const { world, installer, hold, signals } = installed(proximity ? { proximity } : {});
			installer.ask("watch", { on: true });
			hold(metres);
			assert.lengthOf(world.auditor.decisions(), near ? 1 : 0);
			assert.isAtLeast(signals.length, 1);
			assert.equal(signals[0]!.near, near);
			const expected = -50 - 24 * Math.log10(metres / 0.3);
			assert.closeTo(signals[0]!.dBm as number, expected, 4);
		});

	for (const [bluetooth, tapped, metres, opens] of [
		["near", false, 0.2, true],
		["near", true, 3, false],
		["tap", true, 3, true],
		["tap", false, 0.2, false],
		["near-or-tap", true, 3, true],
		["near-or-tap", false, 0.2, true],
		["near-or-tap", false, 3, false],
		["near-and-tap", true, 0.2, true],
		["near-and-tap", true, 3, false],
		["near-and-tap", false, 0.2, false],
	] as const)
		it(`${bluetooth}: ${tapped ? "with" : "without"} a tap at ${metres} m ${opens ? "is decided on" : "is not"}`, () => {
			const { world, hold } = installed({ bluetooth });
			hold(metres, tapped);
			assert.lengthOf(world.auditor.decisions(), opens ? 1 : 0);
		});

	it("`test ble` tells how strong the last phone was, and that none was", () => {
		const { installer, hold, signals } = installed({});
		assert.match(installer.ask("test", { name: "ble" }).detail, /no phone was heard/);
		hold(0.3);
		assert.lengthOf(signals, 0, "nobody watches");
		const { passed, detail } = installer.ask("test", { name: "ble" });
		assert.isTrue(passed);
		assert.match(detail, /the last phone left at -(4[6-9]|5[0-4]) dBm, \d s ago/);
	});
});
