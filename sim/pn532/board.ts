import type { DigitalClass, SerialClass } from "../../hal/contracts.js";
import { Line } from "../bus/line.js";
import { UART, type UARTOptions } from "../bus/serial.js";
import type { Field } from "../nfc/field.js";
import type { SeededRandom } from "../random.js";
import type { VirtualTime } from "../time.js";
import { PN532Chip } from "./chip.js";
import type { Costs } from "./costs.js";
import type { Faults } from "./faults.js";
import { HsuPort } from "./hsu.js";
import type { Trace } from "./trace.js";

export interface BoardOptions {
	readonly costs?: Partial<Costs>;
	readonly uart?: UARTOptions;
}

/** A PN532 on its breakout board, set to HSU: hand `Serial` (and the pins) to a driver as its IO classes. */
export class PN532SerialBoard {
	readonly chip: PN532Chip;
	readonly uart: UART;
	readonly resetLine: Line;
	readonly powerLine: Line;

	constructor(time: VirtualTime, random: SeededRandom, options: BoardOptions = {}) {
		this.chip = new PN532Chip(time, random, options.costs);
		this.uart = new UART(time, options.uart);
		new HsuPort(this.chip, this.uart);
		this.resetLine = resetLine(time, this.chip);
		this.powerLine = powerLine(time, this.chip);
	}

	get Serial(): SerialClass {
		return this.uart.Serial;
	}

	/** RSTPDN, active low. */
	get Reset(): DigitalClass {
		return this.resetLine.Digital;
	}

	/** A switch in its supply, high is on. */
	get Power(): DigitalClass {
		return this.powerLine.Digital;
	}

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

function resetLine(time: VirtualTime, chip: PN532Chip): Line {
	const line = new Line(time);
	line.watch((level) => chip.setReset(level === 1));
	return line;
}

function powerLine(time: VirtualTime, chip: PN532Chip): Line {
	const line = new Line(time);
	line.watch((level) => chip.setPower(level === 1));
	return line;
}
