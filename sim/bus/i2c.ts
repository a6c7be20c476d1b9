// SPDX-License-Identifier: Apache-2.0

import type { DataFormat, I2C, I2CClass, I2COptions } from "../../hal/contracts/io.js";

/** A chip on I2C. */
export interface I2CDevice {
	readonly address: number;
	/** How long the chip will hold SCL in the transaction that begins now, µs; Infinity: for ever. */
	stretch(): number;
	/** False: the address is not acknowledged. */
	begin(read: boolean): boolean;
	write(data: Uint8Array, hz: number): void;
	read(buffer: Uint8Array, hz: number): void;
}

/** What the ESP32's controller waits for a stretched clock unless told otherwise, ms (esphome/issues 4340: 100 µs). */
const DEFAULT_TIMEOUT = 0.1;

/** An I2C bus with one chip on it. `hold`: the processor waits for the bus, µs; without it, it does not. */
export function i2cClass(device: I2CDevice, hold?: (micros: number) => void): I2CClass {
	return class extends HostI2C {
		constructor(options: I2COptions) {
			super(device, options, hold);
		}
	};
}

/** Start, address, nine clocks a byte. */
export function busMicros(bytes: number, hz: number): number {
	return ((bytes + 1) * 9_000_000) / hz;
}

class HostI2C implements I2C {
	format: DataFormat = "buffer";
	readonly #device: I2CDevice;
	readonly #options: I2COptions;
	readonly #hold: ((micros: number) => void) | undefined;
	#stretch = 0;
	#open = true;

	constructor(device: I2CDevice, options: I2COptions, hold?: (micros: number) => void) {
		this.#device = device;
		this.#hold = hold;
		this.#options = options;
	}

	read(buffer: Uint8Array, _stop?: boolean): void {
		this.#begin(true);
		this.#device.read(buffer, this.#options.hz);
		this.#held(buffer.length);
	}

	write(data: Uint8Array, _stop?: boolean): void {
		this.#begin(false);
		this.#device.write(data, this.#options.hz);
		this.#held(data.length);
	}

	close(): void {
		this.#open = false;
	}

	/** The transaction has held the bus, its clock stretched. */
	#held(bytes: number): void {
		this.#hold?.(this.#stretch + busMicros(bytes, this.#options.hz));
	}

	#begin(read: boolean): void {
		if (!this.#open) throw new Error("closed");
		const timeout = (this.#options.timeout ?? DEFAULT_TIMEOUT) * 1000;
		this.#stretch = this.#device.stretch();
		if (this.#stretch > timeout) throw new Error("clock held low");
		if (this.#options.address !== this.#device.address || !this.#device.begin(read))
			throw new Error("not acknowledged");
	}
}
