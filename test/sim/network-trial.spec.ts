// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { TRIAL_MS } from "../../src/app/trial.js";
import { providers } from "../support/providers.js";

const crypto = providers[0]!;
const FORMER = { ssid: "Building", password: "correct horse" };
const SERVER = { host: "site.example", port: 1883, password: "secret", spread: 60 };
/** Until the former network is back, with the time to join it. */
const BACK_MS = TRIAL_MS + SERVER.spread * 1000 + 5000;

/** A reader in "Building", to which the site has just set `trial`. */
function told(trial: { readonly ssid: string; readonly password: string }): World {
	const world = new World({ seed: 3, crypto });
	world.powerOn();
	world.settle();
	const { store } = world.device!;
	store!.setServer(SERVER);
	store!.setWifi(FORMER);
	store!.change(store!.config!, SERVER, trial);
	world.device!.restart();
	world.settle();
	return world;
}

const fellBack = (world: World): boolean =>
	world.auditor.entries().some((entry) => inWords(entry) === "configuration fallback");

describe("a network that the site has set", () => {
	it("is given up where it brings no session, and the former one comes back", () => {
		const world = told({ ssid: "Guests", password: "" });
		world.time.run(TRIAL_MS);
		assert.equal(world.wifi.network, "Guests");
		assert.isFalse(fellBack(world));
		world.time.run(BACK_MS - TRIAL_MS);
		assert.equal(world.wifi.network, "Building");
		assert.isTrue(fellBack(world));
		assert.isUndefined(world.device!.store!.trial);
		world.device!.restart();
		world.time.run(10_000);
		assert.equal(world.wifi.network, "Building");
	});

	it("is given up where the reader cannot join it, over power cuts too", () => {
		const world = told({ ssid: "Nowhere", password: "does not exist" });
		world.time.run(60_000);
		world.restart("power-on");
		world.time.run(60_000);
		assert.isUndefined(world.wifi.network);
		world.time.run(BACK_MS - 60_000);
		assert.equal(world.wifi.network, "Building");
		assert.isTrue(fellBack(world));
	});

	it("stays where a session has come, or an installer", () => {
		const world = told({ ssid: "Guests", password: "" });
		world.time.run(60_000);
		// As a session does.
		world.device!.store!.endTrial(true);
		world.time.run(BACK_MS);
		assert.equal(world.wifi.network, "Guests");
		assert.isFalse(fellBack(world));
		world.restart("power-on");
		world.time.run(BACK_MS);
		assert.equal(world.wifi.network, "Guests");
	});
});
