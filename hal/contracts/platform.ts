// SPDX-License-Identifier: Apache-2.0

import type { Crypto, Random } from "../../protocol/crypto.js";
import type { DoorInput } from "../../protocol/events.js";
import type { GATTServerClass } from "./bluetooth.js";
import type { Diagnostics, RestartCause, Retained, Watchdog } from "./chip.js";
import type { Flash, StateCell } from "./flash.js";
import type { AnalogClass, DigitalClass, DigitalUse, I2CUse, SerialUse, SPIUse } from "./io.js";
import type { Network } from "./network.js";
import type { GuardedOutputClass, GuardedOutputOptions } from "./output.js";
import type { Clock, WallClock } from "./time.js";
import type { Wifi } from "./wifi.js";

export type GuardedOutputUse = { io: GuardedOutputClass } & GuardedOutputOptions;
/** The class of a Bluetooth controller, with options of the platform. */
export type BluetoothUse = { io: GATTServerClass; readonly [platform: string]: unknown };

/** A pin for an input of the door: as `digital` it takes a dry contact, as `analog` a supervised line. */
export interface InputUse {
	readonly digital?: DigitalClass;
	readonly analog?: AnalogClass;
	/** The pin, for either. */
	readonly [platform: string]: unknown;
}

/** The three channels of the light, each with its pin; high is on unless `activeLow`. */
export interface LightUse {
	readonly io: DigitalClass;
	readonly red: Record<string, unknown>;
	readonly green: Record<string, unknown>;
	readonly blue: Record<string, unknown>;
	readonly activeLow?: boolean;
}

/** The PN532: exactly one of the three buses, with its interrupt and reset lines where wired. */
export interface PN532Use {
	readonly serial?: SerialUse & { fastBaud?: number };
	readonly spi?: SPIUse;
	readonly i2c?: I2CUse;
	readonly interrupt?: DigitalUse;
	readonly reset?: DigitalUse;
	/** How long an ACK may take, ms; for USB adapters, which delay it. Absent: 15. */
	readonly ackMs?: number;
}

/** A QR scanner's serial port, at the rate of the configuration, and where the reader keeps how often its codes have opened. */
export interface ScannerUse {
	readonly serial: SerialUse;
	/** A cell for each `index` of `src/schemes/qr/uses.ts`, apart from the data partitions as `Platform.state` is. */
	cell(index: number): StateCell;
}

/**
 * Everything that a platform gives the firmware: `hal/esp32` makes it from `embedded:io/*`, `sim` from a simulated world, `hal/xs`
 * from a pipe to one. The firmware is the same on all of them.
 */
export interface Platform {
	readonly clock: Clock;
	readonly wall: WallClock;
	/** The bus of the DS3231. Absent where the platform has none; a board on which the chip is missing does not acknowledge. */
	readonly clockChip?: I2CUse;
	/**
	 * Keeps the last known time over a loss of power. Absent: only a clock chip knows it then. It is written every ten minutes (on
	 * the ESP32 NVS spreads that: each of its sectors is erased about a hundred times a year).
	 */
	readonly timeStore?: StateCell;
	readonly random: Random;
	readonly crypto: Crypto;
	/** One instance a partition. */
	readonly flash: {
		readonly plan: Flash;
		readonly log: Flash;
		readonly config: Flash;
		/** Revocation notices: 32 KB. */
		readonly notices: Flash;
	};
	/** What the reader has to know for certain, whatever is flashed into the data partitions. */
	readonly state: StateCell;
	/**
	 * 32 secret bytes of this one device, the same at every start and in none of the partitions above: what they hold counts
	 * only where it is sealed by them. On the ESP32 from its HMAC peripheral, or kept in NVS.
	 */
	readonly deviceKey: Uint8Array;
	readonly watchdog: Watchdog;
	readonly restartCause: RestartCause;
	/** Counts failed starts, for `Startup`. Absent: every start counts as the first. */
	readonly retained?: Retained;
	/** Absent: a reader without NFC. */
	readonly pn532?: PN532Use;
	/** The relay of the strike. */
	readonly relay: GuardedOutputUse;
	/** The door's contacts, where they are wired. */
	readonly inputs?: Partial<Record<DoorInput, InputUse>>;
	readonly light?: LightUse;
	/** The sounder: `tone` in hertz, 0 for silence. */
	readonly sounder?: { tone(hertz: number): void; close(): void };
	/** The serial port of installers; log lines may go out on it as well. */
	readonly console?: SerialUse;
	/** What a QR scanner needs; a method, so that a reader without one keeps nothing of it. Absent: none can be wired. */
	scanner?(): ScannerUse;
	/** A button to ground. Held from power-up on, it resets the reader to the factory state. */
	readonly resetButton?: DigitalUse;
	/** Names of chip and board, for reports. */
	readonly hardware?: { readonly chip: string; readonly board: string };
	/** Which of Bluetooth and Wi-Fi there is memory for at a time; absent: both. */
	readonly radios?: "one" | "both";
	/** Absent where there is no radio. */
	readonly bluetooth?: BluetoothUse;
	/** Absent where there is no Wi-Fi. */
	readonly wifi?: Wifi;
	/** For the self-test. */
	readonly diagnostics?: Diagnostics;
	/** UDP, TCP and names over it. Absent: no time server is asked, and no server of the site. */
	readonly network?: Network;
	/** Collects garbage, where the engine can be asked to. Called between taps, so that no tap waits for a collection. */
	collect?(): void;
	/** Confirms the running image. An update that never gets here is rolled back at the next restart. */
	healthy?(): void;
	/** Ends the firmware and starts it again. */
	restart(): void;
	/** A line for the developer; never a secret. */
	trace(text: string): void;
}
