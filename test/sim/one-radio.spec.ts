// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";
import { type Device, startDevice } from "../../src/app/device.js";

const crypto = new NodeCrypto();
const SITE = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
const NETWORK = { ssid: "Building", password: "correct horse" };
const RESTART_MS = 3000;

function refused(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		if (!(error instanceof RequestRefused)) throw error;
		const { reason, message, problems } = error.refusal;
		return [reason, ...problems.map((problem) => problem.field), message].join(" ");
	}
	return "";
}

/** A reader from the factory on a board with memory for one radio, or for both. */
function board(radios: "one" | "both") {
	let device: Device | undefined;
	const start: NonNullable<WorldOptions["start"]> = (platform) => {
		device = startDevice({ ...platform, radios });
	};
	const world = new World({ crypto, factory: true, start });
	world.powerOn();
	return {
		world,
		installer: new Installer(world, crypto),
		/** Which radios are in use. */
		on: () => ({ bluetooth: device!.radios?.bluetooth !== undefined, wifi: world.wifi.joined }),
	};
}

describe("a board with memory for one radio", () => {
	it("with Bluetooth: opens by it, and refuses Wi-Fi with the reason until Bluetooth is off", () => {
		const { installer, on, world } = board("one");
		installer.commission(SITE, { id: "FRONT" });
		installer.prove(SITE);
		assert.deepEqual(on(), { bluetooth: true, wifi: false });
		for (const action of [() => installer.ask("wifi-join", NETWORK), () => installer.ask("wifi-scan")])
			assert.match(refused(action), /^not-available .*Bluetooth or Wi-Fi, not both/);
		installer.ask("apply", { configuration: { id: "FRONT", bluetooth: "off" } });
		world.time.run(RESTART_MS);
		installer.prove(SITE);
		assert.isTrue(installer.ask("wifi-join", NETWORK).joined);
		assert.deepEqual(on(), { bluetooth: false, wifi: true });
	});

	it("with Wi-Fi: refuses Bluetooth with the reason, until the network is forgotten", () => {
		const { installer, on, world } = board("one");
		const both = /^invalid-configuration bluetooth/;
		installer.commission(SITE, { id: "FRONT", bluetooth: "off" });
		installer.prove(SITE);
		assert.isTrue(installer.ask("wifi-join", NETWORK).joined);
		world.restart("power-on");
		world.time.run(10_000);
		assert.deepEqual(on(), { bluetooth: false, wifi: true });
		installer.prove(SITE);
		const wanted = { configuration: { id: "FRONT", bluetooth: "tap" } };
		assert.match(
			refused(() => installer.ask("apply", wanted)),
			both,
		);
		assert.isTrue(installer.ask("wifi-forget").kept);
		world.time.run(RESTART_MS);
		installer.prove(SITE);
		assert.isFalse(installer.ask("wifi-forget").kept);
		assert.isTrue(installer.ask("apply", wanted).changed);
		world.time.run(RESTART_MS);
		assert.deepEqual(on(), { bluetooth: true, wifi: false });
	});

	it("that was given a network before it had a site takes Bluetooth with the site: the network is forgotten", () => {
		const { installer, on, world } = board("one");
		assert.isTrue(installer.ask("wifi-join", NETWORK).joined);
		installer.commission(SITE, { id: "FRONT" });
		world.time.run(10_000);
		assert.deepEqual(on(), { bluetooth: true, wifi: false });
	});

	it("that finds both in its flash starts Bluetooth alone", () => {
		const first = board("both");
		first.installer.commission(SITE, { id: "FRONT" });
		first.installer.prove(SITE);
		assert.isTrue(first.installer.ask("wifi-join", NETWORK).joined);
		assert.deepEqual(first.on(), { bluetooth: true, wifi: true });
		const second = board("one");
		second.world.self.restore(first.world.self.snapshot());
		second.world.restart("power-on");
		second.world.time.run(60_000);
		assert.deepEqual(second.on(), { bluetooth: true, wifi: false });
	});
});
