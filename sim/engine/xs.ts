/**
 * The world's end of `firmware.ts`: starts the firmware in an XS process and lets it reach its platform, synchronously,
 * over two named pipes, so that the simulated time stands still while the firmware works.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readSync,
	rmSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alarm, Digital, GuardedOutput, Serial, TimeTrust } from "../../hal/contracts.js";
import type { DoorInput } from "../../src/audit/events.js";
import { fromHex, toHex } from "../../src/bytes.js";
import type { Setup } from "../../src/main.js";
import type { Platform } from "../../src/platform.js";
import { build, cache, root } from "../../tools/xs/build.js";
import { moduleGraph } from "../../tools/xs/modules.js";
import type { Operation } from "../compute.js";
import { encodeMessage, type Incoming, type Outgoing, packSetup, readMessage, type Scalar } from "./wire.js";

/** The firmware's process ended by itself: an exception that nobody caught, or no memory. */
export class EngineEnded extends Error {
	override readonly name = "EngineEnded";
}

export interface XsEngine {
	/** As `WorldOptions.start`. */
	start(platform: Platform, setup: Setup, spend: Spend): undefined;
	/** The process dies at once, in the middle of whatever it does. */
	kill(): void;
	close(): void;
}

/** The world's time passes while the firmware computes. */
export type Spend = (micros: number, operation: Operation) => void;

/** Builds the engine where that has not been done. Throws `MissingTool` where it cannot be. */
export function xsEngine(): XsEngine {
	const program = build("host");
	const main = join(root, "build/sim/engine/firmware.js");
	mkdirSync(join(cache, "maps"), { recursive: true });
	const map = join(cache, "maps", "firmware.map");
	writeFileSync(map, moduleGraph([main]).map);
	const folder = mkdtempSync(join(tmpdir(), "lintel-xs-"));
	let child: ChildProcess | undefined;
	let bus: Bus | undefined;
	let lives = 0;
	return {
		start(platform, setup, spend) {
			bus?.close();
			child?.kill();
			lives++;
			const [down, up] = [join(folder, `down-${lives}`), join(folder, `up-${lives}`)];
			execFileSync("mkfifo", [down, up]);
			child = spawn("sh", ["-c", 'exec "$0" --map "$1" "$2" <"$3" >"$4"', program, map, main, down, up], {
				stdio: ["ignore", "ignore", "inherit"],
			});
			bus = new Bus(openSync(down, "w"), openSync(up, "r"), platform, spend);
			bus.boot(setup);
			return undefined;
		},
		kill() {
			if (child?.pid !== undefined) process.kill(child.pid, "SIGKILL");
		},
		close() {
			bus?.close();
			child?.kill();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

type Handler = (...args: Scalar[]) => Scalar | undefined;

class Bus {
	readonly #down: number;
	readonly #up: number;
	readonly #platform: Platform;
	readonly #calls: Readonly<Record<string, Handler>>;
	readonly #alarms = new Map<number, Alarm>();
	readonly #serials = new Map<number, Serial>();
	readonly #digitals = new Map<number, Digital>();
	#relay: GuardedOutput | undefined;
	/** An event that arises while one is dealt with has to wait: the firmware has one task. */
	readonly #waiting: Omit<Incoming, "now">[] = [];
	#busy = false;
	#open = true;

	constructor(down: number, up: number, platform: Platform, spend: Spend) {
		this.#down = down;
		this.#up = up;
		this.#platform = platform;
		this.#calls = this.#table(spend);
	}

	boot(setup: Setup): void {
		const { flash, inputs, light, pn532, restartCause } = this.#platform;
		const size = (part: { size: number; sectorSize: number }) => ({
			size: part.size,
			sectorSize: part.sectorSize,
		});
		const { red, green, blue } = light!;
		this.#event({
			event: "boot",
			world: {
				setup: packSetup(setup),
				restartCause,
				flash: { plan: size(flash.plan), log: size(flash.log), config: size(flash.config) },
				inputs: Object.keys(inputs ?? {}),
				light: { red, green, blue },
				...(pn532.serial?.fastBaud === undefined ? {} : { fastBaud: pn532.serial.fastBaud }),
			},
		});
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		closeSync(this.#down);
		closeSync(this.#up);
	}

	#event(event: Omit<Incoming, "now">): void {
		this.#waiting.push(event);
		if (this.#busy) return;
		this.#busy = true;
		try {
			for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
				this.#run(next);
		} finally {
			this.#busy = false;
		}
	}

	#run(event: Omit<Incoming, "now">): void {
		if (!this.#open) return;
		this.#send(event);
		for (;;) {
			const message = readMessage<Outgoing>((into) => this.#fill(into));
			if (message === undefined) {
				this.close();
				throw new EngineEnded("the firmware's process has ended");
			}
			if (message.call === "idle") return;
			const handler = this.#calls[message.call];
			try {
				const value = handler!(...message.args);
				this.#send(value === undefined ? {} : { value });
			} catch (error) {
				this.#send({ error: (error as Error).message });
			}
		}
	}

	#send(message: Omit<Incoming, "now">): void {
		const bytes = encodeMessage({ ...message, now: this.#platform.clock.now() });
		for (let at = 0; at < bytes.length; ) at += writeSync(this.#down, bytes, at);
	}

	#fill(into: Uint8Array): boolean {
		for (let at = 0; at < into.length; ) {
			const count = readSync(this.#up, into, at, into.length - at, null);
			if (count === 0) return false;
			at += count;
		}
		return true;
	}

	#table(spend: Spend): Readonly<Record<string, Handler>> {
		const { clock, wall, random, flash, floor, pn532, relay, inputs, light, sounder } = this.#platform;
		const buffer = new Uint8Array(4096);
		const partition = (name: Scalar) => flash[name as keyof typeof flash];
		return {
			spend: (micros, operation) => {
				spend(micros as number, operation as Operation);
				return undefined;
			},
			random: (count) => {
				const bytes = new Uint8Array(count as number);
				random.fill(bytes);
				return toHex(bytes);
			},
			trace: (text) => this.#platform.trace(text as string) as undefined,
			restart: () => this.#platform.restart() as undefined,
			tone: (hertz) => sounder?.tone(hertz as number) as undefined,
			"wall.now": () => wall.now(),
			"wall.trust": () => wall.trust(),
			"wall.set": (seconds, trust) =>
				wall.set(seconds as number, trust as Exclude<TimeTrust, "unset">) as undefined,
			"floor.read": () => floor.read(),
			"floor.raise": (to) => floor.raise(to as number) as undefined,
			"flash.read": (name, address, length) => {
				const into = buffer.subarray(0, length as number);
				partition(name!).read(address as number, into);
				return toHex(into);
			},
			"flash.write": (name, address, data) =>
				partition(name!).write(address as number, fromHex(data as string)) as undefined,
			"flash.erase": (name, sector) => partition(name!).erase(sector as number) as undefined,
			"alarm.open": (id) => {
				const number = id as number;
				this.#alarms.set(
					number,
					clock.alarm(() => this.#event({ event: "alarm", id: number })),
				);
				return undefined;
			},
			"alarm.set": (id, ms) => this.#alarms.get(id as number)!.set(ms as number) as undefined,
			"alarm.clear": (id) => this.#alarms.get(id as number)!.clear() as undefined,
			"serial.open": (id, baud) => {
				const number = id as number;
				const { io } = pn532.serial!;
				const port = new io({
					baud: baud as number,
					format: "buffer",
					onReadable: (value) => this.#event({ event: "readable", id: number, value }),
					onWritable: (value) => this.#event({ event: "writable", id: number, value }),
				});
				this.#serials.set(number, port);
				return undefined;
			},
			"serial.read": (id, length) => {
				const into = buffer.subarray(0, length as number);
				const count = this.#serials.get(id as number)!.read(into);
				return count ? toHex(into.subarray(0, count)) : null;
			},
			"serial.write": (id, data) =>
				this.#serials.get(id as number)!.write(fromHex(data as string)) as undefined,
			"serial.close": (id) => this.#serials.get(id as number)!.close() as undefined,
			"digital.open": (id, part, options, listens) => {
				const number = id as number;
				const name = part as string;
				const input = inputs?.[name.slice("inputs.".length) as DoorInput]?.digital;
				const { io } = name === "reset" ? pn532.reset! : name === "light" ? light! : input!;
				const pin = new io({
					...(JSON.parse(options as string) as { mode: "input" }),
					...(listens ? { onReadable: () => this.#event({ event: "readable", id: number }) } : {}),
				});
				this.#digitals.set(number, pin);
				return undefined;
			},
			"digital.read": (id) => this.#digitals.get(id as number)!.read(),
			"digital.write": (id, level) => this.#digitals.get(id as number)!.write(level as number) as undefined,
			"digital.close": (id) => this.#digitals.get(id as number)!.close() as undefined,
			"relay.open": () => {
				this.#relay = new relay.io({});
				return undefined;
			},
			"relay.hold": (ms) => this.#relay!.hold(ms as number) as undefined,
			"relay.release": () => this.#relay!.release() as undefined,
			"relay.read": () => this.#relay!.read(),
			"relay.close": () => this.#relay!.close() as undefined,
		};
	}
}
