import type { Crypto, Random } from "../../protocol/crypto.js";
import type { DoorInput } from "../../protocol/events.js";
import type { GATTServerClass } from "./bluetooth.js";
import type { RestartCause, Retained, Watchdog } from "./chip.js";
import type { Flash, RollbackCounter } from "./flash.js";
import type {
	AnalogClass,
	AnalogOptions,
	DigitalClass,
	DigitalUse,
	I2CUse,
	SerialUse,
	SPIUse,
} from "./io.js";
import type { GuardedOutputClass, GuardedOutputOptions } from "./output.js";
import type { Clock, WallClock } from "./time.js";
import type { Wifi } from "./wifi.js";

export type GuardedOutputUse = { io: GuardedOutputClass } & GuardedOutputOptions;
/** A Bluetooth controller; `rssi` and intervals as far as the platform has them. */
export type BluetoothUse = { io: GATTServerClass; readonly [platform: string]: unknown };

/** An input of the door: a dry contact on a digital pin, a supervised line on an analogue one, or both. */
export interface InputUse {
	readonly digital?: DigitalUse;
	readonly analog?: { io: AnalogClass } & AnalogOptions;
}

/** The three channels of the light, each with its pin; high is on unless `activeLow`. */
export interface LightUse {
	readonly io: DigitalClass;
	readonly red: Record<string, unknown>;
	readonly green: Record<string, unknown>;
	readonly blue: Record<string, unknown>;
	readonly activeLow?: boolean;
}

/**
 * Everything a platform gives the firmware, in one object: `hal/esp32` makes it of `embedded:io/*`, `sim` of a simulated
 * world, `hal/xs` of a pipe to one. `src/app/main.ts` turns it into a running Reader, the same way everywhere.
 */
export interface Platform {
	readonly clock: Clock;
	readonly wall: WallClock;
	readonly random: Random;
	readonly crypto: Crypto;
	/** One instance a partition. */
	readonly flash: {
		readonly plan: Flash;
		readonly log: Flash;
		readonly config: Flash;
	};
	/** The plan's version never falls below this, whatever is flashed into the data partitions. */
	readonly rollbackCounter: RollbackCounter;
	readonly watchdog: Watchdog;
	readonly restartCause: RestartCause;
	/** For `Startup`. */
	readonly retained?: Retained;
	/** The PN532: exactly one of the three buses, with its interrupt and reset lines where wired. */
	readonly pn532: {
		readonly serial?: SerialUse & { fastBaud?: number };
		readonly spi?: SPIUse;
		readonly i2c?: I2CUse;
		readonly interrupt?: DigitalUse;
		readonly reset?: DigitalUse;
		/** Where a USB adapter sits in between, ms; 15 else. */
		readonly ackMs?: number;
	};
	/** The strike's relay. */
	readonly relay: GuardedOutputUse;
	/** The door's contacts, where they are wired. */
	readonly inputs?: Partial<Record<DoorInput, InputUse>>;
	readonly light?: LightUse;
	/** `tone(hertz)`, 0 for silence. */
	readonly sounder?: { tone(hertz: number): void; close(): void };
	/** The serial port of installers; log lines may go out on it as well. */
	readonly console?: SerialUse;
	/** Wired to ground: held from power-up on, it makes the reader new again. */
	readonly resetButton?: DigitalUse;
	/** For people: chip and board. */
	readonly hardware?: { readonly chip: string; readonly board: string };
	/** Absent where there is no radio. */
	readonly bluetooth?: BluetoothUse;
	/** Absent where there is no Wi-Fi. */
	readonly wifi?: Wifi;
	/** Collects garbage, where the engine can be asked: between visits, so that a tap need not wait for it. */
	collect?(): void;
	/** The image that runs may stay: one that never came here is rolled back at the next restart, where there are two. */
	healthy?(): void;
	/** Ends the firmware and starts it again. */
	restart(): void;
	/** A line for the developer; never a secret. */
	trace(text: string): void;
}
