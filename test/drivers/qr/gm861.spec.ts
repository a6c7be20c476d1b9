// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { GM861 } from "../../../drivers/qr/gm861.js";
import { utf8Decode, utf8Encode } from "../../../protocol/bytes.js";
import { UART } from "../../../sim/bus/serial.js";
import { SeededRandom } from "../../../sim/random.js";
import { crc, SETUP_CODES, SimGM861 } from "../../../sim/scanner/gm861.js";
import { VirtualTime } from "../../../sim/time.js";

const CODE = "A1 $%*+-./:".repeat(35).slice(0, 380);

/** A module on its line, and the driver that has it. */
class Rig {
	readonly time = new VirtualTime();
	readonly line = new UART(this.time);
	readonly module = new SimGM861(this.line);
	readonly texts: string[] = [];
	readonly states: string[] = [];
	driver: GM861 | undefined;

	start(baud = 9600): this {
		this.module.setPower(true);
		this.driver = new GM861(this.time, { io: this.line.Serial }, baud, {
			onText: (text, length) => this.texts.push(utf8Decode(text.slice(0, length)) ?? "not UTF-8"),
			onState: (works, detail) => this.states.push(`${works ? "works" : "fails"}: ${detail}`),
		});
		return this;
	}

	settled(baud = 9600): this {
		this.start(baud);
		this.time.run(5000);
		return this;
	}

	/** Shows it, until it has been read. */
	show(text: string, ms = 2000): void {
		this.module.see(() => text);
		this.time.run(ms);
		this.module.see(undefined);
		this.time.run(100);
	}

	get isSetUp(): boolean {
		const { zones } = this.module;
		return (
			(zones[0x03]! & 2) !== 0 && zones[0x60] === 0x81 && (zones[0x0d]! & 3) === 0 && (zones[0]! & 3) === 2
		);
	}
}

describe("GM861", () => {
	it("the model has the manual's examples", () => {
		for (const [body, check] of [
			[[7, 1, 0, 0x0a, 1], 0xee8a],
			[[8, 1, 0, 0x0a, 0x3e], 0x4ccf],
			[[0, 1, 0x3e], 0xe4ac],
			[[0, 1, 0], 0x3331],
			[[9, 1, 0, 0, 0], 0xdec8],
		] as const)
			assert.equal(crc(Uint8Array.from(body)), check);
	});

	it("is set up at the start, kept so once, and reads", () => {
		const rig = new Rig().settled();
		assert.isTrue(rig.isSetUp);
		assert.equal(rig.module.saves, 1);
		assert.deepEqual(rig.states, ["works: set up"]);
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
		// What it keeps is kept: the next start writes nothing.
		rig.module.setPower(false);
		rig.module.setPower(true);
		rig.time.run(70_000);
		assert.deepEqual(rig.states.slice(1), ["works: as it was set up"]);
		assert.equal(rig.module.saves, 1);
	});

	it("a set-up code that is shown to it does nothing, and comes as a text", () => {
		for (const setup of Object.keys(SETUP_CODES)) {
			const rig = new Rig().settled();
			const zones = rig.module.zones.slice();
			rig.show(setup);
			assert.deepEqual(rig.module.zones, zones, setup);
			assert.deepEqual(rig.texts, [setup]);
			rig.driver!.check();
			rig.time.run(5000);
			rig.show(CODE);
			assert.deepEqual(rig.texts, [setup, CODE]);
		}
	});

	it("what a set-up code did before the start, while they were on, is undone", () => {
		for (const setup of Object.keys(SETUP_CODES)) {
			const rig = new Rig();
			rig.module.setPower(true);
			rig.time.run(1000);
			rig.show(setup);
			rig.time.run(1000);
			rig.settled();
			// One that has another rate is sought.
			rig.time.run(15_000);
			assert.isTrue(rig.isSetUp, setup);
			rig.show(CODE);
			assert.include(rig.texts, CODE, setup);
		}
	});

	it("is found at the factory's rate where it is not at the configuration's", () => {
		const rig = new Rig().start(115_200);
		rig.time.run(20_000);
		assert.isTrue(rig.isSetUp);
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
		assert.deepEqual(rig.states, ["fails: it does not answer", "works: set up"]);
	});

	it("one that was set up anew is found out within a minute, or at once after a text that is no code", () => {
		const rig = new Rig().settled();
		rig.module.zones[0x03] = 0x01;
		rig.module.zones[0x60] = 0x00;
		rig.time.run(61_000);
		assert.isTrue(rig.isSetUp);
		rig.module.zones[0x03] = 0x01;
		rig.driver!.check();
		rig.time.run(3000);
		assert.isTrue(rig.isSetUp);
		assert.equal(rig.module.saves, 3);
	});

	it("texts that are shown without end keep it from no check", () => {
		const rig = new Rig().settled();
		rig.module.zones[0x13] = 0;
		rig.module.zones[0x05] = 0;
		let n = 0;
		rig.module.see(() => `flood ${n++}`);
		for (let i = 0; i < 200; i++) {
			rig.time.run(100);
			rig.driver!.check();
		}
		assert.isAbove(rig.texts.length, 20);
		// The check has put the delay back.
		assert.equal(rig.module.zones[0x13], 0x9e);
		assert.isTrue(rig.isSetUp);
	});

	it("a silent one is told, asked again, and well when it answers", () => {
		const rig = new Rig().settled();
		rig.module.silent = true;
		rig.time.run(70_000);
		assert.deepEqual(rig.states.slice(1, 2), ["fails: it does not answer"]);
		rig.module.silent = false;
		rig.time.run(15_000);
		assert.equal(rig.states.at(-1), "works: as it was set up");
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
	});

	it("a zone that takes no write is told, and nothing is read", () => {
		const rig = new Rig();
		rig.module.stuck.add(0x60);
		rig.settled();
		assert.equal(rig.states[0], "fails: zone 96 stays 0");
		rig.show(CODE);
		assert.deepEqual(rig.texts, []);
		rig.module.stuck.clear();
		rig.time.run(10_000);
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
	});

	it("frames may come in pieces, and several at once", () => {
		const rig = new Rig().settled();
		const frame = (text: string): number[] => [3, text.length >> 8, text.length & 255, ...utf8Encode(text)];
		const two = Uint8Array.from([...frame("ONE"), 0x0d, ...frame(`${CODE}\r`), ...frame("TWO")]);
		rig.line.send(two);
		rig.time.run(1000);
		assert.deepEqual(rig.texts.splice(0), ["ONE", CODE, "TWO"]);
		for (const byte of two) {
			rig.line.send(Uint8Array.of(byte));
			rig.time.run(3);
		}
		assert.deepEqual(rig.texts.splice(0), ["ONE", CODE, "TWO"]);
		// A pause ends a frame that is not whole.
		rig.line.send(Uint8Array.from(frame("LOST").slice(0, 5)));
		rig.time.run(400);
		rig.line.send(Uint8Array.from(frame("FOUND")));
		rig.time.run(400);
		assert.deepEqual(rig.texts, ["FOUND"]);
	});

	it("a text that is too long is passed over, whatever its frame says", () => {
		const rig = new Rig().settled();
		rig.line.send(Uint8Array.of(3, 2, 1, ...new Uint8Array(513).fill(0x41)));
		rig.time.run(1500);
		assert.deepEqual(rig.texts, []);
		rig.line.send(Uint8Array.of(3, 0xff, 0xff, 0x41));
		rig.time.run(500);
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
	});

	it("noise of another rate is no text, and ends nothing", () => {
		const rig = new Rig().settled();
		const random = new SeededRandom(861);
		for (let i = 0; i < 300; i++) {
			rig.line.send(random.bytes(1 + (i % 40)));
			rig.time.run(30);
		}
		rig.time.run(70_000);
		rig.texts.length = 0;
		rig.show(CODE);
		assert.deepEqual(rig.texts, [CODE]);
		assert.isTrue(rig.isSetUp);
	});
});
