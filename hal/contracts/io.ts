// SPDX-License-Identifier: Apache-2.0

/**
 * What the firmware needs of a platform's IO.
 *
 * The IO interfaces have the shape of ECMA-419 (2nd edition, clause 9 "IO Class Pattern"): a constructor takes one
 * options object, `read` gives `undefined` when there is nothing, `write` throws when there is no room, callbacks come
 * in the options. So on the ESP32 the `embedded:io/*` classes are passed straight in.
 *
 * All of it is synchronous or calls back from the platform's event loop. Firmware never blocks and never awaits.
 */

/** ECMA-419 clause 9.4: how `read` and `write` see data. */
export type DataFormat = "number" | "buffer" | "string";

export interface Closable {
	close(): void;
}

/** A class of IO: what a driver finds under `io` in its options, beside the options of that class (pins, speed). */
export type IOClass<Options, Instance> = new (options: Options) => Instance;

export interface SerialOptions {
	/** Bits per second. */
	baud: number;
	format?: DataFormat;
	/** Bytes can be read. `count`: how many, at least 1. */
	onReadable?: (count: number) => void;
	/** Bytes can be written. `count`: how many `write` takes now. */
	onWritable?: (count: number) => void;
	/** Pins, port: the platform's own. */
	[platform: string]: unknown;
}

/**
 * ECMA-419 clause 10.6, format "buffer".
 * On the ESP32 only the hardware FIFO of 128 bytes is behind it, so all of it has to be read at once.
 */
export interface Serial extends Closable {
	format: DataFormat;
	/** Reads into `buffer`; the number of bytes read, `undefined` or 0 when there were none. */
	read(buffer: Uint8Array): number | undefined;
	/** Writes all of `data`. Throws, and writes nothing, when there is no room for all of it. */
	write(data: Uint8Array): void;
}

export interface SPIOptions {
	/** Clock, hertz. */
	hz: number;
	/** 0 to 3. */
	mode?: number;
	format?: DataFormat;
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.8. Always MSB first: there is no LSB-first option on the ESP32. */
export interface SPI extends Closable {
	format: DataFormat;
	/** Fills `buffer` from the bus. */
	read(buffer: Uint8Array): void;
	write(data: Uint8Array): void;
	/** Full duplex, in place. */
	transfer(buffer: Uint8Array): void;
	/** Ends the transaction; `true` lifts chip select. */
	flush(deselect?: boolean): void;
}

export interface I2COptions {
	/** Clock, hertz. */
	hz: number;
	/** 7-bit address. */
	address: number;
	/** How long the target may stretch the clock, ms. */
	timeout?: number;
	format?: DataFormat;
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.4. Throws when the target does not acknowledge. */
export interface I2C extends Closable {
	format: DataFormat;
	read(buffer: Uint8Array, stop?: boolean): void;
	write(data: Uint8Array, stop?: boolean): void;
}

/** ECMA-419 clause 10.2: modes and edges are small integers there; names here, mapped in `hal`. */
export interface DigitalOptions {
	mode: "input" | "input-pull-up" | "input-pull-down" | "output" | "output-open-drain";
	/** Level driven from the first moment, 0 or 1. Required for outputs that move something. */
	initialValue?: number;
	/** Which edges call `onReadable`. Absent: both. */
	edge?: "rising" | "falling" | "both";
	onReadable?: () => void;
	[platform: string]: unknown;
}

export interface Digital extends Closable {
	/** 0 or 1. */
	read(): number;
	write(level: number): void;
}

export type SerialClass = IOClass<SerialOptions, Serial>;
export type SPIClass = IOClass<SPIOptions, SPI>;
export type I2CClass = IOClass<I2COptions, I2C>;
export type DigitalClass = IOClass<DigitalOptions, Digital>;

/** Reverses the bits of each byte of `bytes[0..length)` in place. */
export type ReverseBits = (bytes: Uint8Array, length: number) => void;

/** Sum of `bytes[from..to)`, low 8 bits. */
export type SumBytes = (bytes: Uint8Array, from: number, to: number) => number;

/** An IO class and the options of this use of it (pins, port, speed), as ECMA-419 peripheral drivers take them. */
export type SerialUse = { io: SerialClass } & Partial<SerialOptions>;
export type SPIUse = {
	io: SPIClass;
	/** The platform's own code, where it has some. */
	reverseBits?: ReverseBits;
	sumBytes?: SumBytes;
} & Partial<SPIOptions>;
export type I2CUse = { io: I2CClass } & Partial<I2COptions>;
export type DigitalUse = { io: DigitalClass } & Partial<DigitalOptions>;

export interface AnalogOptions {
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.1. */
export interface Analog extends Closable {
	/** Bits of a reading. */
	readonly resolution: number;
	/** 0 to 2^resolution - 1, the share of the reference voltage. */
	read(): number;
}

export type AnalogClass = IOClass<AnalogOptions, Analog>;
