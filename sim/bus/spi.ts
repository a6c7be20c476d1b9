// SPDX-License-Identifier: Apache-2.0

import type { DataFormat, SPI, SPIClass, SPIOptions } from "../../hal/contracts/io.js";

/** A chip on SPI. Bytes are as the wire has them, first bit on top. */
export interface SPIDevice {
	select(hz: number, mode: number): void;
	/** One byte each way. */
	exchange(out: number): number;
	deselect(): void;
}

/** A SPI bus with one chip; chip select falls at the first byte and rises at `flush(true)`. `hold`: the
 * processor waits for the bus, µs; without it, it does not. */
export function spiClass(device: SPIDevice, hold?: (micros: number) => void): SPIClass {
	return class extends HostSPI {
		constructor(options: SPIOptions) {
			super(device, options, hold);
		}
	};
}

class HostSPI implements SPI {
	format: DataFormat = "buffer";
	readonly #device: SPIDevice;
	readonly #hz: number;
	readonly #mode: number;
	readonly #hold: ((micros: number) => void) | undefined;
	#bytes = 0;
	#selected = false;
	#open = true;

	constructor(device: SPIDevice, options: SPIOptions, hold?: (micros: number) => void) {
		this.#device = device;
		this.#hold = hold;
		this.#hz = options.hz;
		this.#mode = options.mode ?? 0;
	}

	read(buffer: Uint8Array): void {
		this.#select(buffer.length);
		for (let i = 0; i < buffer.length; i++) buffer[i] = this.#device.exchange(0);
	}

	write(data: Uint8Array): void {
		this.#select(data.length);
		for (const byte of data) this.#device.exchange(byte);
	}

	transfer(buffer: Uint8Array): void {
		this.#select(buffer.length);
		for (let i = 0; i < buffer.length; i++) buffer[i] = this.#device.exchange(buffer[i]!);
	}

	flush(deselect?: boolean): void {
		this.#check();
		if (!deselect || !this.#selected) return;
		this.#selected = false;
		this.#device.deselect();
		this.#hold?.((this.#bytes * 8_000_000) / this.#hz);
	}

	close(): void {
		if (!this.#open) return;
		this.flush(true);
		this.#open = false;
	}

	#select(bytes: number): void {
		this.#check();
		if (!this.#selected) this.#bytes = 0;
		this.#bytes += bytes;
		if (this.#selected) return;
		this.#selected = true;
		this.#device.select(this.#hz, this.#mode);
	}

	#check(): void {
		if (!this.#open) throw new Error("closed");
	}
}
