/** A platform whose every part is in the world, at the other end of the bus. */
import type {
	Digital,
	DigitalClass,
	DigitalOptions,
	Flash,
	GuardedOutput,
	GuardedOutputClass,
	RestartCause,
	Serial,
	SerialClass,
	SerialOptions,
} from "../../hal/contracts.js";
import { NativeCrypto } from "../../hal/native/crypto.js";
import { utf8Encode } from "../../src/bytes.js";
import type { InputUse, Platform } from "../../src/platform.js";
import { bluetoothOnBus } from "./bluetooth.js";
import type { Bus } from "./device.js";
import { CALL, PARTITIONS, PORTS, TRUSTS, type WorldFacts } from "./wire.js";

function flash(bus: Bus, name: (typeof PARTITIONS)[number], { flash }: WorldFacts): Flash {
	const partition = PARTITIONS.indexOf(name);
	return {
		...flash[name],
		read: (address, into) => {
			bus.receive(CALL.flashRead, into, partition, address, into.length);
		},
		write: (address, data) => {
			bus.send(CALL.flashWrite, data, partition, address);
		},
		erase: (sector) => {
			bus.call(CALL.flashErase, partition, sector);
		},
	};
}

function serial(bus: Bus, name: (typeof PORTS)[number]): SerialClass {
	return class implements Serial {
		format = "buffer" as const;
		readonly #id: number;

		constructor(options: SerialOptions) {
			this.#id = bus.listen((count) => {
				// Room to write is told as a negative number.
				if (count > 0) options.onReadable?.(count);
				else options.onWritable?.(-count);
			});
			bus.call(CALL.serialOpen, this.#id, PORTS.indexOf(name), options.baud);
		}

		read(into: Uint8Array): number | undefined {
			return bus.receive(CALL.serialRead, into, this.#id, into.length) || undefined;
		}

		write(data: Uint8Array): void {
			bus.send(CALL.serialWrite, data, this.#id);
		}

		close(): void {
			bus.call(CALL.serialClose, this.#id);
		}
	};
}

function digital(bus: Bus, part: string): DigitalClass {
	return class implements Digital {
		readonly #id: number;

		constructor(options: DigitalOptions) {
			const { onReadable, ...plain } = options;
			this.#id = bus.listen(() => onReadable?.());
			const listens = onReadable === undefined ? 0 : 1;
			bus.sendText(CALL.digitalOpen, JSON.stringify({ part, options: plain }), this.#id, listens);
		}

		read(): number {
			return bus.call(CALL.digitalRead, this.#id);
		}

		write(level: number): void {
			bus.call(CALL.digitalWrite, this.#id, level);
		}

		close(): void {
			bus.call(CALL.digitalClose, this.#id);
		}
	};
}

function relay(bus: Bus): GuardedOutputClass {
	return class implements GuardedOutput {
		constructor() {
			bus.call(CALL.relayOpen);
		}

		hold(ms: number): void {
			bus.call(CALL.relayHold, ms);
		}

		release(): void {
			bus.call(CALL.relayRelease);
		}

		read(): number {
			return bus.call(CALL.relayRead);
		}

		close(): void {
			bus.call(CALL.relayClose);
		}
	};
}

export function platformOnBus(bus: Bus, facts: WorldFacts): Platform {
	const inputs: Record<string, InputUse> = {};
	for (const name of facts.inputs) inputs[name] = { digital: { io: digital(bus, name) } };
	const { red, green, blue } = facts.light as Record<string, Record<string, unknown>>;
	return {
		clock: {
			now: () => bus.now(),
			alarm: (callback) => {
				const id = bus.listen(callback);
				bus.call(CALL.alarmOpen, id);
				return {
					set: (ms) => {
						bus.call(CALL.alarmSet, id, ms);
					},
					clear: () => {
						bus.call(CALL.alarmClear, id);
					},
					close: () => {
						bus.call(CALL.alarmClear, id);
					},
				};
			},
		},
		wall: {
			now: () => bus.call(CALL.wallNow),
			trust: () => TRUSTS[bus.call(CALL.wallTrust)]!,
			set: (seconds, trust) => {
				bus.call(CALL.wallSet, seconds, TRUSTS.indexOf(trust));
			},
		},
		random: {
			fill: (into) => {
				bus.receive(CALL.random, into, into.length);
			},
		},
		crypto: new NativeCrypto(),
		flash: {
			plan: flash(bus, "plan", facts),
			log: flash(bus, "log", facts),
			config: flash(bus, "config", facts),
		},
		floor: {
			read: () => bus.call(CALL.floorRead),
			raise: (to) => {
				bus.call(CALL.floorRaise, to);
			},
		},
		watchdog: { feed: () => undefined },
		restartCause: facts.restartCause as RestartCause,
		pn532: {
			serial: {
				io: serial(bus, "pn532"),
				baud: 115_200,
				...(facts.fastBaud === undefined ? {} : { fastBaud: facts.fastBaud }),
			},
			reset: { io: digital(bus, "reset") },
		},
		relay: { io: relay(bus) },
		inputs,
		light: { io: digital(bus, "light"), red: red!, green: green!, blue: blue! },
		sounder: {
			tone: (hertz) => {
				bus.call(CALL.tone, hertz);
			},
			close: () => {
				bus.call(CALL.tone, 0);
			},
		},
		...(facts.console ? { console: { io: serial(bus, "console"), baud: 115_200 } } : {}),
		...(facts.bluetooth ? { bluetooth: { io: bluetoothOnBus(bus) } } : {}),
		...(facts.resetButton ? { resetButton: { io: digital(bus, "resetButton") } } : {}),
		...(facts.hardware ? { hardware: facts.hardware } : {}),
		restart: () => {
			bus.call(CALL.restart);
		},
		trace: (text) => {
			bus.send(CALL.trace, utf8Encode(text));
		},
	};
}
