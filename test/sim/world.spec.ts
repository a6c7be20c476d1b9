import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { PhoneKind } from "../../sim/phones.js";
import { runTap } from "../../sim/scenario.js";
import { World } from "../../sim/world.js";
import { EVENTS } from "../../src/audit/events.js";

const crypto = new NodeCrypto();

function ready(seed = 1): World {
	const world = new World({ seed, crypto });
	world.installPlan();
	world.powerOn();
	assert.isTrue(world.settle());
	return world;
}

function hold(world: World, kind: PhoneKind, ms = 1500): void {
	const phone = world.nfcPhone(kind);
	world.board.field.present(phone);
	world.time.run(ms);
	world.board.field.remove(phone);
	world.time.run(500);
}

describe("a tap in the whole world", function () {
	this.timeout(60_000);

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

	it("the same seed gives the same bytes, another seed others", () => {
		const run = (seed: number): string =>
			JSON.stringify(runTap({ crypto, link: "nfc", phone: "valid", suite: 4, seed }).timeline);
		assert.equal(run(5), run(5));
		assert.notEqual(run(5), run(6));
	});

	it("a phone that stays at the reader opens the door once", () => {
		const world = ready();
		hold(world, "valid", 12_000);
		assert.lengthOf(world.decisions(), 1);
		hold(world, "valid");
		assert.lengthOf(world.decisions(), 2, "and again when it has been away");
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
			const granted = world.decisions().filter((d) => d.granted).length;
			assert.equal(pulsed, granted > 0, `cut after ${bytes} bytes`);
			if (pulsed) opened++;
		}
		assert.isAbove(opened, 0, "the last cuts come after the decision");
	});

	it("power cut at any moment of a tap: the relay is off, and the next tap opens", () => {
		for (let ms = 5; ms < 320; ms += 15) {
			const world = ready();
			const phone = world.nfcPhone("valid");
			world.board.field.present(phone);
			world.time.run(ms);
			world.powerOff();
			world.board.field.remove(phone);
			assert.isFalse(world.door.relay.on);
			world.time.run(1000);
			assert.isFalse(world.door.relay.on, "nothing of the dead firmware moves it");
			world.powerOn();
			world.settle();
			hold(world, "valid");
			assert.isTrue(world.door.relay.on, `after a cut at ${ms} ms`);
			const restarts = world.log().filter(({ kind }) => kind === EVENTS.restart);
			assert.lengthOf(restarts, 2);
		}
	});

	it("a chip that goes silent for good is back within 5 s of the next poll", () => {
		const world = ready();
		world.board.chip.wedge();
		world.time.run(5000);
		hold(world, "valid");
		assert.isTrue(world.door.relay.on);
		const health = world.log().filter(({ kind }) => kind === EVENTS.health);
		assert.isAtLeast(health.length, 1, "and the log says so");
	});

	it("one phone on both radios opens once and is logged once", () => {
		const world = ready();
		const nfc = world.nfcPhone("valid");
		const ble = world.blePhone("valid", { distance: () => 0.1 });
		ble.connect();
		world.time.run(20);
		world.board.field.present(nfc);
		world.time.run(3000);
		assert.lengthOf(world.results, 2, "both were told");
		assert.lengthOf(world.decisions(), 1);
		assert.equal(world.door.relay.operations, 1, "one release");
	});
});
