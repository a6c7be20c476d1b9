// SPDX-License-Identifier: Apache-2.0

import type { I2C, I2CUse } from "../../hal/contracts/io.js";
import type { ClockChip, ClockReading } from "../../hal/contracts/time.js";
import { readUint32, writeUint32 } from "../../protocol/bytes.js";
import { DAY, dayNumber, weekday } from "../../protocol/plan/calendar.js";

export const DS3231_ADDRESS = 0x68;
/** Standard mode: the wires to a module may be long, and it is read once in ten minutes. */
const HZ = 100_000;
/** The chip never stretches the clock; a bus that hangs is given up, ms. */
const TIMEOUT_MS = 10;

/** Registers (DS3231 data sheet 19-5170 rev. 10, figure 1): time, alarm 1, alarm 2, control, status. */
const AT = Object.freeze({ time: 0x00, alarm1: 0x07, alarm2: 0x0b, control: 0x0e, status: 0x0f } as const);
const SIZE = 0x10;
/** Bit of `status`: the oscillator has stopped since this was last cleared. It can only be cleared. */
const OSF = 0x80;
/** Of `control`: interrupts in place of the square wave, none enabled, the oscillator runs on battery. */
const CONTROL = 0x04;
/** The years that two digits stand for; the chip's leap years are right until 2099. */
const CENTURY = 2000;

/**
 * The alarms are not used, so their registers keep, on the same battery, when the clock was synced (alarm 1) and a mark that this
 * driver has set it (alarm 2: "LT1"): sellers leave local time of their own in modules.
 */
const MARK = Object.freeze([0x4c, 0x54, 0x31]);
const MARK_AT = AT.alarm2;

/** The clock chip DS3231 on I2C. It opens the bus for each use, so it keeps no object of it. */
export class DS3231 implements ClockChip {
	/** 3.5 from -40 to 85 °C, and 5 by ageing in ten years. */
	readonly driftPpm = 8.5;
	private readonly use: I2CUse;

	constructor(use: I2CUse) {
		this.use = use;
	}

	read(): ClockReading | undefined {
		const registers = new Uint8Array(SIZE);
		const bus = this.open();
		try {
			bus.write(Uint8Array.of(0));
			// One read: the chip holds the time still from its START on.
			bus.read(registers);
		} finally {
			bus.close();
		}
		if ((registers[AT.status]! & OSF) !== 0) return undefined;
		for (let i = 0; i < MARK.length; i++) if (registers[MARK_AT + i] !== MARK[i]) return undefined;
		const seconds = secondsOf(registers);
		return seconds === undefined ? undefined : { seconds, synced: readUint32(registers, AT.alarm1) };
	}

	/** The mark goes first and comes back last: a power cut in between leaves a clock that counts as not set. */
	set(seconds: number, synced: number): void {
		const day = Math.floor(seconds / DAY);
		const date = new Date(seconds * 1000);
		const year = date.getUTCFullYear() - CENTURY;
		if (!(year >= 0 && year <= 99)) throw new RangeError("a DS3231 holds the years 2000 to 2099");
		const time = new Uint8Array(1 + AT.alarm2);
		time[1 + 0] = bcd(date.getUTCSeconds());
		time[1 + 1] = bcd(date.getUTCMinutes());
		time[1 + 2] = bcd(date.getUTCHours());
		time[1 + 3] = weekday(day) + 1;
		time[1 + 4] = bcd(date.getUTCDate());
		time[1 + 5] = bcd(date.getUTCMonth() + 1);
		time[1 + 6] = bcd(year);
		writeUint32(time, 1 + AT.alarm1, synced);
		const bus = this.open();
		try {
			bus.write(Uint8Array.of(MARK_AT, 0, 0, 0));
			bus.write(time);
			bus.write(Uint8Array.of(AT.control, CONTROL, 0));
			bus.write(Uint8Array.of(MARK_AT, MARK[0]!, MARK[1]!, MARK[2]!));
		} finally {
			bus.close();
		}
	}

	private open(): I2C {
		const { io, ...options } = this.use;
		return new io({
			hz: HZ,
			timeout: TIMEOUT_MS,
			...options,
			address: DS3231_ADDRESS,
			format: "buffer",
		});
	}
}

/** `undefined` for what is no date: of registers that noise or another program has written. */
function secondsOf(registers: Uint8Array): number | undefined {
	const second = decimal(registers[0]!, 59);
	const minute = decimal(registers[1]!, 59);
	// Bit 6 is the 12-hour mode, in which this driver never sets it.
	const hour = decimal(registers[2]!, 23);
	const day = decimal(registers[4]!, 31);
	const month = decimal(registers[5]!, 12);
	const year = decimal(registers[6]!, 99);
	if (!(second >= 0 && minute >= 0 && hour >= 0 && day >= 1 && month >= 1 && year >= 0)) return undefined;
	return dayNumber(CENTURY + year, month, day) * DAY + hour * 3600 + minute * 60 + second;
}

function bcd(value: number): number {
	return (((value / 10) | 0) << 4) | (value % 10);
}

/** -1 for what is no two digits up to `max`. */
function decimal(value: number, max: number): number {
	const number = (value >> 4) * 10 + (value & 15);
	return (value & 15) > 9 || number > max ? -1 : number;
}
