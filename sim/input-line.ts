// SPDX-License-Identifier: Apache-2.0

import type { Analog, AnalogClass } from "../hal/contracts/io.js";
import type { InputWiring } from "../protocol/config/door.js";
import { Line } from "./bus/line.js";
import type { VirtualTime } from "./time.js";

/** Resistors of a supervised line as docs/HARDWARE.md has them, ohms: the pull-up, and each of the two at its end. */
const PULL_UP = 10_000;
const END_OF_LINE = 4700;
const BITS = 12;
/** Where an ESP32 measures no further, V; its supply, V. */
const ADC_END = 2.45;
const SUPPLY = 3.3;

/** What is done to the wires between contact and reader: nothing, or a fault. A number: a resistor across them, ohms. */
export type Wires = "whole" | "cut" | "shorted" | number;

/** An input of the reader with its wires and a contact at their end, wired as the configuration says. */
export class InputLine extends Line {
	/** For the firmware: a class of ADC pins on this input. */
	readonly Analog: AnalogClass;
	readonly #wiring: InputWiring;
	#closed = false;
	#wires: Wires = "whole";

	constructor(time: VirtualTime, wiring: InputWiring) {
		super(time);
		this.#wiring = wiring;
		const line = this;
		this.Analog = class implements Analog {
			readonly resolution = BITS;

			read(): number {
				const volts = Math.min(ADC_END, SUPPLY * line.#share());
				return Math.floor((volts / SUPPLY) * ((1 << BITS) - 1));
			}

			close(): void {}
		};
	}

	get wires(): Wires {
		return this.#wires;
	}

	set wires(wires: Wires) {
		this.#wires = wires;
		this.#settle();
	}

	/** Moves the contact. `active`: out of its normal state. */
	set(active: boolean): void {
		this.#closed = this.#wiring.endsWith("normally-closed") ? !active : active;
		this.#settle();
	}

	/** What a pin sees that is not an ADC's: a cut line is pulled up. */
	#settle(): void {
		if (this.#wires === "cut") this.drive(1);
		else this.drive(this.#closed || this.#wires === "shorted" ? 0 : 1);
	}

	/** Of the supply, at the pin. */
	#share(): number {
		if (this.#wires === "shorted") return 0;
		if (this.#wires === "cut") return 1;
		const end = this.#closed ? END_OF_LINE : 2 * END_OF_LINE;
		const ohms = this.#wires === "whole" ? end : 1 / (1 / end + 1 / this.#wires);
		return ohms / (ohms + PULL_UP);
	}
}
