// SPDX-License-Identifier: Apache-2.0

import { type AutoDetectTypes, autoDetect } from "@serialport/bindings-cpp";
import { SerialPortStream } from "@serialport/stream";
import type { DataFormat, Serial, SerialOptions } from "../contracts/io.js";

export interface NodeSerialOptions extends SerialOptions {
	/** Path or name: /dev/ttyUSB0, /dev/cu.usbserial-10, COM3. */
	port: string;
	/**
	 * Level of the modem line DTR after opening, as of RTS low unless given. On most ESP32 boards the two are wired to reset and
	 * boot mode, and a difference between them resets the board: so both are always set, in one call.
	 */
	dtr?: boolean;
	rts?: boolean;
	/** The port could not be opened, failed or was unplugged. Only `close` works afterwards. */
	onError?: (error: SerialError) => void;
}

/** Reasons for programs to decide by; they never change. The message is the operating system's. */
export type SerialErrorReason = "port-not-opened" | "port-lost" | "port-write-failed" | "port-lines-not-set";

export class SerialError extends Error {
	override readonly name = "SerialError";
	readonly reason: SerialErrorReason;
	readonly port: string;

	constructor(reason: SerialErrorReason, port: string, cause: Error) {
		super(`${port}: ${cause.message}`, { cause });
		this.reason = reason;
		this.port = port;
	}
}

/** Bytes buffered each way. */
const BUFFER = 65536;

/** Ports that are being closed. Opening one again, for another baud rate, waits for the end of that. */
const closing = new Map<string, Promise<void>>();

/** A pseudo-terminal has no modem lines (ENOTTY; the binding gives its text only). */
function hasNoLines(error: Error): boolean {
	return /inappropriate ioctl/i.test(error.message);
}

/**
 * ECMA-419 Serial on a port of the computer, with `format` "buffer". It opens in the background: earlier writes are sent when it is
 * open, which `onWritable` reports.
 */
export class NodeSerial implements Serial {
	format: DataFormat = "buffer";
	readonly #options: NodeSerialOptions;
	readonly #stream: SerialPortStream<AutoDetectTypes>;
	readonly #received: Uint8Array[] = [];
	#count = 0;
	#open = true;
	#failed = false;
	/** Called when opening has ended, successfully or not. */
	#opened: (() => void) | undefined;

	constructor(options: SerialOptions) {
		if (typeof options.port !== "string" || options.port === "") throw new TypeError("port is missing");
		if (options.format !== undefined && options.format !== "buffer") throw new RangeError("format");
		this.#options = options as NodeSerialOptions;
		const { port, baud } = this.#options;
		this.#stream = new SerialPortStream({
			binding: autoDetect(),
			path: port,
			baudRate: baud,
			autoOpen: false,
			// Closing must not change the lines: dropping DTR alone would reset a board.
			hupcl: false,
			highWaterMark: BUFFER,
		});
		this.#stream.on("data", (bytes: Buffer) => this.#arrive(bytes));
		this.#stream.on("error", (error) => this.#fail("port-write-failed", error));
		this.#stream.on("close", (error: Error | null) => {
			if (error) this.#fail("port-lost", error);
		});
		const before = closing.get(port);
		if (before) before.then(() => this.#begin());
		else this.#begin();
	}

	#begin(): void {
		if (!this.#open) return;
		this.#stream.open((error) => {
			this.#opened?.();
			if (error) this.#fail("port-not-opened", error);
			if (error || !this.#open) return;
			const { dtr = false, rts = false } = this.#options;
			this.#stream.set({ brk: false, cts: false, dsr: false, dtr, rts }, (refused) => {
				if (refused && !hasNoLines(refused)) this.#fail("port-lines-not-set", refused);
				else this.#writable();
			});
		});
	}

	read(buffer: Uint8Array): number | undefined {
		this.#check();
		let at = 0;
		while (at < buffer.length && this.#received.length > 0) {
			const first = this.#received[0]!;
			const part = first.subarray(0, buffer.length - at);
			buffer.set(part, at);
			at += part.length;
			if (part.length === first.length) this.#received.shift();
			else this.#received[0] = first.subarray(part.length);
		}
		this.#count -= at;
		if (this.#stream.isPaused() && this.#count < BUFFER) this.#stream.resume();
		return at === 0 ? undefined : at;
	}

	write(data: Uint8Array): void {
		this.#check();
		if (this.#failed) throw new Error("port is gone");
		if (this.#stream.writableLength + data.length > BUFFER) throw new RangeError("buffer overflow");
		this.#stream.write(Buffer.from(data), (error) => {
			if (!error) this.#writable();
		});
	}

	close(): void {
		if (!this.#open) return;
		this.#open = false;
		if (this.#stream.isOpen || this.#stream.opening) this.#shut();
	}

	#shut(): void {
		const { port } = this.#options;
		const closed = new Promise<void>((resolve) => {
			// An error means that the port is closed already.
			const shut = (): void => this.#stream.close(() => resolve());
			if (this.#stream.opening) this.#opened = shut;
			else shut();
		}).then(() => {
			if (closing.get(port) === closed) closing.delete(port);
		});
		closing.set(port, closed);
	}

	#arrive(bytes: Buffer): void {
		if (!this.#open) return;
		this.#received.push(Uint8Array.from(bytes));
		this.#count += bytes.length;
		if (this.#count >= BUFFER) this.#stream.pause();
		this.#options.onReadable?.(this.#count);
	}

	#writable(): void {
		if (this.#open && !this.#failed) this.#options.onWritable?.(BUFFER - this.#stream.writableLength);
	}

	#fail(reason: SerialErrorReason, cause: Error): void {
		if (!this.#open || this.#failed) return;
		this.#failed = true;
		this.#options.onError?.(new SerialError(reason, this.#options.port, cause));
	}

	#check(): void {
		if (!this.#open) throw new Error("closed");
	}
}
