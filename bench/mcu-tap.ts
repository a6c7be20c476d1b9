/**
 * On the emulated microcontroller: taps in a simulated world, of which only the firmware's own work is counted. The
 * count runs from where the world calls the firmware (an alarm, bytes on the serial port) to where that returns, and
 * stands still while the firmware calls the world (a bus, flash, the relay). Prints one line of JSON.
 */
import type { Alarm, Clock, Crypto, Flash, SerialClass, SerialOptions } from "../hal/contracts.js";
import { NativeCrypto, NativeRandom } from "../hal/native/crypto.js";
import { World } from "../sim/world.js";
import { boot } from "../src/main.js";
import type { Platform } from "../src/platform.js";
import { WorldCrypto } from "./world-crypto.js";

declare const host: {
	instructions(): number;
	collect(): void;
	memory(): Record<"slots" | "chunks" | "stackPeak", number>;
	print(line: string): void;
};

let inside = false;
let since = 0;
let total = 0;
/** Instructions of the measuring itself: one reading of the counter, and one way out to the world and back. */
let reading = 0;
let crossing = 0;

function enter(): void {
	inside = true;
	since = host.instructions();
}

function leave(): void {
	total += host.instructions() - since - crossing;
	inside = false;
}

function into<A extends unknown[]>(work: ((...args: A) => void) | undefined): (...args: A) => void {
	return (...args) => {
		if (inside) {
			work?.(...args);
			return;
		}
		enter();
		work?.(...args);
		leave();
	};
}

function out<T>(work: () => T): T {
	if (!inside) return work();
	leave();
	try {
		return work();
	} finally {
		enter();
	}
}

const calls = new Map<string, { calls: number; instructions: number }>();

/** The provider, each call counted by its name. */
function measured(crypto: Crypto): Crypto {
	const copy: Record<string, unknown> = { name: crypto.name };
	for (const name of Object.getOwnPropertyNames(NativeCrypto.prototype)) {
		const method = (crypto as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
		if (name === "constructor") continue;
		copy[name] = (...args: unknown[]): unknown => {
			if (!inside) return method.apply(crypto, args);
			leave();
			const before = host.instructions();
			const result = method.apply(crypto, args);
			const spent = host.instructions() - before - reading;
			total += spent;
			const entry = calls.get(name) ?? { calls: 0, instructions: 0 };
			entry.calls++;
			entry.instructions += spent;
			calls.set(name, entry);
			enter();
			return result;
		};
	}
	return copy as unknown as Crypto;
}

function flash(inner: Flash): Flash {
	return {
		size: inner.size,
		sectorSize: inner.sectorSize,
		read: (address, buffer) => out(() => inner.read(address, buffer)),
		write: (address, data) => out(() => inner.write(address, data)),
		erase: (sector) => out(() => inner.erase(sector)),
	};
}

function clock(inner: Clock): Clock {
	return {
		now: () => inner.now(),
		alarm: (callback): Alarm => {
			const alarm = out(() => inner.alarm(into(callback)));
			return {
				set: (ms) => out(() => alarm.set(ms)),
				clear: () => out(() => alarm.clear()),
				close: () => out(() => alarm.close()),
			};
		},
	};
}

function serial(Inner: SerialClass): SerialClass {
	return class {
		format = "buffer" as const;
		readonly #port: InstanceType<SerialClass>;
		constructor(options: SerialOptions) {
			const { onReadable, onWritable } = options;
			const counted = { ...options, onReadable: into(onReadable), onWritable: into(onWritable) };
			this.#port = out(() => new Inner(counted));
		}
		read(buffer: Uint8Array): number | undefined {
			return out(() => this.#port.read(buffer));
		}
		write(data: Uint8Array): void {
			out(() => this.#port.write(data));
		}
		close(): void {
			out(() => this.#port.close());
		}
	};
}

let relayAt = 0;

function counted(platform: Platform): Platform {
	const { bluetooth: _, ...rest } = platform;
	const Relay = platform.relay.io;
	const CountedRelay = class {
		readonly #relay: InstanceType<typeof Relay>;
		constructor(options: ConstructorParameters<typeof Relay>[0]) {
			this.#relay = out(() => new Relay(options));
		}
		hold(ms: number): void {
			out(() => {
				if (relayAt === 0) relayAt = total;
				this.#relay.hold(ms);
			});
		}
		release(): void {
			out(() => this.#relay.release());
		}
		read(): number {
			return out(() => this.#relay.read());
		}
		close(): void {
			out(() => this.#relay.close());
		}
	};
	return {
		...rest,
		clock: clock(platform.clock),
		// A native call, as on a device; not the simulation's, which is JavaScript.
		random: new NativeRandom(),
		crypto: measured(new NativeCrypto()),
		flash: {
			plan: flash(platform.flash.plan),
			log: flash(platform.flash.log),
			config: flash(platform.flash.config),
		},
		relay: { ...platform.relay, io: CountedRelay },
		pn532: {
			...platform.pn532,
			serial: { ...platform.pn532.serial!, io: serial(platform.pn532.serial!.io) },
		},
	};
}

{
	const start = host.instructions();
	for (let i = 0; i < 100; i++) host.instructions();
	const loops = host.instructions() - start;
	const empty = host.instructions();
	for (let i = 0; i < 100; i++);
	reading = (loops - (host.instructions() - empty)) / 100;
	// What is counted of a hundred ways out, beyond the loop that makes them.
	enter();
	for (let i = 0; i < 100; i++) out(() => undefined);
	leave();
	const ways = total;
	total = 0;
	enter();
	for (let i = 0; i < 100; i++);
	leave();
	crossing = (ways - total) / 100;
	total = 0;
}

const phases: { phase: string; instructions: number }[] = [];
let phaseStart = 0;

function phase(name: string): void {
	phases.push({ phase: name, instructions: Math.round(total - phaseStart) });
	phaseStart = total;
}

const world = new World({
	seed: 1,
	crypto: new WorldCrypto(),
	start: (platform, setup) => {
		enter();
		try {
			return boot(counted(platform), setup!);
		} finally {
			leave();
		}
	},
});
world.installPlan();
world.powerOn();
if (!world.settle()) throw new Error("the reader does not poll");
phase("boot");

/** One tap; instructions from the phone in the field to the last answer, and from message_3 to the relay. */
function tap(): { total: number; afterMessage3: number } {
	world.results.length = 0;
	world.exchanges.length = 0;
	relayAt = 0;
	world.time.run(250);
	const start = total;
	const marks: number[] = [];
	const phone = world.nfcPhone("valid", () => marks.push(total));
	world.board.field.present(phone);
	if (!world.time.runUntil(() => world.results.length > 0, 6000)) throw new Error("no decision");
	world.time.run(50);
	const end = total;
	// The phone's second answer is message_3.
	const message3 = marks[1]!;
	if (phases.length === 1) {
		const points = [start, marks[0]!, message3, relayAt, end];
		const steps = [
			"phone found, SELECT",
			"message_1 to message_2",
			"message_3 to relay on",
			"message_4, release",
		];
		for (const [i, name] of steps.entries())
			phases.push({ phase: name, instructions: Math.round(points[i + 1]! - points[i]!) });
	}
	world.board.field.remove(phone);
	world.time.run(6000);
	return { total: end - start, afterMessage3: relayAt - message3 };
}

const first = tap();
const firstCalls = [...calls].map(([name, entry]) => ({ name, ...entry }));
const again = tap();
if (world.decisions().some(({ granted }) => !granted)) throw new Error("a tap was denied");
host.print(
	JSON.stringify({
		standardTapInstructions: Math.round(again.total),
		afterMessage3Instructions: Math.round(again.afterMessage3),
		firstTapInstructions: Math.round(first.total),
		phases,
		calls: firstCalls,
	}),
);
