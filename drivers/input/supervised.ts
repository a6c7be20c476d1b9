// SPDX-License-Identifier: Apache-2.0

import type { Analog, AnalogClass, AnalogOptions } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/**
 * A line with two end-of-line resistors of 4.7 kilohms: one in series with the contact, one across it. Through a pull-up of 10
 * kilohms the pin is at 320 thousandths of the supply with the contact closed (4.7) and at 485 with it open (9.4); a shorted line is
 * at 0, a cut one at the supply. Any other voltage is `foreign`: the line was tampered with. All but the cut line are in the range
 * in which an ESP32 measures well, 0.15 to 2.45 V of 3.3 V.
 */
export type Line = "closed" | "open" | "short" | "cut" | "foreign";

/** Period of measurement, ms. */
export const MEASURE = 20;
/** Equal readings in a row that count. */
export const READINGS = 3;

/**
 * Upper ends of the bands in thousandths of the supply: for resistors within 5 %, a supply within 3 % and an ADC within 60 mV. A
 * reading ends at 2.45 V (742 thousandths) where the ADC does.
 */
const BANDS: readonly (readonly [number, Line])[] = Object.freeze([
	Object.freeze([120, "short"] as const),
	Object.freeze([270, "foreign"] as const),
	Object.freeze([375, "closed"] as const),
	Object.freeze([425, "foreign"] as const),
	Object.freeze([550, "open"] as const),
	Object.freeze([680, "foreign"] as const),
]);

/** `permille`: the reading in thousandths of the supply, 0 to 1000. */
export function lineOf(permille: number): Line {
	for (const [end, line] of BANDS) if (permille < end) return line;
	return "cut";
}

export interface SupervisedOptions extends AnalogOptions {
	io: AnalogClass;
	clock: Clock;
	normally: "closed" | "open";
	/** The contact changed, on a line without fault. */
	onChange: (active: boolean) => void;
	/** The line has a fault, or none any more (`none`). */
	onFault: (fault: "none" | "short" | "cut" | "foreign") => void;
}

/** A supervised contact, measured periodically. It keeps its last state while the line has a fault. */
export class SupervisedContact {
	private readonly adc: Analog;
	private readonly options: SupervisedOptions;
	private readonly alarm: Alarm;
	private readonly full: number;
	private line: Line | undefined;
	private candidate: Line;
	private count = 1;
	#active = false;
	#faulty = false;

	constructor(options: SupervisedOptions) {
		const { io, clock, normally: _normally, onChange: _onChange, onFault: _onFault, ...rest } = options;
		this.options = options;
		this.adc = new io(rest);
		this.full = (1 << this.adc.resolution) - 1;
		this.candidate = this.measure();
		this.#active = this.candidate !== options.normally && isContact(this.candidate);
		this.alarm = clock.alarm(() => this.sample());
		this.alarm.set(MEASURE);
	}

	get active(): boolean {
		return this.#active;
	}

	/** The voltage now, thousandths of the supply. */
	get level(): number {
		return Math.floor((this.adc.read() * 1000) / this.full);
	}

	/** Whether the last reading is no contact's. */
	get faulty(): boolean {
		return !isContact(this.candidate);
	}

	close(): void {
		this.alarm.close();
		this.adc.close();
	}

	private measure(): Line {
		return lineOf(this.level);
	}

	private sample(): void {
		this.alarm.set(MEASURE);
		const line = this.measure();
		if (line !== this.candidate) {
			this.candidate = line;
			this.count = 1;
			return;
		}
		if (this.count < READINGS) this.count++;
		if (this.count < READINGS || line === this.line) return;
		this.line = line;
		this.settled(line);
	}

	private settled(line: Line): void {
		const { normally, onChange, onFault } = this.options;
		if (!isContact(line)) {
			this.#faulty = true;
			onFault(line as "short" | "cut" | "foreign");
			return;
		}
		if (this.#faulty) {
			this.#faulty = false;
			onFault("none");
		}
		const active = line !== normally;
		if (active === this.#active) return;
		this.#active = active;
		onChange(active);
	}
}

function isContact(line: Line): boolean {
	return line === "closed" || line === "open";
}
