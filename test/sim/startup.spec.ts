// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { GATTServerOptions } from "../../hal/contracts/bluetooth.js";
import type { SerialOptions, SPIOptions } from "../../hal/contracts/io.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { EVENTS, RESTARTS } from "../../protocol/events.js";
import type { ReaderState } from "../../protocol/provisioning/messages.js";
import { EngineEnded } from "../../sim/engine/bus.js";
import { deviceCreation, onThisProcessor } from "../../sim/engine/creation.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import type { SimFlash } from "../../sim/flash.js";
import type { PN532SPIBoard } from "../../sim/pn532/board.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { ClientError } from "../../site/lib/provisioning/errors.js";
import { HEALTHY_MS, STAGES, type Stage } from "../../src/app/startup.js";
import { ConfigStore } from "../../src/config/store.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();

/** A whole device; its chip restarts for what leaves its firmware. */
class Device {
	readonly world: World;
	readonly installer: Installer;
	/** When the firmware ended, ms. */
	readonly ends: number[] = [];
	relayMoved = 0;

	constructor(options: Pick<WorldOptions, "factory" | "start">) {
		this.world = new World({
			...options,
			crypto,
			onException: (error) => {
				this.ends.push(this.world.time.now());
				this.world.restart(error instanceof EngineEnded ? error.restartCause : "exception");
			},
		});
		this.installer = new Installer(this.world, crypto);
		this.world.door.relay.watch(() => this.relayMoved++);
	}

	/** `state`, or nothing where the reader ends before it answers. */
	state(): ReaderState | undefined {
		try {
			return this.installer.ask("state");
		} catch (error) {
			if (error instanceof ClientError) return undefined;
			throw error;
		}
	}

	restarts(): string[] {
		return this.world.auditor
			.entries()
			.filter(({ kind }) => kind === EVENTS.restart)
			.map(inWords);
	}

	/** Ten minutes, its state asked for every five seconds: how often it answered. */
	live(each: (state: ReaderState) => void): number {
		const end = this.world.time.now() + 10 * 60_000;
		let answers = 0;
		while (this.world.time.now() < end) {
			const state = this.state();
			if (state !== undefined) {
				answers++;
				each(state);
			}
			this.world.time.run(5000);
		}
		return answers;
	}
}

/** 1 + 2 + 4 + 8 + 16 + 32 s, then minutes; `alone`: 1 + 2 + 4 minutes. */
function assertLongerAndLonger(ends: readonly number[], alone: boolean): void {
	const gaps = ends.slice(1).map((at, i) => at - ends[i]!);
	if (alone) {
		assert.deepEqual(
			gaps.map((gap) => Math.round(gap / 60_000)),
			[1, 2, 4],
		);
		return;
	}
	assert.isAtLeast(ends.length, 12);
	assert.isAtMost(ends.length, 18);
	for (const gap of gaps) assert.isAtMost(gap, 63_000);
	for (const gap of gaps.slice(7)) assert.isAtLeast(gap, 60_000);
}

function throwing(): never {
	throw new Error("broken");
}

/** Parts that fail at each start, and how to mend them. */
const BROKEN: Readonly<Record<string, (world: World) => () => void>> = {
	"nfc (the PN532's bus cannot be opened)": (world) => {
		let works = false;
		const { SPI } = world.board as PN532SPIBoard;
		const value = class extends SPI {
			constructor(options: SPIOptions) {
				if (!works) throwing();
				super(options);
			}
		};
		Object.defineProperty(world.board, "SPI", { value });
		return () => {
			works = true;
		};
	},
	"nfc, wifi, bluetooth (an exception in a callback: a phone that is left there)": (world) => {
		world.board.field.present(world.phones.nfc("stranger"));
		world.onTrace = (text) => {
			if (text.startsWith("nfc: ")) throwing();
		};
		return () => {
			world.onTrace = undefined;
		};
	},
	"door (the plan's flash cannot be read)": (world) => {
		const read = world.flash.plan.read.bind(world.flash.plan);
		world.flash.plan.read = throwing;
		return () => {
			world.flash.plan.read = read;
		};
	},
	"log (its flash cannot be written)": (world) => {
		const write = world.flash.log.write.bind(world.flash.log);
		world.flash.log.write = throwing;
		return () => {
			world.flash.log.write = write;
		};
	},
};

describe("a reader that fails at every start", () => {
	for (const [part, broken] of Object.entries(BROKEN))
		it(`${part}: waits longer and longer between starts, answers its installer, and is well when the part is`, () => {
			const device = new Device({ factory: true });
			const { world } = device;
			const stage = part.slice(0, part.indexOf(" ("));
			const mend = broken(world);
			world.powerOn();
			const answers = device.live(({ relay = false, waits = stage }) => {
				assert.isFalse(relay);
				assert.equal(waits, stage);
			});
			assert.isAtLeast(answers, 100);
			assertLongerAndLonger(device.ends, stage === "nfc");
			assert.equal(device.relayMoved, 0, "the relay is off all the time");

			assert.equal(device.installer.ask("info").firmware, "0.1.0");
			const { started, failedStarts, seconds } = device.installer.ask("state");
			assert.equal(started, "exception");
			assert.equal(failedStarts, device.ends.length);
			assert.isAtMost(seconds as number, stage === "nfc" ? 480 : 60);
			assert.throws(
				() => device.installer.ask("test", { name: "nfc" }),
				new RegExp(`busy: after \\d+ failed starts ${stage} waits`),
			);
			if (stage !== "log") {
				const words = device.restarts();
				assert.equal(words[0], "restart power-on");
				assert.equal(words[1], "restart exception, 1 failed start before");
				assert.equal(words.at(-1), `restart exception, ${device.ends.length} failed starts before`);
			}

			// The installer restarts it with the part in order: nothing waits any more.
			mend();
			device.installer.ask("restart");
			world.time.run(1500);
			const well = device.installer.ask("state");
			assert.equal(well.started, "software");
			assert.isUndefined(well.waits);
			assert.isTrue(well.nfc);
			assert.equal(device.restarts().at(-1), "restart software");
		});

	it("a part that works again by itself: the reader is whole after the wait, and its next failure has none", () => {
		const device = new Device({ factory: true });
		const { world } = device;
		const mend = BROKEN["nfc (the PN532's bus cannot be opened)"]!(world);
		world.powerOn();
		world.time.run(20_000);
		mend();
		world.time.run(60_000);
		assert.isTrue(device.installer.ask("state").nfc);
		const failures = device.ends.length;
		world.time.run(60_000);
		assert.lengthOf(device.ends, failures);
		world.restart("watchdog");
		const state = device.installer.ask("state");
		assert.isUndefined(state.failedStarts);
		assert.equal(state.started, "watchdog");
	});
});

/** What a stage does first: the world ends the process there. */
const FIRST_ACT: Readonly<Record<Stage, (world: World, die: () => void) => void>> = {
	port: ({ console }, die) => {
		const { Serial } = console;
		const value = class extends Serial {
			constructor(options: SerialOptions) {
				die();
				super(options);
			}
		};
		Object.defineProperty(console, "Serial", { value });
	},
	log: ({ flash }, die) => beforeRead(flash.log, die),
	door: ({ flash }, die) => beforeRead(flash.plan, die),
	nfc: ({ board }, die) => {
		const { SPI } = board as PN532SPIBoard;
		const value = class extends SPI {
			constructor(options: SPIOptions) {
				die();
				super(options);
			}
		};
		Object.defineProperty(board, "SPI", { value });
	},
	wifi: ({ wifi }, die) => {
		const join = wifi.join.bind(wifi);
		wifi.join = (...args) => {
			die();
			join(...args);
		};
	},
	bluetooth: ({ radio }, die) => {
		const serverClass = radio.serverClass.bind(radio);
		radio.serverClass = () =>
			class extends serverClass() {
				constructor(options: GATTServerOptions) {
					die();
					super(options);
				}
			};
	},
};

function beforeRead(flash: SimFlash, die: () => void): void {
	const read = flash.read.bind(flash);
	flash.read = (address, into) => {
		die();
		read(address, into);
	};
}

/** A commissioned reader that keeps a network. */
function keepsNetwork(world: World): void {
	const store = new ConfigStore(world.flash.config, world.sealed(), crypto, new SeededRandom(1));
	store.open();
	store.setWifi({ ssid: "Building", password: "correct horse" });
}

describe("a reader on XS whose process ends in a stage", () => {
	let engine: XsEngine;

	before(function () {
		engine = engineFor(this);
	});

	after(() => engine?.close());

	for (const stage of STAGES)
		for (const times of [1, 2, 3])
			it(`${stage}, at its first ${times} starts: the next begins without it, says so, and it begins when it can`, () => {
				const device = new Device({ start: engine.start });
				const { world } = device;
				const radio = (["nfc", "wifi", "bluetooth"] as readonly Stage[]).includes(stage);
				world.plan.install();
				keepsNetwork(world);
				let left = times;
				FIRST_ACT[stage](world, () => {
					if (left === 0) return;
					left--;
					engine.kill();
				});
				world.powerOn();
				// The wait after each end but the last, and the chip's own start.
				const unit = radio ? 60_000 : 1000;
				world.time.run(2 ** (times - 1) * unit - unit + 500 * times);
				assert.lengthOf(device.ends, times);
				if (stage !== "port") {
					const state = device.installer.ask("state");
					assert.equal(state.waits, stage);
					assert.equal(state.failedStarts, times);
					assert.isAtMost(state.seconds as number, (2 ** (times - 1) * unit) / 1000);
				}
				const entries = world.auditor.entries().map(inWords);
				if (radio) {
					const part = stage === "bluetooth" ? "ble" : stage;
					assert.include(entries, `health ${part} failed`);
					assert.include(entries, `restart watchdog, ${times} failed start${times === 1 ? "" : "s"} before`);
					world.door.press(true);
					world.time.run(200);
					assert.isTrue(world.door.relay.on, "request-to-exit works");
					world.door.press(false);
				}
				world.time.run(2 ** (times - 1) * unit + HEALTHY_MS);
				assert.lengthOf(device.ends, times);
				const { nfc, bluetooth, wifi, waits } = device.installer.ask("state");
				assert.deepEqual(
					{ nfc, bluetooth, wifi, waits },
					{ nfc: true, bluetooth: true, wifi: true, waits: undefined },
				);
				world.restart("watchdog");
				assert.isUndefined(device.installer.ask("state").failedStarts, "it was well");
			});
});

describe("a reader on XS that runs out at every start", () => {
	let engine: XsEngine | undefined;

	afterEach(() => engine?.close());

	for (const [cause, sizes] of [
		["out-of-memory", { heap: 2500 }],
		["stack-overflow", { stack: 560 }],
	] as const)
		it(`${cause}: waits longer each time, answers its installer, the log says why, the relay is off`, function () {
			engine = engineFor(this, { creation: { ...onThisProcessor(deviceCreation()), ...sizes } });
			const device = new Device({ start: engine.start });
			device.world.plan.install();
			// Somebody left a phone there: what a start does not take, a tap does.
			device.world.board.field.present(device.world.phones.nfc("revoked"));
			device.world.powerOn();
			const answers = device.live(({ started, relay = false }) => {
				assert.include(["power-on", cause], started);
				assert.isFalse(relay);
			});
			assert.isAtLeast(answers, 60);
			assert.isAtMost(device.ends.length, 40);
			assert.equal(device.relayMoved, 0);
			const restarts = device.world.auditor.entries().filter(({ kind }) => kind === EVENTS.restart);
			assert.isAtLeast(restarts.length, 4);
			for (const { detail } of restarts.slice(1)) assert.equal(detail & 255, RESTARTS[cause]);
			assert.isAtLeast(restarts.at(-1)!.detail >> 8, 4, "failed starts before");
		});
});
