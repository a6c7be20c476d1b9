// SPDX-License-Identifier: Apache-2.0

import type { Serial } from "../../hal/contracts/io.js";
import { NONE, Pn532FrameReader, PUSH_MAX } from "./frame.js";
import type { Listener, Port, SerialUse } from "./port.js";

/** The chip's rate after a reset, bits per second (UM0701-02, 6.2.3). */
export const HSU_BAUD = 115200;

/** Bytes of the wake-up: 55 55, whose edges wake the chip, then zeros while it starts (UM0701-02, 7.2.11; AN10609_3). */
const WAKE_LENGTH = 16;
/** Bytes written at once to a port that reports no room: half of the ESP32's FIFO. */
const PIECE = 64;

/** High-speed UART. */
export class HsuPort implements Port {
	readonly reader = new Pn532FrameReader();
	faults = 0;

	private readonly use: SerialUse;
	private readonly listener: Listener;
	readonly #wake = new Uint8Array(WAKE_LENGTH);
	private readonly onReadable = (): void => this.readable();
	private readonly onWritable = (count: number): void => this.writable(count);
	private readonly home: number;
	private serial: Serial | undefined;
	#baud: number;
	/** Time of one byte (ten bits), 1/1024 ms: `wireMs` needs no division, whose result some engines allocate. */
	private byteTime = 0;
	private expecting = false;
	/** Bytes that the port takes now, as it last reported. */
	private room = 0;
	private rest: Uint8Array | undefined;

	constructor(use: SerialUse, listener: Listener) {
		this.use = use;
		this.listener = listener;
		this.#wake[0] = 0x55;
		this.#wake[1] = 0x55;
		this.home = use.baud ?? HSU_BAUD;
		this.#baud = this.home;
		this.open();
	}

	get baud(): number {
		return this.#baud;
	}

	private open(): void {
		this.byteTime = Math.ceil((10_000 * 1024) / this.#baud);
		this.room = 0;
		this.rest = undefined;
		this.reader.clear();
		this.serial = new this.use.io({
			...this.use,
			baud: this.#baud,
			format: "buffer",
			onReadable: this.onReadable,
			onWritable: this.onWritable,
		});
	}

	/** Changes the host's rate. The bytes under way must be out before. */
	setBaud(baud: number): void {
		this.#baud = baud;
		this.close();
		try {
			this.open();
		} catch {
			this.faults++;
		}
	}

	/** The other rate that the chip may still have from before a restart of the host. */
	otherBaud: number | undefined;

	reopen(attempt: number): void {
		this.setBaud(this.otherBaud !== undefined && attempt % 2 === 1 ? this.otherBaud : this.home);
	}

	prepare(frame: Uint8Array): Uint8Array {
		return frame;
	}

	send(wire: Uint8Array): void {
		this.rest = undefined;
		this.write(wire);
	}

	private write(bytes: Uint8Array): void {
		const serial = this.serial;
		if (serial === undefined) {
			this.faults++;
			return;
		}
		try {
			serial.write(bytes);
			this.room = Math.max(0, this.room - bytes.length);
			return;
		} catch {
			// No room for all of it: the rest is written when the port reports room.
		}
		let sent = 0;
		try {
			while (sent < bytes.length) {
				const size = Math.min(this.room || PIECE, bytes.length - sent);
				serial.write(bytes.subarray(sent, sent + size));
				sent += size;
				this.room = Math.max(0, this.room - size);
			}
		} catch {
			this.room = 0;
			this.rest = bytes.slice(sent);
		}
	}

	private writable(count: number): void {
		this.room = count;
		const rest = this.rest;
		if (rest === undefined) return;
		this.rest = undefined;
		this.write(rest);
	}

	private readable(): void {
		const reader = this.reader;
		let count: number | undefined;
		do {
			count = 0;
			try {
				count = this.serial?.read(reader.landing);
			} catch {
				this.faults++;
			}
			if (!count) return;
			if (!this.expecting) reader.clear();
			else if (reader.take(count)) this.frames(reader);
			// Less than the buffer holds: nothing is left to read.
		} while (count === PUSH_MAX);
	}

	private frames(reader: Pn532FrameReader): void {
		for (let kind = reader.next(); kind !== NONE; kind = reader.next()) this.listener.received(kind);
		if (reader.wanted > 0) this.listener.partial();
	}

	expect(bytes: number): void {
		this.expecting = bytes > 0;
	}

	check(): void {
		this.readable();
	}

	wake(): void {
		this.write(this.#wake);
	}

	drain(): void {
		this.expecting = false;
		this.readable();
		this.reader.clear();
	}

	wireMs(bytes: number): number {
		return ((bytes * this.byteTime) >> 10) + 1;
	}

	close(): void {
		this.rest = undefined;
		this.expecting = false;
		try {
			this.serial?.close();
		} catch {
			this.faults++;
		}
		this.serial = undefined;
	}
}
