// SPDX-License-Identifier: Apache-2.0

import type { I2CDevice } from "../bus/i2c.js";
import type { VirtualTime } from "../time.js";

/** Registers of the time and of the alarms, control, status, aging offset, temperature: 00h to 12h. */
const SIZE = 0x13;
const [HOURS, DAY, DATE, MONTH, YEAR] = [2, 3, 4, 5, 6];
const CONTROL = 0x0e;
const STATUS = 0x0f;
const EOSC = 0x80;
const OSF = 0x80;
const TWELVE = 0x40;
const CENTURY = 0x80;
/** Bits of `status` that a write can clear and not set; EN32kHz alone takes what is written. */
const FLAGS = 0x83;
const EN32KHZ = 0x08;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The DS3231, bit by bit from its data sheet (Maxim 19-5170 rev. 10): registers in BCD that count, time that stands still for a read
 * from its START on, the flag of a stopped oscillator, supply and battery.
 */
export class DS3231Chip implements I2CDevice {
	readonly address = 0x68;
	/** How much too fast the crystal runs, parts per million; negative: too slow. */
	ppm = 0;
	/** Faults of module and wiring. */
	readonly faults = {
		/** Nothing acknowledges: the module is not fitted, or a wire is cut. */
		absent: false,
		/** SCL is held low for ever. */
		stuck: false,
	};
	readonly #time: VirtualTime;
	readonly #registers = new Uint8Array(SIZE);
	/** What a read sees of the time: copied at each START and when the pointer comes round to 00h. */
	readonly #buffer = new Uint8Array(YEAR + 1);
	#pointer = 0;
	#supply = false;
	#battery = true;
	/** When the count of the running second began, µs of the world. */
	#second = 0;

	constructor(time: VirtualTime) {
		this.#time = time;
		this.#powerUp();
	}

	/** VCC comes or goes. */
	setPower(on: boolean): void {
		this.#advance();
		this.#supply = on;
		this.#stopIfDead();
	}

	/** The cell is put in, or taken out or empty. */
	setBattery(good: boolean): void {
		this.#advance();
		this.#battery = good;
		this.#stopIfDead();
	}

	/** As an instrument reads it, without the bus. */
	register(at: number): number {
		this.#advance();
		return this.#registers[at]!;
	}

	/** As another program on the bus would write it. */
	poke(at: number, value: number): void {
		this.#advance();
		this.#store(at, value);
	}

	/** It counts on by so many seconds at once. */
	leap(seconds: number): void {
		this.#second -= seconds * 1_000_000;
	}

	stretch(): number {
		return this.faults.stuck ? Number.POSITIVE_INFINITY : 0;
	}

	begin(_read: boolean): boolean {
		if (this.faults.absent || !this.#supply) return false;
		this.#advance();
		this.#latch();
		return true;
	}

	write(data: Uint8Array): void {
		this.#pointer = data[0]! % SIZE;
		for (const value of data.subarray(1)) {
			this.#store(this.#pointer, value);
			this.#step();
		}
	}

	read(buffer: Uint8Array): void {
		for (let i = 0; i < buffer.length; i++) {
			buffer[i] = this.#pointer <= YEAR ? this.#buffer[this.#pointer]! : this.#registers[this.#pointer]!;
			this.#step();
		}
	}

	#step(): void {
		this.#pointer = (this.#pointer + 1) % SIZE;
		if (this.#pointer === 0) this.#latch();
	}

	#latch(): void {
		this.#buffer.set(this.#registers.subarray(0, YEAR + 1));
	}

	#store(at: number, value: number): void {
		const now = this.#registers[at]!;
		if (at === STATUS) this.#registers[at] = (now & value & FLAGS) | (value & EN32KHZ);
		else if (at <= 0x10) this.#registers[at] = value;
		// A write to the seconds begins the second anew.
		if (at === 0) this.#second = this.#time.micros;
	}

	/** State after both supplies were gone: the alarms' registers are not defined, so they hold junk here. */
	#powerUp(): void {
		this.#registers.set([
			0, 0, 0, 1, 1, 1, 0, 0xa5, 0x5a, 0xc3, 0x3c, 0x99, 0x66, 0x0f, 0x1c, 0x88, 0, 25, 0,
		]);
		this.#second = this.#time.micros;
	}

	get #runs(): boolean {
		return this.#supply || (this.#battery && (this.#registers[CONTROL]! & EOSC) === 0);
	}

	#stopIfDead(): void {
		if (!this.#supply && !this.#battery) this.#powerUp();
		else if (!this.#runs) this.#registers[STATUS]! |= OSF;
	}

	/** Counts the seconds since the last look. */
	#advance(): void {
		const now = this.#time.micros;
		if (!this.#runs) {
			this.#second = now;
			return;
		}
		const micros = 1_000_000 / (1 + this.ppm / 1e6);
		const count = Math.floor((now - this.#second) / micros);
		this.#second += count * micros;
		// Whole days at once, for worlds that let years pass.
		for (let left = count; left > 0; ) {
			const seconds = this.#secondOfDay();
			const step = Math.min(left, 86_400 - seconds);
			this.#setSecondOfDay((seconds + step) % 86_400);
			if (seconds + step === 86_400) this.#nextDay();
			left -= step;
		}
	}

	#secondOfDay(): number {
		const r = this.#registers;
		const hours = r[HOURS]!;
		const hour =
			(hours & TWELVE) === 0
				? decimal(hours & 0x3f)
				: (decimal(hours & 0x1f) % 12) + ((hours & 0x20) === 0 ? 0 : 12);
		return decimal(r[0]! & 0x7f) + 60 * decimal(r[1]! & 0x7f) + 3600 * hour;
	}

	#setSecondOfDay(seconds: number): void {
		const r = this.#registers;
		const hour = Math.floor(seconds / 3600);
		r[0] = bcd(seconds % 60);
		r[1] = bcd(Math.floor(seconds / 60) % 60);
		r[HOURS] =
			(r[HOURS]! & TWELVE) === 0 ? bcd(hour) : TWELVE | (hour >= 12 ? 0x20 : 0) | bcd(hour % 12 || 12);
	}

	#nextDay(): void {
		const r = this.#registers;
		r[DAY] = (r[DAY]! % 7) + 1;
		const month = decimal(r[MONTH]! & 0x1f);
		const year = decimal(r[YEAR]!);
		const days = month === 2 && year % 4 === 0 ? 29 : (MONTH_DAYS[month - 1] ?? 31);
		const date = decimal(r[DATE]!);
		if (date < days) {
			r[DATE] = bcd(date + 1);
			return;
		}
		r[DATE] = 1;
		if (month < 12) {
			r[MONTH] = (r[MONTH]! & CENTURY) | bcd(month + 1);
			return;
		}
		// The year from 99 to 00 turns the century's bit over.
		r[MONTH] = (year === 99 ? (r[MONTH]! & CENTURY) ^ CENTURY : r[MONTH]! & CENTURY) | 1;
		r[YEAR] = bcd((year + 1) % 100);
	}
}

function bcd(value: number): number {
	return (Math.floor(value / 10) << 4) | (value % 10);
}

function decimal(value: number): number {
	return (value >> 4) * 10 + (value & 15);
}
