// SPDX-License-Identifier: Apache-2.0

import type { DataFormat, Serial, SerialClass, SerialOptions } from "../../hal/contracts/io.js";
import type { VirtualTime } from "../time.js";

export interface UARTOptions {
	/** Bytes of the host's receive and transmit buffers; 128 each on the ESP32. */
	readonly fifo?: number;
	/**
	 * Bytes after which the host's interrupt comes, or a pause; 16 where absent. Harsher than the ESP32, on purpose: the
	 * SDK (8.2.3, modules/io/serial/esp32/serial.c) asks for RXFIFO_FULL and for RXFIFO_TOUT after 4 symbols and sets no
	 * threshold, nor does ESP-IDF's uart_param_config, so there the register's reset value holds, 96 bytes
	 * (UART_RXFIFO_FULL_THRHD, default 7'h60, in ESP-IDF's soc/uart_reg.h). Fewer bytes show more seams and cost more.
	 */
	readonly threshold?: number;
}

/** Rates that differ by more than this do not understand each other (UART receivers take about 4 %). */
const TOLERANCE = 0.04;

/** A UART: two wires between a host and a device, each end with its own rate. 8N1: ten bits a byte. */
export class UART {
	/** For the host: an ECMA-419 Serial class on this line. */
	readonly Serial: SerialClass;
	/** The device's rate. */
	baud = 115200;
	/** Bytes that the device hears; byte i ends at `first + i · each` µs. */
	onHost: ((bytes: Uint8Array, first: number, each: number) => void) | undefined;
	/** Bytes lost because the host did not read. */
	overruns = 0;
	/** When the device last began to send, µs. */
	sent = 0;

	readonly time: VirtualTime;
	readonly fifo: number;
	readonly #threshold: number;
	#host: HostSerial | undefined;
	#hostFree = 0;
	#deviceFree = 0;
	#epoch = 0;

	constructor(time: VirtualTime, options: UARTOptions = {}) {
		this.time = time;
		this.fifo = options.fifo ?? 128;
		this.#threshold = options.threshold ?? 16;
		const line = this;
		this.Serial = class extends HostSerial {
			constructor(serialOptions: SerialOptions) {
				super(line, serialOptions);
			}
		};
	}

	/** The device sends. */
	send(bytes: Uint8Array): void {
		const each = 10_000_000 / this.baud;
		const { baud } = this;
		let at = Math.max(this.#deviceFree, this.time.micros);
		const epoch = this.#epoch;
		this.sent = at;
		for (let from = 0; from < bytes.length; from += this.#threshold) {
			const piece = bytes.slice(from, from + this.#threshold);
			at += piece.length * each;
			this.time.after(at - this.time.micros, () => {
				if (epoch === this.#epoch) this.#host?.arrive(understood(piece, baud, this.#host.baud));
			});
		}
		this.#deviceFree = at;
	}

	/** Nothing of the device for this long, µs. */
	pause(micros: number): void {
		this.#deviceFree = Math.max(this.#deviceFree, this.time.micros) + micros;
	}

	/** The device drops what it has not sent. */
	drop(): void {
		this.#epoch++;
		this.#deviceFree = this.time.micros;
	}

	open(host: HostSerial): void {
		if (this.#host !== undefined) throw new Error("port is in use");
		this.#host = host;
	}

	closeHost(host: HostSerial): void {
		if (this.#host === host) this.#host = undefined;
	}

	/** The host sends; calls back when its last byte is out. */
	sendFromHost(bytes: Uint8Array, baud: number, out: () => void): void {
		const each = 10_000_000 / baud;
		const begin = Math.max(this.#hostFree, this.time.micros);
		this.#hostFree = begin + bytes.length * each;
		const { hardware, micros } = this.time;
		hardware.after(this.#hostFree - micros, () =>
			this.onHost?.(understood(bytes, baud, this.baud), begin + each, each),
		);
		this.time.after(this.#hostFree - micros, out);
	}
}

/** What a receiver at another rate makes of bytes: other bytes, fewer or more of them. */
function understood(bytes: Uint8Array, sent: number, heard: number): Uint8Array {
	if (Math.abs(sent - heard) <= TOLERANCE * heard) return bytes;
	const length = Math.max(1, Math.round((bytes.length * heard) / sent));
	const garbled = new Uint8Array(Math.min(length, 4 * bytes.length));
	for (let i = 0; i < garbled.length; i++) {
		const source = bytes[Math.floor((i * bytes.length) / garbled.length)]!;
		garbled[i] = heard < sent ? source | 0x80 : (source & 0x0f) * 0x11 || 0x80;
	}
	return garbled;
}

export class HostSerial implements Serial {
	readonly baud: number;
	format: DataFormat = "buffer";
	readonly #line: UART;
	readonly #options: SerialOptions;
	#received: number[] = [];
	#queued = 0;
	#open = true;

	constructor(line: UART, options: SerialOptions) {
		if (options.format !== undefined && options.format !== "buffer") throw new RangeError("format");
		this.baud = options.baud;
		this.#line = line;
		this.#options = options;
		line.open(this);
		line.time.after(0, () => this.#writable());
	}

	arrive(bytes: Uint8Array): void {
		const room = this.#line.fifo - this.#received.length;
		this.#line.overruns += Math.max(0, bytes.length - room);
		this.#received.push(...bytes.subarray(0, Math.max(0, room)));
		if (this.#received.length > 0) this.#options.onReadable?.(this.#received.length);
	}

	read(buffer: Uint8Array): number | undefined {
		this.#check();
		if (this.#received.length === 0) return undefined;
		const count = Math.min(buffer.length, this.#received.length);
		buffer.set(this.#received.slice(0, count));
		this.#received = this.#received.slice(count);
		return count;
	}

	write(data: Uint8Array): void {
		this.#check();
		if (data.length > this.#line.fifo - this.#queued) throw new RangeError("buffer overflow");
		if (data.length === 0) return;
		this.#queued += data.length;
		this.#line.sendFromHost(data.slice(), this.baud, () => {
			this.#queued -= data.length;
			this.#writable();
		});
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		this.#line.closeHost(this);
	}

	#writable(): void {
		if (this.#open) this.#options.onWritable?.(this.#line.fifo - this.#queued);
	}

	#check(): void {
		if (!this.#open) throw new Error("closed");
	}
}
