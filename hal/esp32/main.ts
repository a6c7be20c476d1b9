// SPDX-License-Identifier: Apache-2.0

/** A reader on an ESP32: the platform from `embedded:io/*` and chip.c, and the device on it. The manifest starts here. */
import WiFi from "embedded:network/interface/wifi";
import config from "mc/config";
import Timer from "timer";
import { startDevice } from "../../src/app/device.js";
import type { InputUse, Platform, PN532Use, ScannerUse } from "../contracts/platform.js";
import { NativeCrypto } from "../crypto/native/crypto.js";
import { Esp32Analog } from "./analog.js";
import { Esp32GATTServer } from "./ble.js";
import type { Board } from "./boards/board.js";
import { DEVKITC } from "./boards/devkitc.js";
import type { Pins } from "./boards/pins.js";
import { S3_DEVKITC } from "./boards/s3-devkitc.js";
import { Esp32I2C, Esp32Serial, Esp32SPI } from "./buses.js";
import { chip } from "./chip.js";
import { Esp32Clock } from "./clock.js";
import { DIAGNOSTICS } from "./diagnostics.js";
import { Esp32Digital } from "./digital.js";
import { Esp32Flash } from "./flash.js";
import { Esp32Network } from "./network.js";
import { Esp32Random } from "./random.js";
import { Esp32Relay } from "./relay.js";
import { noteOf, restartCauseOf } from "./restart-cause.js";
import { Esp32Sounder } from "./sounder.js";
import { deviceKey, Esp32StateCell } from "./state-cell.js";
import { Esp32WallClock } from "./wall-clock.js";
import { Esp32Wifi } from "./wifi.js";

/** Period of feeding the task watchdog, which restarts the chip after 5 s (sdkconfig). A hanging event loop does not feed it. */
const FEED_MS = 1000;
/** Clock of SPI: the PN532 takes 5 MHz (data sheet, 8.3.5), jumper wires less; the driver goes to 1 MHz where the chip does not start. */
const SPI_HZ = 2_000_000;

/** Each input of a board is on a pin of ADC1: the second ADC is the radios'. */
function input(pin: number): InputUse {
	return { digital: Esp32Digital, analog: Esp32Analog, pin };
}

function pn532Of({ pn532 }: Pins): PN532Use {
	const { clock, out, in: input, select, interrupt, reset } = pn532;
	const { reverseBits, sumBytes } = chip;
	return {
		spi: {
			io: Esp32SPI,
			port: 2,
			clock,
			out,
			in: input,
			select,
			active: 0,
			hz: SPI_HZ,
			mode: 0,
			reverseBits,
			sumBytes,
		},
		interrupt: { io: Esp32Digital, pin: interrupt, mode: "input" },
		reset: { io: Esp32Digital, pin: reset, mode: "output", initialValue: 1 },
	};
}

function boardOf(): Board {
	return chip.isS3() ? S3_DEVKITC : DEVKITC;
}

function uses(index: number): Esp32StateCell {
	return new Esp32StateCell(`uses${index}`);
}

function scannerOf(): ScannerUse {
	return { serial: { io: Esp32Serial, port: 1, ...boardOf().pins.scanner }, cell: uses };
}

function platformOf(board: Board): Platform {
	const { pins } = board;
	const cause = restartCauseOf(chip.restartCause());
	const timers = new Esp32Clock();
	const random = new Esp32Random();
	return {
		clock: timers,
		wall: new Esp32WallClock(cause),
		...(pins.i2c && { clockChip: { io: Esp32I2C, ...pins.i2c } }),
		timeStore: new Esp32StateCell("time"),
		random,
		crypto: new NativeCrypto(),
		flash: {
			plan: new Esp32Flash("plan"),
			log: new Esp32Flash("log"),
			config: new Esp32Flash("config"),
			notices: new Esp32Flash("notices"),
		},
		state: new Esp32StateCell("state"),
		deviceKey: deviceKey(random),
		watchdog: { feed: chip.feed },
		restartCause: cause,
		retained: { read: chip.retained, write: chip.retain },
		pn532: pn532Of(pins),
		relay: { io: Esp32Relay, pin: pins.relay, offLevel: pins.relayOff },
		inputs: {
			doorPosition: input(pins.doorPosition),
			rex: input(pins.rex),
			tamper: input(pins.tamper),
			fire: input(pins.fire),
			lockdown: input(pins.lockdown),
		},
		light: {
			io: Esp32Digital,
			red: { pin: pins.red },
			green: { pin: pins.green },
			blue: { pin: pins.blue },
		},
		sounder: new Esp32Sounder(pins.sounder),
		// In a debug build this port is the SDK's debugger's.
		...(config.debugger !== undefined
			? {}
			: { console: { io: Esp32Serial, port: 0, baud: 115_200, ...pins.console } }),
		...(pins.scanner && { scanner: scannerOf }),
		resetButton: { io: Esp32Digital, pin: pins.resetButton, mode: "input-pull-up" },
		hardware: { chip: board.chip, board: board.name },
		radios: board.radios,
		diagnostics: DIAGNOSTICS,
		bluetooth: { io: Esp32GATTServer },
		network: new Esp32Network(),
		wifi: new Esp32Wifi({ io: WiFi, chip, clock: timers }),
		collect: chip.collect,
		healthy: chip.imageIsHealthy,
		restart: chip.restart,
		trace: (text) => trace(`${text}\n`),
	};
}

export default function main(): void {
	// The SDK calls it before it restarts for an exception that left a callback, or for want of memory (defines.xs.abortHook).
	(globalThis as { abort?: (message: string) => void }).abort = (message) => {
		chip.relayRelease();
		chip.setRestartReason(noteOf(message));
	};
	const platform = platformOf(boardOf());
	Timer.repeat(() => platform.watchdog.feed(), FEED_MS);
	startDevice(platform);
}
