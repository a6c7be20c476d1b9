// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { type CborValue, encodeValue } from "../../protocol/cbor/value.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND, VERSION } from "../../protocol/provisioning/frame.js";
import { encodeImprov, IMPROV } from "../../protocol/provisioning/improv-frame.js";
import { EngineEnded } from "../../sim/engine/bus.js";
import { deviceCreation } from "../../sim/engine/creation.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();

describe("a whole reader on XS in the memory of a device", () => {
	let engine: XsEngine;

	before(function () {
		engine = engineFor(this);
	});

	after(() => engine?.close());

	/** Commissioned, with its plan, polling; what ends the firmware restarts it. */
	function start(): World {
		const world: World = new World({
			seed: 6,
			crypto,
			start: engine.start,
			onException: (error) => {
				if (!(error instanceof EngineEnded)) throw error;
				world.restart(error.restartCause);
			},
		});
		world.plan.install();
		world.powerOn();
		assert.isTrue(world.settle());
		return world;
	}

	function tapNfc(world: World): void {
		world.phones.results.length = 0;
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		assert.isTrue(world.time.runUntil(() => world.phones.results.length > 0, 6000));
		world.time.run(50);
		world.board.field.remove(phone);
		world.time.run(6000);
	}

	function tapBle(world: World): void {
		world.phones.results.length = 0;
		world.phones.ble("valid").start();
		assert.isTrue(world.time.runUntil(() => world.phones.results.length > 0, 12_000));
		world.time.run(6000);
	}

	it("the manifest gives it 112 KB", () => {
		const { chunk, heap } = deviceCreation();
		assert.isAtMost(chunk + 16 * heap, 112 * 1024);
	});

	it("taps on both radios and a plan by cable: all served, and no tap leaves anything behind", () => {
		const world = start();
		const inUse = (): number => {
			const { slots, chunks } = engine.figures();
			return slots + chunks;
		};
		const after: number[] = [];
		for (let i = 1; i <= 20; i++) {
			tapNfc(world);
			tapBle(world);
			after.push(inUse());
		}
		// What is prepared for the next phone is there or not, so the same few amounts come again and again.
		assert.isAtMost(Math.max(...after.slice(10)), Math.max(...after.slice(0, 10)));
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.installPlan(100);
		const configuration = installer.ask("configuration")!;
		assert.propertyVal(installer.ask("apply", { configuration }), "changed", false);
		for (let at = 0; at < 8192; at += 1024) installer.ask("log", { at });
		installer.ask("state");
		tapNfc(world);
		assert.lengthOf(world.auditor.decisions(), 41);
		assert.isTrue(world.auditor.decisions().every(({ granted }) => granted));
	});

	it("clients that come and go at the installer's port leave nothing behind", () => {
		const world = new World({ seed: 6, crypto, factory: true, start: engine.start });
		world.powerOn();
		world.time.run(1000);
		const random = new SeededRandom(3);
		const answers: number[] = [];
		const splitter = new FrameDemux({ onFrame: ({ kind }) => answers.push(kind) });
		world.console.onHost = (bytes) => splitter.feed(bytes);
		const serve = (count: number): number => {
			for (let n = 0; n < count; n++) {
				const client = random.bytes(8);
				// What changes something is remembered, a wrong one with a longer answer too.
				for (const [number, request] of [
					["info"],
					["time", { seconds: 1_780_000_000 + n }],
					["apply", { configuration: { id: "FRONT", door: { strikeTime: -n } } }],
				].entries()) {
					const payload = encodeValue(request as CborValue);
					world.console.send(encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload }));
					world.time.run(100);
				}
			}
			const { slots, chunks } = engine.figures();
			return slots + chunks;
		};
		const before = serve(40);
		assert.isAtMost(serve(200), before);
		assert.deepEqual(
			[KIND.reply, KIND.error].map((kind) => answers.filter((each) => each === kind).length),
			[480, 240],
		);
	});

	it("a stranger who asks without a pause, and hears what the line can carry, restarts nothing", () => {
		const world = start();
		const stranger = new Uint8Array(8).fill(3);
		const improvInfo = encodeImprov(IMPROV.rpc, Uint8Array.of(3, 0));
		const ask = (name: string, number: number): Uint8Array =>
			encodeFrame({
				version: VERSION,
				kind: KIND.request,
				client: stranger,
				number,
				payload: encodeValue([name]),
			});
		const heard: number[] = [];
		const splitter = new FrameDemux({ onFrame: ({ number }) => heard.push(number) });
		let bytes = 0;
		world.console.onHost = (data) => {
			bytes += data.length;
			splitter.feed(data);
		};
		const restarts = (): number =>
			world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart).length;
		const before = restarts();
		for (const request of ["info", "state", "improv"]) {
			const began = world.time.now();
			for (let n = 1; world.time.now() - began < 5000; n++) {
				const frame = request === "improv" ? improvInfo : ask(request, n);
				world.console.send(frame);
				// As fast as the line is: ten bits a byte.
				world.time.run(Math.ceil((frame.length * 10_000) / 115_200));
			}
		}
		assert.equal(restarts(), before);
		bytes = 0;
		world.time.run(3000);
		// What may wait, and what had not left the chip.
		assert.isAtMost(bytes, 8192 + 16 * 1024);
		world.console.send(ask("info", 60_000));
		world.time.run(500);
		assert.equal(heard.at(-1), 60_000, "and answers the next one at once");
		tapNfc(world);
		assert.isTrue(world.auditor.decisions().at(-1)!.granted);
	});

	it("a cable whose other end takes nothing: the door opens all the same, and answers when it is read again", () => {
		const world = start();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		installer.ask("watch", { on: true });
		const { sendFromHost } = world.console;
		const kept: (() => void)[] = [];
		world.console.sendFromHost = (_bytes, _baud, out) => kept.push(out);
		const payload = encodeValue(["info"]);
		// The simulated port takes 16 KB of the answers by itself.
		for (let number = 1; number <= 400; number++) {
			const client = new Uint8Array(8).fill(number);
			world.console.send(encodeFrame({ version: VERSION, kind: KIND.request, client, number, payload }));
			world.time.run(50);
		}
		for (let i = 0; i < 5; i++) {
			tapNfc(world);
			tapBle(world);
		}
		assert.lengthOf(world.auditor.decisions(), 10);
		assert.isTrue(world.auditor.decisions().every(({ granted }) => granted));
		const restarts = world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart).length;
		assert.equal(restarts, 1);
		world.console.sendFromHost = sendFromHost;
		for (const out of kept) out();
		world.time.run(2000);
		assert.isString(installer.ask("info").firmware);
	});

	it("the relay, tested again and again, leaves nothing behind", () => {
		const world = start();
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		const after: number[] = [];
		for (let n = 0; n < 60; n++) {
			assert.isTrue(installer.ask("test", { name: "relay" }).passed);
			world.time.run(6000);
			const { slots, chunks } = engine.figures();
			after.push(slots + chunks);
		}
		// The same few amounts come again and again, as above.
		assert.isAtMost(Math.max(...after.slice(30)), Math.max(...after.slice(0, 30)));
	});

	it("out of memory with the strike released: the relay falls at once, the next start says why, and the door opens", () => {
		const world = start();
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		assert.isTrue(world.time.runUntil(() => world.door.relay.on, 3000));
		world.board.field.remove(phone);
		engine.squeeze(256);
		const restarts = () => world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
		const before = restarts().length;
		const next = world.phones.nfc("valid");
		world.board.field.present(next);
		assert.isTrue(world.time.runUntil(() => !world.door.relay.on, 2001));
		world.board.field.remove(next);
		world.time.run(3000);
		assert.deepEqual(
			restarts()
				.slice(before)
				.map(({ detail }) => detail & 255),
			[RESTARTS["out-of-memory"]],
		);
		tapNfc(world);
		assert.isTrue(world.auditor.decisions().at(-1)!.granted);
	});

	it("an exception in a callback with the strike released: the same, and the log says exception", () => {
		const world = start();
		const { sounder } = world.panel;
		const tone = sounder.tone;
		const restarts = () => world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
		const before = restarts().length;
		const phone = world.phones.nfc("valid");
		world.board.field.present(phone);
		let fell = false;
		world.door.relay.watch(() => {
			if (world.door.relay.on && !fell)
				sounder.tone = () => {
					sounder.tone = tone;
					throw new Error("the sounder is broken");
				};
			else fell = true;
		});
		assert.isTrue(world.time.runUntil(() => restarts().length > before, 3000));
		assert.isTrue(fell, "the relay had been on");
		assert.isFalse(world.door.relay.on);
		assert.equal(restarts().at(-1)!.detail & 255, RESTARTS.exception);
		world.board.field.remove(phone);
		world.time.run(3000);
		tapNfc(world);
		assert.isTrue(world.auditor.decisions().at(-1)!.granted);
	});
});
