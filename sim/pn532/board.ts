// SPDX-License-Identifier: Apache-2.0

import type { DigitalClass, I2CClass, SerialClass, SPIClass } from "../../hal/contracts/io.js";
import { i2cClass } from "../bus/i2c.js";
import { Line } from "../bus/line.js";
import { UART, type UARTOptions } from "../bus/serial.js";
import { spiClass } from "../bus/spi.js";
import type { Field } from "../nfc/field.js";
import type { SeededRandom } from "../random.js";
import type { VirtualTime } from "../time.js";
import { PN532Chip } from "./chip.js";
import type { Costs } from "./costs.js";
import type { Faults } from "./faults.js";
import { HsuPort } from "./hsu.js";
import { I2CPort } from "./i2c.js";
import { SpiPort } from "./spi.js";
import type { Trace } from "./trace.js";

export interface BoardOptions {
	readonly costs?: Partial<Costs>;
	readonly uart?: UARTOptions;
}

/** A PN532 on a breakout board: what the three settings of its switches have in common. */
abstract class PN532Board {
	readonly chip: PN532Chip;
	readonly resetLine: Line;
	readonly powerLine: Line;

	constructor(time: VirtualTime, random: SeededRandom, options: BoardOptions) {
		this.chip = new PN532Chip(time, random, options.costs);
		this.resetLine = new Line(time);
		this.resetLine.watch((level) => this.chip.setReset(level === 1));
		this.powerLine = new Line(time);
		this.powerLine.watch((level) => this.chip.setPower(level === 1));
	}

	/** RSTPDN: low is reset. For a driver, as its Digital class. */
	get Reset(): DigitalClass {
		return this.resetLine.Digital;
	}

	/** A switch in its supply: high is on. */
	get Power(): DigitalClass {
		return this.powerLine.Digital;
	}

	/** Where cards and phones are presented. */
	get field(): Field {
		return this.chip.field;
	}

	get faults(): Faults {
		return this.chip.faults;
	}

	get trace(): Trace {
		return this.chip.trace;
	}
}

/** Set to HSU: hand `Serial` (and the pins) to a driver as its IO classes. */
export class PN532SerialBoard extends PN532Board {
	readonly uart: UART;

	constructor(time: VirtualTime, random: SeededRandom, options: BoardOptions = {}) {
		super(time, random, options);
		this.uart = new UART(time, options.uart);
		new HsuPort(this.chip, this.uart);
	}

	get Serial(): SerialClass {
		return this.uart.Serial;
	}
}

/** Set to SPI. */
export class PN532SPIBoard extends PN532Board {
	readonly SPI: SPIClass;
	readonly irqLine: Line;

	constructor(time: VirtualTime, random: SeededRandom, options: BoardOptions = {}) {
		super(time, random, options);
		this.irqLine = new Line(time);
		this.SPI = spiClass(new SpiPort(this.chip, this.irqLine), (micros) => time.spend(micros));
	}

	/** Low while a frame waits to be fetched. */
	get Interrupt(): DigitalClass {
		return this.irqLine.Digital;
	}
}

/** Set to I2C. */
export class PN532I2CBoard extends PN532Board {
	readonly I2C: I2CClass;
	readonly irqLine: Line;

	constructor(time: VirtualTime, random: SeededRandom, options: BoardOptions = {}) {
		super(time, random, options);
		this.irqLine = new Line(time);
		this.I2C = i2cClass(new I2CPort(this.chip, this.irqLine), (micros) => time.spend(micros));
	}

	/** Low while a frame waits to be fetched. */
	get Interrupt(): DigitalClass {
		return this.irqLine.Digital;
	}
}

/** How a board hangs on its reader: SPI with interrupt and reset on the boards of docs/HARDWARE.md. */
export type Bus = "spi" | "i2c" | "hsu";
export const BUSES: readonly Bus[] = Object.freeze(["hsu", "spi", "i2c"] as const);
/** A bus, and HSU that the reader sets to 921,600 bits per second once the chip is there. */
export type Wiring = Bus | "hsu921600";
export const WIRINGS: readonly Wiring[] = Object.freeze([...BUSES, "hsu921600"]);

export type AnyPN532Board = PN532SPIBoard | PN532I2CBoard | PN532SerialBoard;

const BOARDS = Object.freeze({
	spi: PN532SPIBoard,
	i2c: PN532I2CBoard,
	hsu: PN532SerialBoard,
	hsu921600: PN532SerialBoard,
});

export function pn532Board(bus: Bus, time: VirtualTime, random: SeededRandom): AnyPN532Board {
	return new BOARDS[bus](time, random);
}
