// SPDX-License-Identifier: Apache-2.0

import type { Serial, SerialUse } from "../../hal/contracts/io.js";

/** Bytes of a text at most: a code has 395, and its terminator one or two. What is longer is passed over. */
export const MAX_TEXT = 512;
/** Bytes that are read at once: as many as the ESP32 has behind a serial port. */
const LANDING = 128;

export interface ScannerEvents {
	/** A text was read: `text[0..length)`, valid during the call, in which it may be overwritten. */
	onText(text: Uint8Array, length: number): void;
	/** Whether the scanner is as it has to be. One that only sends lines never says so. */
	onState(works: boolean, detail: string): void;
}

/** What a port's bytes are for: looks at them as they land, and keeps those of a text. */
export interface TextFormat {
	/** `bytes[0..count)` have come. */
	take(bytes: Uint8Array, count: number): void;
}

/** A scanner's serial port, with room for one text behind what lands: nothing is allocated while it is read. */
export class TextPort {
	/** What lands, and behind it the text. */
	private readonly all = new Uint8Array(LANDING + MAX_TEXT);
	private readonly landing: Uint8Array = this.all.subarray(0, LANDING);
	/** The text from its beginning. */
	readonly text: Uint8Array = this.all.subarray(LANDING);
	/** Bytes of it so far; more than `MAX_TEXT` where it does not fit. */
	length = 0;
	private readonly use: SerialUse;
	private readonly format: TextFormat;
	private readonly onReadable = (): void => this.readable();
	private serial: Serial | undefined;

	constructor(use: SerialUse, format: TextFormat) {
		this.use = use;
		this.format = format;
	}

	/** Opens the port, or opens it again at another rate. */
	open(baud: number): void {
		this.serial?.close();
		this.serial = undefined;
		this.length = 0;
		const { onReadable, use } = this;
		this.serial = new use.io({ ...use, baud, format: "buffer", onReadable });
	}

	/** False where there is no room for all of it; nothing is written then. */
	write(bytes: Uint8Array): boolean {
		try {
			this.serial!.write(bytes);
			return true;
		} catch {
			// ECMA-419: the port has no room now, and its caller comes again.
			return false;
		}
	}

	/** Appends `count` of the bytes that have landed, from `from` on. */
	append(from: number, count: number): void {
		const { length } = this;
		this.length = length + count;
		if (this.length <= MAX_TEXT) this.all.copyWithin(LANDING + length, from, from + count);
	}

	private readable(): void {
		const { landing, serial } = this;
		let count: number | undefined;
		do {
			count = serial!.read(landing);
			if (count) this.format.take(landing, count);
			// Less than the buffer holds: nothing is left to read.
		} while (count === LANDING);
	}
}
