// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { toHex } from "../../protocol/bytes.js";
import { CONFIGURATION_CHANGES, EVENTS, PARTS } from "../../protocol/events.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { topicLockdown, topicRevoked } from "../../protocol/sync/topics.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { signLockdown, signRevocation } from "../../site/lib/notice/sign.js";
import { memberOf } from "../../site/lib/provisioning/commission.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";
import { RESET_HOLD_MS } from "../../src/app/reset-button.js";
import { ConfigStore } from "../../src/config/store.js";
import { crypto, plannedReader, takeNotice } from "./planned-reader.js";

/** What the flash of `world` keeps, as the reader would read it. */
function stored(world: World): ConfigStore {
	const store = new ConfigStore(world.flash.config, world.sealed(), crypto, new SeededRandom(1));
	store.open();
	return store;
}

/** Starts it with the button held for `hold` ms; how often it started again by itself. */
function start(world: World, hold: number): number {
	let restarts = 0;
	const restart = world.restart.bind(world);
	world.restart = (cause) => {
		restarts++;
		restart(cause);
	};
	world.panel.resetButton.drive(0);
	world.powerOn();
	world.time.run(hold);
	world.panel.resetButton.drive(undefined);
	world.time.run(RESET_HOLD_MS + 1000);
	world.powerOff();
	world.restart = restart;
	return restarts;
}

/** A reader with a plan and some log, that its site has just reset by cable and that has started again. */
function resetByCable(): { formerKey: Uint8Array; world: World; installer: Installer } {
	const { installer, world } = plannedReader();
	installer.ask("wifi-join", { ssid: "Building", password: "correct horse" });
	takeNotice(world);
	assert.isFalse(isBlank(world.flash.notices));
	assert.isFalse(isBlank(world.flash.plan));
	const formerKey = stored(world).keys![0]!.publicKey;
	installer.ask("reset");
	world.time.run(3000);
	installer.client.session = undefined;
	return { formerKey, world, installer };
}

function isBlank({ bytes }: { readonly bytes: Uint8Array }): boolean {
	return bytes.every((byte) => byte === 0xff);
}

function refusal(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		if (error instanceof RequestRefused) return error.refusal.reason;
		throw error;
	}
	return "done";
}

describe("a reader that was reset", () => {
	it("has no keys, configuration, network or plan any more, in no byte of its flash", () => {
		const { world } = resetByCable();
		assert.isTrue(isBlank(world.flash.plan));
		assert.isTrue(isBlank(world.flash.notices));
		const store = stored(world);
		assert.isUndefined(store.membership);
		assert.isUndefined(store.keys);
		assert.isUndefined(store.config);
		assert.isUndefined(store.wifi);
		assert.isUndefined(store.wipe, "and erases nothing at its next start");
		const config = Buffer.from(world.flash.config.bytes);
		for (const secret of ["Building", "correct horse"]) assert.isFalse(config.includes(secret), secret);
	});

	it("keeps its log for whoever has its former site's authority, and for nobody else", () => {
		const { world, installer } = resetByCable();
		assert.equal(installer.ask("info").formerSite, world.site.trust.site);
		assert.equal(
			refusal(() => installer.ask("log")),
			"not-authorised",
		);
		const stranger = crypto.ed25519KeyPair(new Uint8Array(32).fill(3));
		assert.equal(
			refusal(() => installer.prove(stranger)),
			"not-allowed",
		);
		installer.client.session = undefined;
		assert.equal(
			refusal(() => installer.ask("log")),
			"not-authorised",
		);
		installer.prove(world.site.keys.signing);
		const { bytes } = installer.ask("log", { at: 0 });
		assert.deepEqual(bytes, world.flash.log.bytes.slice(0, bytes.length));
		assert.isAbove(world.auditor.entries().length, 3);
	});

	it("says and takes nothing more of its site until it starts again, which it does once and as it was asked to", () => {
		const world = new World({ crypto, server: true });
		world.powerOn();
		assert.isTrue(world.time.runUntil(() => world.server!.hello !== undefined, 60_000));
		world.time.run(5000);
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		const causes: string[] = [];
		const restart = world.restart.bind(world);
		world.restart = (cause) => {
			causes.push(cause);
			restart(cause);
		};
		installer.ask("reset");
		const by = { crypto, ...world.site.keys.signing };
		const about = { site: world.site.id, sequence: 1, issued: EPOCH };
		world.broker.publish(topicRevoked(world.site.id), signRevocation(about, [new Uint8Array(8)], by));
		world.broker.publish(
			topicLockdown(world.site.id),
			signLockdown({ ...about, length: 3600, doors: [] }, by),
		);
		world.time.run(20_000);
		assert.deepEqual(causes, ["software"]);
		assert.deepEqual(stored(world).lockdown.end, 0);
	});

	it("begins a new log with its next site, which has to say that the old one goes", () => {
		const { formerKey, world, installer } = resetByCable();
		const key = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
		const before = world.flash.log.snapshot();
		const { serial } = world.auditor.entries().at(-1)!;
		assert.equal(
			refusal(() => installer.commission(key, { id: "SIDE" })),
			"old-log",
		);
		assert.isUndefined(stored(world).membership);
		installer.commission(key, { id: "SIDE" }, true);
		assert.equal(stored(world).membership?.door, "SIDE");
		installer.prove(key);
		const entries = world.auditor.entries();
		assert.equal(entries[0]!.serial, 1);
		const [erased, ...others] = entries.filter(({ kind }) => kind === EVENTS.configuration);
		assert.deepEqual(
			others.map(({ detail }) => detail),
			[CONFIGURATION_CHANGES.commissioned],
		);
		assert.deepInclude(erased, { serial: 2, detail: CONFIGURATION_CHANGES.erased });
		// The restart for the new configuration comes after that record of the old log.
		assert.isAtLeast(erased!.value, serial);
		assert.equal(toHex(erased!.subject), toHex(crypto.sha256(formerKey).subarray(0, 8)), "the old key");
		assert.isTrue(
			verifyLog(world.flash.log, crypto, { publicKey: stored(world).keys![0]!.publicKey }).intact,
		);
		const old = Buffer.from(before).subarray(160, 192);
		assert.isFalse(Buffer.from(world.flash.log.bytes).includes(old), "no record of the former site's log");
	});

	it("that was damaged keeps its log from everybody, since nothing says whose it is", () => {
		const world = new World({ crypto });
		world.powerOn();
		world.settle();
		world.powerOff();
		for (const half of [0, world.flash.config.size / 2]) world.flash.config.bytes[half + 40]! ^= 1;
		assert.equal(start(world, RESET_HOLD_MS + 500), 1);
		world.powerOn();
		world.settle();
		const installer = new Installer(world, crypto);
		assert.equal(installer.ask("info").formerSite, "");
		assert.equal(
			refusal(() => installer.prove(world.site.keys.signing)),
			"not-allowed",
		);
		installer.client.session = undefined;
		assert.equal(
			refusal(() => installer.ask("log")),
			"not-authorised",
		);
		installer.commission(world.site.keys.signing, { id: "FRONT" }, true);
		installer.prove(world.site.keys.signing);
		assert.equal(world.auditor.entries()[0]!.serial, 1);
	});

	it("keeps no plan where it gets its next site before it has started again", () => {
		// Which takes an installer and a reader of no delay: a reader starts again 0.3 s after its reset.
		const world = new World({ crypto, cpu: { mhz: 1e6, perCycle: 1 } });
		world.powerOn();
		world.settle();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.installPlan(1);
		installer.ask("reset");
		installer.client.session = undefined;
		installer.commission(world.site.keys.signing, { id: "FRONT" }, true);
		assert.isDefined(stored(world).membership);
		assert.isTrue(isBlank(world.flash.plan));
	});

	it("finishes what a power cut left of it", () => {
		const { world, installer } = resetByCable();
		const key = crypto.ed25519KeyPair(new Uint8Array(32).fill(7));
		const site = practiceKeys("ACME", key, crypto);
		const member = memberOf(site.site, site.signing, "SIDE", installer.ask("begin").keys, new Uint8Array(8));
		installer.sendLists(site.lists);
		installer.ask("finish", { member, configuration: { id: "SIDE" }, eraseLog: true });
		assert.equal(stored(world).wipe, "all");
		world.powerOff();
		world.powerOn();
		world.settle();
		assert.isUndefined(stored(world).wipe);
		assert.equal(world.auditor.entries()[0]!.serial, 1);
	});
});

describe("a damaged reader", () => {
	it("whose sealed state is lost leaves the port, the button and the way out; nobody is let in until it is reset and commissioned anew", () => {
		const world = new World({ crypto });
		world.powerOn();
		world.settle();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.installPlan(3);
		world.powerOff();
		world.self.state.value = new Uint8Array(0);
		world.powerOn();
		world.settle();
		installer.client.session = undefined;
		assert.isTrue(installer.ask("info").damaged);
		assert.isFalse(world.door.relay.on);
		world.board.field.present(world.phones.nfc("valid"));
		world.time.run(2000);
		assert.isFalse(world.door.relay.on);
		world.door.press(true);
		world.time.run(500);
		assert.isTrue(world.door.relay.on, "people get out");
		world.door.press(false);
		world.powerOff();
		assert.equal(start(world, RESET_HOLD_MS + 500), 1);
		const { damaged, membership } = stored(world);
		assert.isFalse(damaged);
		assert.isUndefined(membership);
	});

	for (const input of ["fire", "lockdown"] as const)
		it(`whose sealed state takes no change goes on at ${input}, tells it, and lets people out, over restarts too`, () => {
			const door = { fireInput: "normally-open", lockdownInput: "normally-open" } as const;
			const world = new World({ crypto, configuration: { bluetooth: "off", door } });
			world.powerOn();
			world.settle();
			world.self.state.write = () => {
				throw new Error("no room in NVS");
			};
			world.door.set(input, true);
			for (let starts = 0; starts < 3; starts++) {
				world.time.run(2000);
				world.door.press(true);
				world.time.run(30_000);
				assert.isFalse(world.door.locked, "request-to-exit");
				world.door.press(false);
				world.time.run(10_000);
				assert.equal(world.door.locked, input !== "fire");
				world.restart("power-on");
			}
			world.device!.door!.access.door.command("open");
			const health = world.auditor.entries().filter(({ kind }) => kind === EVENTS.health);
			assert.deepEqual([...new Set(health.map(({ detail }) => detail))], [(PARTS.state << 8) | 1]);
		});

	it("whose sealed state takes no change starts after a configuration that it could not count, again and again", () => {
		const world = new World({ crypto, configuration: { bluetooth: "off" } });
		world.powerOn();
		world.settle();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		world.self.state.write = () => {
			throw new Error("no room in NVS");
		};
		for (const strikeTime of [6, 7]) {
			const configuration = { id: world.device!.store!.membership!.door, door: { strikeTime } };
			assert.equal(
				refusal(() => installer.ask("apply", { configuration })),
				"failed",
			);
			world.restart("power-on");
			assert.isTrue(world.settle());
			installer.client.session = undefined;
			assert.isFalse(installer.ask("info").damaged);
			installer.prove(world.site.keys.signing);
		}
		world.door.press(true);
		world.time.run(500);
		assert.isFalse(world.door.locked);
	});

	for (const loss of ["sealed state", "newest record"] as const)
		it(`gives a magnet that current locks none, its ${loss} lost: people get out, whatever request-to-exit and fire say`, () => {
			const door = { lock: "fail-safe", contact: "normally-open", relock: "on-close" } as const;
			const world = new World({ crypto, configuration: { bluetooth: "off", door } });
			world.powerOn();
			world.settle();
			assert.isTrue(world.door.locked);
			const installer = new Installer(world, crypto);
			installer.prove(world.site.keys.signing);
			const before = world.flash.config.snapshot();
			installer.ask("wifi-join", { ssid: "Building", password: "correct horse" });
			world.powerOff();
			if (loss === "sealed state") world.self.state.value = new Uint8Array(5);
			else world.flash.config.restore(before);
			world.powerOn();
			world.settle();
			installer.client.session = undefined;
			assert.isTrue(installer.ask("info").damaged);
			for (const act of [
				() => world.time.run(10_000),
				() => world.door.press(true),
				() => world.time.run(120_000),
				() => world.door.press(false),
				() => world.door.set("fire", true),
				() => world.time.run(120_000),
			]) {
				act();
				assert.isFalse(world.door.locked);
			}
			assert.isTrue(installer.ask("state").damaged, "the installer's port answers");
		});
});

describe("reset button of a reader", () => {
	it("makes a reader new, a damaged one too, and only when it is held long enough", () => {
		const world = new World({ crypto });
		assert.equal(start(world, RESET_HOLD_MS - 500), 0);
		assert.equal(stored(world).membership?.door, "FRONT");
		for (const half of [0, world.flash.config.size / 2]) world.flash.config.bytes[half + 40]! ^= 1;
		assert.isTrue(stored(world).damaged);
		assert.equal(start(world, 0), 0);
		assert.isTrue(stored(world).damaged, "a start alone mends nothing");
		assert.equal(start(world, RESET_HOLD_MS + 500), 1);
		assert.isFalse(stored(world).damaged);
		assert.isUndefined(stored(world).membership);
		assert.isUndefined(stored(world).keys);
	});

	it("leaves the same record in the log as a reset by cable", () => {
		const byButton = new World({ crypto });
		start(byButton, RESET_HOLD_MS + 500);
		const byCable = new World({ crypto });
		byCable.powerOn();
		byCable.settle();
		const installer = new Installer(byCable, crypto);
		installer.prove(byCable.site.keys.signing);
		installer.ask("reset");
		byCable.time.run(1000);
		for (const world of [byButton, byCable]) {
			const changes = world.auditor.entries().filter(({ kind }) => kind === EVENTS.configuration);
			// One more change notes that the plan is erased.
			const revision = stored(world).revision - 1;
			assert.isAbove(revision, 0);
			assert.deepEqual(
				changes.map(({ detail, value }) => [detail, value]),
				[[CONFIGURATION_CHANGES.reset, revision]],
			);
		}
	});
});
