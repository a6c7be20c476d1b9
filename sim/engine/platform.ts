// SPDX-License-Identifier: Apache-2.0

/**
 * A platform whose every part is in the world, at the other end of the bus. Classes and no closures: what a function makes
 * at run time has its code in RAM (11 slots and its bytecode), and this stands where the SDK's native classes do.
 */

import type { RestartCause } from "../../hal/contracts/chip.js";
import type { Flash, StateCell } from "../../hal/contracts/flash.js";
import type { InputUse, Platform, PN532Use, ScannerUse } from "../../hal/contracts/platform.js";
import type { Alarm, Clock, TimeTrust, WallClock } from "../../hal/contracts/time.js";
import { NativeCrypto } from "../../hal/crypto/native/crypto.js";
import { fromHex } from "../../protocol/bytes.js";
import type { Random } from "../../protocol/crypto.js";
import { TIME_TRUSTS } from "../../protocol/log/record.js";
import { BusGATTServer } from "./bluetooth.js";
import { type Bus, now } from "./device.js";
import { BusAnalog, BusDigital, BusI2C, BusRelay, BusSerial, BusSounder, BusSPI, deaf } from "./io.js";
import { BusNetwork } from "./network.js";
import { BusWifi } from "./wifi.js";
import { CALL, PARTITIONS, type WorldFacts } from "./wire.js";

// Bound once, since a property of so large an object is searched for.
const {
	alarmSet: ALARM_SET,
	alarmClear: ALARM_CLEAR,
	flashRead: FLASH_READ,
	flashWrite: FLASH_WRITE,
	wallNow: WALL_NOW,
	wallTrust: WALL_TRUST,
} = CALL;

class BusAlarm implements Alarm {
	readonly #bus: Bus;
	readonly #id: number;

	constructor(bus: Bus, callback: () => void) {
		this.#bus = bus;
		this.#id = bus.listen(callback);
		bus.call(CALL.alarmOpen, this.#id);
	}

	set(ms: number): void {
		this.#bus.call(ALARM_SET, this.#id, ms);
	}

	clear(): void {
		this.#bus.call(ALARM_CLEAR, this.#id);
	}

	close(): void {
		this.#bus.call(CALL.alarmClose, this.#id);
		this.#bus.forget(this.#id);
	}
}

class BusClock implements Clock {
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	now(): number {
		return now();
	}

	alarm(callback: () => void): Alarm {
		return new BusAlarm(this.#bus, callback);
	}
}

class BusWall implements WallClock {
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	now(): number {
		return this.#bus.call(WALL_NOW);
	}

	trust(): TimeTrust {
		return TIME_TRUSTS[this.#bus.call(WALL_TRUST)]!;
	}

	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void {
		this.#bus.call(CALL.wallSet, seconds, TIME_TRUSTS.indexOf(trust));
	}
}

class BusRandom implements Random {
	readonly #bus: Bus;

	constructor(bus: Bus) {
		this.#bus = bus;
	}

	fill(into: Uint8Array): void {
		this.#bus.receive(CALL.random, into, into.length);
	}
}

class BusFlash implements Flash {
	readonly size: number;
	readonly sectorSize: number;
	readonly #bus: Bus;
	readonly #partition: number;

	constructor(bus: Bus, name: (typeof PARTITIONS)[number], { flash }: WorldFacts) {
		this.#bus = bus;
		this.#partition = PARTITIONS.indexOf(name);
		this.size = flash[name].size;
		this.sectorSize = flash[name].sectorSize;
	}

	read(address: number, into: Uint8Array): void {
		this.#bus.receive(FLASH_READ, into, this.#partition, address, into.length);
	}

	write(address: number, data: Uint8Array): void {
		this.#bus.send(FLASH_WRITE, data, this.#partition, address);
	}

	erase(sector: number): void {
		this.#bus.call(CALL.flashErase, this.#partition, sector);
	}
}

class BusStateCell implements StateCell {
	readonly #bus: Bus;
	readonly #read: number;
	readonly #write: number;

	constructor(bus: Bus, read: number, write: number) {
		this.#bus = bus;
		this.#read = read;
		this.#write = write;
	}

	read(): Uint8Array | undefined {
		const into = new Uint8Array(128);
		const length = this.#bus.receive(this.#read, into);
		return length === 0 ? undefined : into.slice(0, length);
	}

	write(bytes: Uint8Array): void {
		this.#bus.send(this.#write, bytes);
	}
}

function nothing(): Readonly<Record<string, number>> {
	return {};
}

/** The class behind each part of `Platform.pn532`. */
const PN532_IO = Object.freeze({
	serial: BusSerial,
	spi: BusSPI,
	i2c: BusI2C,
	interrupt: BusDigital,
	reset: BusDigital,
});

function pn532OnBus(bus: Bus, facts: WorldFacts): PN532Use {
	const pn532: Record<string, unknown> = {};
	const { reverseBits, sumBytes } = bus;
	for (const [part, options] of Object.entries(facts.pn532)) {
		const io = PN532_IO[part as keyof typeof PN532_IO];
		pn532[part] = { ...options, io, bus, part, reverseBits, sumBytes };
	}
	return pn532;
}

class BusUses implements StateCell {
	readonly #bus: Bus;
	readonly #index: number;

	constructor(bus: Bus, index: number) {
		this.#bus = bus;
		this.#index = index;
	}

	read(): Uint8Array | undefined {
		const into = new Uint8Array(256);
		const length = this.#bus.receive(CALL.usesRead, into, this.#index);
		return length === 0 ? undefined : into.slice(0, length);
	}

	write(bytes: Uint8Array): void {
		this.#bus.send(CALL.usesWrite, bytes, this.#index);
	}
}

/** A method of the platform, which has its bus: a closure would be of the reader's memory, where a device has none. */
function scannerOnBus(this: Platform): ScannerUse {
	const { bus } = this as unknown as { bus: Bus };
	return {
		serial: { io: BusSerial, bus, part: "scanner" },
		cell: (index) => new BusUses(bus, index),
	};
}

const WATCHDOG = Object.freeze({ feed: deaf });

export function platformOnBus(bus: Bus, facts: WorldFacts): Platform {
	const inputs: Record<string, InputUse> = {};
	for (const [part, kinds] of Object.entries(facts.inputs))
		inputs[part] = {
			...(kinds.includes("digital") && { digital: BusDigital }),
			...(kinds.includes("analog") && { analog: BusAnalog }),
			bus,
			part,
		};
	const { red, green, blue } = facts.light as Record<string, Record<string, unknown>>;
	const baud = 115_200;
	const light = { bus, part: "light" };
	return {
		clock: new BusClock(bus),
		wall: new BusWall(bus),
		...(facts.clockChip ? { clockChip: { io: BusI2C, bus, part: "clockChip" } } : {}),
		...(facts.timeStore ? { timeStore: new BusStateCell(bus, CALL.timeRead, CALL.timeWrite) } : {}),
		random: new BusRandom(bus),
		crypto: new NativeCrypto(),
		flash: {
			plan: new BusFlash(bus, "plan", facts),
			log: new BusFlash(bus, "log", facts),
			config: new BusFlash(bus, "config", facts),
			notices: new BusFlash(bus, "notices", facts),
		},
		state: new BusStateCell(bus, CALL.stateRead, CALL.stateWrite),
		deviceKey: fromHex(facts.deviceKey),
		retained: {
			read: () => bus.call(CALL.retainedRead),
			write: (value) => {
				bus.call(CALL.retainedWrite, value);
			},
		},
		watchdog: WATCHDOG,
		restartCause: facts.restartCause as RestartCause,
		pn532: pn532OnBus(bus, facts),
		relay: { io: BusRelay, bus },
		inputs,
		light: {
			io: BusDigital,
			red: { ...red, ...light },
			green: { ...green, ...light },
			blue: { ...blue, ...light },
		},
		sounder: new BusSounder(bus),
		...(facts.console ? { console: { io: BusSerial, bus, part: "console", baud } } : {}),
		...(facts.scanner ? { scanner: scannerOnBus, bus } : {}),
		...(facts.bluetooth ? { bluetooth: { io: BusGATTServer, bus } } : {}),
		...(facts.network ? { network: new BusNetwork(bus) } : {}),
		...(facts.wifi ? { wifi: new BusWifi(bus) } : {}),
		...(facts.resetButton ? { resetButton: { io: BusDigital, bus, part: "resetButton" } } : {}),
		...(facts.hardware ? { hardware: facts.hardware } : {}),
		diagnostics: {
			stall: (ms) => {
				bus.call(CALL.stall, ms);
			},
			memory: nothing,
			image: nothing,
		},
		collect: () => bus.collect(),
		restart: () => {
			bus.call(CALL.restart);
		},
		trace: (text) => {
			bus.sendText(CALL.trace, text);
		},
	};
}
