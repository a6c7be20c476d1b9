// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { concat, equal, writeUint32 } from "../../protocol/bytes.js";
import { COMMANDS, type DoorCommand, EVENTS } from "../../protocol/events.js";
import { RECORD_SIZE } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { SimFlash } from "../../sim/flash.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { DEVICE_KEY, SimSelf } from "../../sim/self.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { SealedState } from "../../src/config/sealed-state.js";
import { ConfigStore } from "../../src/config/store.js";
import { REMEMBERED, restoredMemory } from "../../src/door/memory.js";
import { SealedTime } from "../../src/time/sealed-time.js";

const crypto = new NodeCrypto();

/** A commissioned reader with a plan, off again. `act` while it was on. */
function off(...acts: ((world: World) => void)[]): World {
	const world = new World({ crypto });
	world.plan.install();
	for (const act of acts) {
		world.powerOn();
		world.settle();
		act(world);
		world.time.run(100);
		world.powerOff();
	}
	return world;
}

const commanded =
	(command: DoorCommand) =>
	(world: World): void =>
		void world.device!.door!.access.door.command(command);

/** Puts one record behind the newest, its link as the firmware makes it: no key is in it. */
function append({ flash: { log } }: World, kind: number, detail: number): void {
	let at = 160;
	while (!log.bytes.subarray(at, at + RECORD_SIZE).every((byte) => byte === 0xff)) at += RECORD_SIZE;
	const link = log.bytes.slice(at - 8, at);
	const serial = new DataView(log.bytes.buffer).getUint32(at - RECORD_SIZE) + 1;
	const record = new Uint8Array(RECORD_SIZE);
	writeUint32(record, 0, serial);
	record[8] = kind;
	record[11] = detail;
	record.set(crypto.sha256(concat(link, record.subarray(0, 24))).subarray(0, 8), 24);
	log.bytes.set(record, at);
}

function started(world: World): World {
	world.powerOn();
	world.settle();
	world.time.run(2000);
	return world;
}

function mode(world: World): string {
	return world.device!.door!.access.door.mode;
}

describe("flash that a stranger wrote while the reader was off", () => {
	it("a record `command unlock` behind the log's end opens nothing, and the check says that nothing vouches for it", () => {
		const world = off(() => undefined);
		append(world, EVENTS.command, COMMANDS.unlock);
		const forged = world.auditor.entries().at(-1)!;
		assert.equal(forged.kind, EVENTS.command, "the log takes it for one of its own");
		const operations = world.door.relay.operations;
		started(world);
		assert.isTrue(world.door.locked);
		assert.equal(world.door.relay.operations, operations);
		assert.equal(mode(world), "locked");
		const { publicKey } = world.device!.store!.keys![0]!;
		const { unsignedAtRestart } = verifyLog(world.flash.log, crypto, { publicKey });
		assert.isTrue(unsignedAtRestart.some(({ from, to }) => from <= forged.serial && to >= forged.serial));
	});

	it("what was commanded lasts over a restart, unlock, lock and lockdown", () => {
		for (const [command, expected] of [
			["unlock", "unlocked"],
			["lock", "locked"],
			["lockdown", "lockdown"],
		] as const) {
			const world = started(off(commanded(command)));
			assert.equal(mode(world), expected);
			assert.equal(world.door.locked, expected !== "unlocked");
		}
	});

	it("no record ends a lockdown, and neither does a log that was erased or is as it was before", () => {
		const writes: readonly ((world: World, before: Uint8Array) => void)[] = [
			(world) => append(world, EVENTS["lockdown-ended"], 3),
			(world) => world.flash.log.bytes.fill(0xff),
			(world, before) => world.flash.log.restore(before),
		];
		for (const write of writes) {
			let before = new Uint8Array(0);
			const world = off((now) => {
				before = now.flash.log.snapshot() as Uint8Array<ArrayBuffer>;
			}, commanded("lockdown"));
			write(world, before);
			started(world);
			assert.equal(mode(world), "lockdown");
			const { granted } = world.device!.door!.access.decide("nfc", {
				scheme: "test",
				id: world.people.valid.id,
				acted: true,
			});
			assert.isFalse(granted);
		}
	});

	it("a record of a fire unlocks nothing where the input's line tells nothing", () => {
		const memory = restoredMemory(REMEMBERED.fire | REMEMBERED.open, 0);
		assert.equal(memory, REMEMBERED.open);
		assert.equal(
			restoredMemory(REMEMBERED.fire, REMEMBERED.fire),
			REMEMBERED.fire,
			"it stays where it was true",
		);
		assert.equal(restoredMemory(0, REMEMBERED.lockdownInput), REMEMBERED.lockdownInput);
		// Sealed with the event itself.
		const world = new World({ crypto, configuration: { door: { fireInput: "normally-open" } } });
		world.powerOn();
		world.settle();
		world.door.set("fire", true);
		world.time.run(500);
		assert.isFalse(world.door.locked);
		assert.equal(world.sealed().door & REMEMBERED.fire, REMEMBERED.fire);
	});

	it("a log from a time when the door stood unlocked does not unlock it, nor does that time's sealed state alone", () => {
		let log = new Uint8Array(0);
		let state: Uint8Array | undefined;
		const acts = [
			commanded("unlock"),
			(world: World): void => {
				log = world.flash.log.snapshot() as Uint8Array<ArrayBuffer>;
				state = world.self.state.value;
				commanded("normal")(world);
			},
		];
		for (const which of ["log", "state"]) {
			const world = off(...acts);
			if (which === "log") world.flash.log.restore(log);
			else world.self.state.value = state;
			assert.isTrue(started(world).door.locked, which);
		}
	});

	it("a configuration with a site of their own, an older one, or none where there was one: damaged, and nobody gets in", () => {
		for (const which of ["another site", "older", "erased", "one half older"]) {
			let before = new Uint8Array(0);
			const world = off(
				(now) => {
					before = now.flash.config.snapshot() as Uint8Array<ArrayBuffer>;
					const { config } = now.device!.store!;
					now.device!.store!.setConfig({ ...config!, name: "renamed" });
				},
				() => undefined,
			);
			const { config } = world.flash;
			if (which === "another site") config.restore(strangersConfiguration(world));
			else if (which === "older") config.restore(before);
			else if (which === "erased") config.bytes.fill(0xff);
			else config.bytes.set(before.subarray(0, before.length / 2));
			started(world);
			const { store } = world.device!;
			if (which === "one half older") {
				assert.isFalse(store!.damaged, "the newer half is the reader's");
				assert.equal(store!.config!.name, "renamed");
				continue;
			}
			assert.isTrue(store!.damaged, which);
			assert.isEmpty(store!.trust.keys);
			const { granted } = world.device!.door!.access.decide("nfc", {
				scheme: "test",
				id: world.people.valid.id,
				acted: true,
			});
			assert.isFalse(granted);
			assert.isTrue(world.door.locked);
		}
	});

	it("a sealed state that is not this device's: damaged and locked down, until a reset begins it anew", () => {
		const world = off(commanded("unlock"));
		world.self.state.value![5]! ^= 1;
		started(world);
		assert.isTrue(world.device!.store!.damaged);
		assert.equal(mode(world), "lockdown");
		world.device!.store!.reset();
		world.powerOff();
		started(world);
		assert.isFalse(world.device!.store!.damaged);
		assert.isUndefined(world.device!.store!.membership);
	});

	it("a last known time of their own is none: the clock stays unset", () => {
		for (const forged of [true, false]) {
			const world = new World({ crypto, withoutClockChip: true });
			world.plan.install();
			const other = new Uint8Array(32).fill(1);
			if (forged) new SealedTime(world.timeStore, crypto, other).write(EPOCH + 86_400);
			world.powerOn();
			world.settle();
			assert.equal(world.wall.trust(), forged ? "unset" : "restored");
		}
	});

	it("the device key is in none of the partitions", () => {
		const world = off(commanded("unlock"));
		const cells = [world.self.state.value!, world.timeStore.value!];
		const all = [...Object.values(world.flash).map(({ bytes }) => bytes), ...cells];
		for (const bytes of all)
			for (let at = 0; at + 32 <= bytes.length; at++)
				if (bytes[at] === DEVICE_KEY[0]) assert.isFalse(equal(bytes.subarray(at, at + 32), DEVICE_KEY));
	});
});

/** The reader's own configuration, as many changes old, but with another site's key, sealed by another device. */
function strangersConfiguration(world: World): Uint8Array {
	const flash = new SimFlash({ size: world.flash.config.size });
	const self = new SimSelf(flash);
	const sealed = new SealedState(self.state, crypto, new Uint8Array(32).fill(1));
	const store = new ConfigStore(flash, sealed, crypto, new SeededRandom(1));
	store.open();
	store.makeKeys();
	const { config, membership } = world.self.open(crypto, new SeededRandom(1));
	const own = crypto.ed25519KeyPair(new Uint8Array(32).fill(2));
	const { trust } = practiceKeys(membership!.trust.site, own, crypto);
	store.join({ ...membership!, trust }, config!);
	while (store.revision < world.self.sealed(crypto).revision)
		store.setConfig({ ...config!, name: `change ${store.revision}` });
	return flash.snapshot();
}
