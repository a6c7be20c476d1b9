// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { RESTARTS } from "../../../protocol/events.js";
import { SOUNDS } from "../../../protocol/sync/messages.js";
import { firstSettings } from "../../../src/sync/settings.js";
import type { SyncTarget } from "../../../src/sync/target.js";
import { providers } from "../../support/providers.js";
import { Bench } from "../service/bench.js";
import { Talk } from "./talk.js";
import { SyncWorld } from "./world.js";

const crypto = providers[0]!;
const SERVER = { host: "site.example", port: 1883, password: "secret", spread: 60 };
const OFFICE = { ssid: "Building", password: "correct horse" };

interface Settings {
	readonly sounds?: number;
	readonly spread?: number;
	readonly ssid?: string;
	readonly password?: string;
}

/** A commissioned reader in a session, in the network "Building". */
class Reader {
	readonly bench = new Bench(crypto);
	readonly talk: Talk;

	constructor() {
		const { bench } = this;
		bench.wall.set(1_800_000_000, "synced");
		assert.equal(Bench.reason(bench.commission()), "ok");
		const { facade, store, time } = bench;
		store.setServer(SERVER);
		store.setWifi(OFFICE);
		facade.applied.length = 0;
		this.talk = new Talk(time, { crypto, reader: facade, store });
		this.talk.begin();
	}

	get restarts(): number {
		return this.bench.facade.applied.length;
	}

	/** The time after which the site may change settings again. */
	wait(): void {
		this.bench.time.run(600_000);
	}

	set(changes: Settings): string | null {
		const { sounds = null, spread = null, ssid = null, password = null } = changes;
		return this.talk.ask({ name: "settings", sounds, spread, ssid, password });
	}
}

describe("settings by the site", () => {
	it("set sounds, as a configuration that is applied, and touch nothing else of the door", () => {
		const reader = new Reader();
		const { facade, store } = reader.bench;
		const { sounds: _, ...before } = store.door;
		for (const [number, sounds] of [
			[0, "none"],
			[2, "alarms-only"],
			[1, "all"],
		] as const) {
			assert.isNull(reader.set({ sounds: number }));
			reader.wait();
			assert.equal(store.door.sounds, sounds);
		}
		const { sounds: __, ...after } = store.door;
		assert.deepEqual({ ...after }, { ...before });
		assert.equal(reader.restarts, 3);
		assert.deepEqual(facade.recorded.at(-1), { event: "configuration", detail: 8, value: store.revision });
		assert.isNull(reader.set({ sounds: 1 }));
		assert.equal(reader.restarts, 3, "as it is");
	});

	it("set the spread, which needs no restart", () => {
		const reader = new Reader();
		assert.isNull(reader.set({ spread: 600 }));
		assert.deepEqual({ ...reader.bench.store.server }, { ...SERVER, spread: 600 });
		assert.equal(reader.restarts, 0);
	});

	it("set a network that is tried, over a restart too, while the one before stays", () => {
		const reader = new Reader();
		assert.isNull(reader.set({ ssid: "Guests", password: "" }));
		assert.equal(reader.restarts, 1);
		const { store } = reader.bench;
		assert.deepEqual({ ...store.wifi }, OFFICE);
		assert.deepEqual({ ...store.trial }, { ssid: "Guests", password: "" });
		const again = reader.bench.self.open(crypto, reader.bench.random);
		assert.deepEqual({ ...again.trial }, { ssid: "Guests", password: "" });
		again.endTrial(true);
		assert.deepEqual([again.wifi?.ssid, again.trial], ["Guests", undefined]);
		assert.isNull(reader.set({ ssid: "Guests", password: "" }), "said again");
		assert.equal(reader.restarts, 1);
	});

	it("set none where the network is the one that it is in, and an installer's ends a trial", () => {
		const reader = new Reader();
		assert.isNull(reader.set(OFFICE));
		assert.equal(reader.restarts, 0);
		assert.isNull(reader.set({ ssid: "Guests" }));
		assert.isDefined(reader.bench.store.trial);
		reader.bench.store.setWifi({ ssid: "Cellar", password: "" });
		assert.isUndefined(reader.bench.store.trial);
	});

	it("are refused as a whole where one is out of its bounds", () => {
		const reader = new Reader();
		const { revision } = reader.bench.store;
		for (const wrong of [
			{ sounds: 3 },
			{ spread: 601 },
			{ sounds: 0, spread: 601 },
			{ ssid: "" },
			{ ssid: "x".repeat(33) },
			{ ssid: "Guests", password: "short" },
			{ password: "correct horse" },
		])
			assert.equal(reader.set(wrong), "out-of-range", JSON.stringify(wrong));
		assert.equal(reader.bench.store.revision, revision);
		assert.equal(reader.restarts, 0);
		assert.isNull(reader.set({}));
		assert.equal(reader.bench.store.revision, revision);
	});

	it("are refused while the clock is unset, when the server's key may have ended", () => {
		const reader = new Reader();
		reader.bench.wall.lose();
		assert.equal(reader.set({ sounds: 0 }), "clock-unset");
		assert.equal(reader.restarts, 0);
	});

	it("are written once in ten minutes, so that who has a server's key wears no flash", () => {
		const reader = new Reader();
		const { store, time } = reader.bench;
		const { revision } = store;
		let refused = 0;
		const begun = time.now();
		for (let n = 0; time.now() - begun < 3_600_000; n++) {
			if (reader.set({ spread: 1 + n, sounds: Math.floor(n / 60) % 3 }) === "too-soon") refused++;
			time.run(10_000);
		}
		assert.equal(store.revision - revision, 6);
		assert.equal(reader.restarts, 6);
		assert.equal(refused, 354);

		assert.isNull(reader.set({ spread: 599 }));
		assert.equal(reader.set({ spread: 598 }), "too-soon");
		assert.isNull(reader.set({}), "what is so already is no change");
		assert.isNull(reader.set({ spread: 599, sounds: SOUNDS.indexOf(store.door.sounds) }));
	});

	it("wait after a restart that was no one's at the door: the site can restart a reader", () => {
		const first = (cause: keyof typeof RESTARTS): number =>
			firstSettings({ health: { cause: 0x200 | RESTARTS[cause] } } as SyncTarget);
		for (const cause of ["power-on", "reset-pin"] as const) assert.equal(first(cause), 0, cause);
		for (const cause of ["software", "watchdog", "exception", "brown-out", "unknown"] as const)
			assert.equal(first(cause), 600_000, cause);
	});

	it("a session proves the network that is tried", () => {
		const world = new SyncWorld();
		const store = world.self.open(crypto, world.random);
		store.setWifi(OFFICE);
		store.change(store.config!, store.server!, { ssid: "Guests", password: "" });
		world.start();
		assert.deepEqual({ ...world.reader.store.trial }, { ssid: "Guests", password: "" });
		assert.isTrue(world.settle(), [...world.traces].join("\n"));
		assert.deepEqual([world.reader.store.wifi?.ssid, world.reader.store.trial], ["Guests", undefined]);
	});
});
