// SPDX-License-Identifier: Apache-2.0

/** Ports, pins and outputs of the world, at the other end of the bus: what `io` of a platform's parts is on XS in a process of its own. */
import type {
	Analog,
	AnalogOptions,
	Digital,
	DigitalOptions,
	I2C,
	I2COptions,
	Serial,
	SerialOptions,
	SPI,
	SPIOptions,
} from "../../hal/contracts/io.js";
import type { GuardedOutput, GuardedOutputOptions } from "../../hal/contracts/output.js";
import type { Bus } from "./device.js";
import { CALL, PORTS } from "./wire.js";

// Bound once, since a property of so large an object is searched for.
const {
	spiTransfer: SPI_TRANSFER,
	spiFlush: SPI_FLUSH,
	spiWrite: SPI_WRITE,
	digitalRead: DIGITAL_READ,
	digitalWrite: DIGITAL_WRITE,
	relayHold: RELAY_HOLD,
	relayRead: RELAY_READ,
	tone: TONE,
} = CALL;

/** For what is not listened to. */
export function deaf(): void {}

export class BusSerial implements Serial {
	format = "buffer" as const;
	readonly #bus: Bus;
	readonly #id: number;

	constructor(options: SerialOptions) {
		const { bus, part } = options as unknown as { bus: Bus; part: (typeof PORTS)[number] };
		this.#bus = bus;
		this.#id = bus.listen((count) => {
			// Room to write is told as a negative number.
			if (count > 0) options.onReadable?.(count);
			else options.onWritable?.(-count);
		});
		const wantsRoom = options.onWritable === undefined ? 0 : 1;
		bus.call(CALL.serialOpen, this.#id, 2 * PORTS.indexOf(part) + wantsRoom, options.baud);
	}

	read(into: Uint8Array): number | undefined {
		return this.#bus.receive(CALL.serialRead, into, this.#id, into.length) || undefined;
	}

	write(data: Uint8Array): void {
		this.#bus.send(CALL.serialWrite, data, this.#id);
	}

	close(): void {
		this.#bus.call(CALL.serialClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusSPI implements SPI {
	format = "buffer" as const;
	readonly #bus: Bus;
	readonly #id: number;

	constructor(options: SPIOptions) {
		this.#bus = options.bus as Bus;
		this.#id = this.#bus.listen(deaf);
		this.#bus.call(CALL.spiOpen, this.#id, options.hz, options.mode);
	}

	read(into: Uint8Array): void {
		this.#bus.receive(CALL.spiRead, into, this.#id, into.length);
	}

	write(data: Uint8Array): void {
		this.#bus.send(SPI_WRITE, data, this.#id);
	}

	transfer(bytes: Uint8Array): void {
		this.#bus.exchange(SPI_TRANSFER, bytes, this.#id);
	}

	flush(deselect?: boolean): void {
		this.#bus.call(SPI_FLUSH, this.#id, deselect ? 1 : 0);
	}

	close(): void {
		this.#bus.call(CALL.spiClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusI2C implements I2C {
	format = "buffer" as const;
	readonly #bus: Bus;
	readonly #id: number;

	constructor(options: I2COptions) {
		this.#bus = options.bus as Bus;
		this.#id = this.#bus.listen(deaf);
		const { address, hz, part, timeout } = options;
		this.#bus.sendText(CALL.i2cOpen, JSON.stringify({ part, timeout }), this.#id, address, hz);
	}

	read(into: Uint8Array): void {
		this.#bus.receive(CALL.i2cRead, into, this.#id, into.length);
	}

	write(data: Uint8Array): void {
		this.#bus.send(CALL.i2cWrite, data, this.#id);
	}

	close(): void {
		this.#bus.call(CALL.i2cClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusDigital implements Digital {
	readonly #bus: Bus;
	readonly #id: number;

	constructor(options: DigitalOptions) {
		const { bus, onReadable, ...plain } = options;
		this.#bus = bus as Bus;
		this.#id = this.#bus.listen(onReadable ?? deaf);
		const listens = onReadable === undefined ? 0 : 1;
		this.#bus.sendText(CALL.digitalOpen, JSON.stringify(plain), this.#id, listens);
	}

	read(): number {
		return this.#bus.call(DIGITAL_READ, this.#id);
	}

	write(level: number): void {
		this.#bus.call(DIGITAL_WRITE, this.#id, level);
	}

	close(): void {
		this.#bus.call(CALL.digitalClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusAnalog implements Analog {
	readonly resolution: number;
	readonly #bus: Bus;
	readonly #id: number;

	constructor({ bus, part }: AnalogOptions) {
		this.#bus = bus as Bus;
		this.#id = this.#bus.listen(deaf);
		this.resolution = this.#bus.sendText(CALL.analogOpen, part as string, this.#id);
	}

	read(): number {
		return this.#bus.call(CALL.analogRead, this.#id);
	}

	close(): void {
		this.#bus.call(CALL.analogClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

export class BusRelay implements GuardedOutput {
	readonly #bus: Bus;

	constructor(options: GuardedOutputOptions) {
		this.#bus = options.bus as Bus;
		this.#bus.call(CALL.relayOpen);
	}

	hold(ms: number): void {
		this.#bus.call(RELAY_HOLD, ms);
	}

	release(): void {
		this.#bus.call(CALL.relayRelease);
	}

	read(): number {
		return this.#bus.call(RELAY_READ);
	}

	close(): void {
		this.#bus.call(CALL.relayClose);
	}
}

export class BusSounder {
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	tone(hertz: number): void {
		this.#bus.call(TONE, hertz);
	}

	close(): void {
		this.tone(0);
	}
}
