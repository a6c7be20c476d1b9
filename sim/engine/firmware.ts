/**
 * The firmware's process: XS runs this module. It starts the firmware on a platform whose every part is in the world, at
 * the other end of a pipe; time, random and all costs are the world's, so that a run is the one that Node makes.
 */
import type {
	Digital,
	DigitalClass,
	DigitalOptions,
	Flash,
	GuardedOutput,
	RestartCause,
	Serial,
	SerialOptions,
	TimeTrust,
} from "../../hal/contracts.js";
import { NativeCrypto } from "../../hal/native/crypto.js";
import { fromHex, toHex } from "../../src/bytes.js";
import { boot } from "../../src/main.js";
import type { InputUse } from "../../src/platform.js";
import { timed } from "../compute.js";
import {
	encodeMessage,
	type Incoming,
	readMessage,
	type Scalar,
	unpackSetup,
	type WorldFacts,
} from "./wire.js";

declare const host: {
	read(into: Uint8Array): boolean;
	write(bytes: Uint8Array): void;
	exit(status: number): void;
};

let now = 0;
const listeners: ((incoming: Incoming) => void)[] = [];

function receive(): Incoming {
	const incoming = readMessage<Incoming>((into) => host.read(into));
	// The world is gone, and so is the reader.
	if (incoming === undefined) host.exit(0);
	now = incoming!.now;
	return incoming!;
}

function call(name: string, ...args: Scalar[]): Scalar {
	host.write(encodeMessage({ call: name, args }));
	const { value, error } = receive();
	if (error !== undefined) throw new Error(error);
	return value ?? null;
}

function listen(listener: (incoming: Incoming) => void): number {
	return listeners.push(listener) - 1;
}

function flash(name: string, { size, sectorSize }: { size: number; sectorSize: number }): Flash {
	return {
		size,
		sectorSize,
		read: (address, into) => {
			into.set(fromHex(call("flash.read", name, address, into.length) as string));
		},
		write: (address, data) => {
			call("flash.write", name, address, toHex(data));
		},
		erase: (sector) => {
			call("flash.erase", name, sector);
		},
	};
}

class PipeSerial implements Serial {
	format = "buffer" as const;
	readonly #id: number;

	constructor(options: SerialOptions) {
		this.#id = listen(({ event, value }) => {
			if (event === "readable") options.onReadable?.(value as number);
			else options.onWritable?.(value as number);
		});
		call("serial.open", this.#id, options.baud);
	}

	read(into: Uint8Array): number | undefined {
		const hex = call("serial.read", this.#id, into.length) as string | null;
		if (hex === null) return undefined;
		const bytes = fromHex(hex);
		into.set(bytes);
		return bytes.length;
	}

	write(data: Uint8Array): void {
		call("serial.write", this.#id, toHex(data));
	}

	close(): void {
		call("serial.close", this.#id);
	}
}

function digital(part: string): DigitalClass {
	return class implements Digital {
		readonly #id: number;

		constructor(options: DigitalOptions) {
			this.#id = listen(() => options.onReadable?.());
			const { onReadable, ...plain } = options;
			call("digital.open", this.#id, part, JSON.stringify(plain), onReadable !== undefined);
		}

		read(): number {
			return call("digital.read", this.#id) as number;
		}

		write(level: number): void {
			call("digital.write", this.#id, level);
		}

		close(): void {
			call("digital.close", this.#id);
		}
	};
}

class PipeRelay implements GuardedOutput {
	constructor() {
		call("relay.open");
	}

	hold(ms: number): void {
		call("relay.hold", ms);
	}

	release(): void {
		call("relay.release");
	}

	read(): number {
		return call("relay.read") as number;
	}

	close(): void {
		call("relay.close");
	}
}

function start({ setup, restartCause, flash: sizes, inputs, light, fastBaud }: WorldFacts): void {
	const uses: Record<string, InputUse> = {};
	for (const name of inputs) uses[name] = { digital: { io: digital(`inputs.${name}`) } };
	boot(
		{
			clock: {
				now: () => now,
				alarm: (callback) => {
					const id = listen(callback);
					call("alarm.open", id);
					return {
						set: (ms) => {
							call("alarm.set", id, ms);
						},
						clear: () => {
							call("alarm.clear", id);
						},
						close: () => {
							call("alarm.clear", id);
						},
					};
				},
			},
			wall: {
				now: () => call("wall.now") as number,
				trust: () => call("wall.trust") as TimeTrust,
				set: (seconds, trust) => {
					call("wall.set", seconds, trust);
				},
			},
			random: { fill: (into) => into.set(fromHex(call("random", into.length) as string)) },
			crypto: timed(new NativeCrypto(), (micros, operation) => {
				call("spend", micros, operation);
			}),
			flash: {
				plan: flash("plan", sizes.plan),
				log: flash("log", sizes.log),
				config: flash("config", sizes.config),
			},
			floor: {
				read: () => call("floor.read") as number,
				raise: (to) => {
					call("floor.raise", to);
				},
			},
			watchdog: { feed: () => undefined },
			restartCause: restartCause as RestartCause,
			pn532: {
				serial: { io: PipeSerial, baud: 115_200, ...(fastBaud === undefined ? {} : { fastBaud }) },
				reset: { io: digital("reset") },
			},
			relay: { io: PipeRelay },
			inputs: uses,
			light: {
				io: digital("light"),
				red: light.red as Record<string, unknown>,
				green: light.green as Record<string, unknown>,
				blue: light.blue as Record<string, unknown>,
			},
			sounder: {
				tone: (hertz) => {
					call("tone", hertz);
				},
				close: () => {
					call("tone", 0);
				},
			},
			restart: () => {
				call("restart");
			},
			trace: (text) => {
				call("trace", text);
			},
		},
		unpackSetup(setup),
	);
}

for (;;) {
	const incoming = receive();
	if (incoming.event === "boot") start(incoming.world!);
	else listeners[incoming.id!]!(incoming);
	host.write(encodeMessage({ call: "idle", args: [] }));
}
