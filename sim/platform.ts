// SPDX-License-Identifier: Apache-2.0

import type { GATTServerClass } from "../hal/contracts/bluetooth.js";
import type { RestartCause } from "../hal/contracts/chip.js";
import type { Flash } from "../hal/contracts/flash.js";
import type { Network } from "../hal/contracts/network.js";
import type { InputUse, Platform, PN532Use } from "../hal/contracts/platform.js";
import type { Crypto, Random } from "../protocol/crypto.js";
import { i2cClass } from "./bus/i2c.js";
import type { UART } from "./bus/serial.js";
import type { SimDoor } from "./door.js";
import type { DS3231Chip } from "./ds3231/ds3231.js";
import type { FirmwareRun } from "./firmware-run.js";
import type { SimStateCell } from "./flash.js";
import type { InputLine } from "./input-line.js";
import type { PanelIO } from "./panel.js";
import { type AnyPN532Board, PN532I2CBoard, PN532SPIBoard } from "./pn532/board.js";
import type { SimRetained } from "./retained.js";
import type { SimWallClock } from "./wall-clock.js";
import type { SimWifi } from "./wifi.js";

/** What is on a reader's board and at its wires. */
export interface ReaderParts {
	readonly wall: SimWallClock;
	readonly clockChip: DS3231Chip;
	readonly timeStore: SimStateCell;
	readonly random: Random;
	readonly crypto: Crypto;
	readonly board: AnyPN532Board;
	/** To which its serial line goes after the start. */
	readonly fastBaud: number | undefined;
	readonly door: SimDoor;
	readonly panel: PanelIO;
	readonly console: UART;
	readonly scanner: UART;
	readonly uses: readonly SimStateCell[];
	readonly bluetooth: GATTServerClass;
	readonly wifi: SimWifi;
	readonly network: Network;
	readonly flash: Readonly<Record<"plan" | "log" | "config" | "notices", Flash>>;
	readonly state: SimStateCell;
	readonly deviceKey: Uint8Array;
	readonly retained: SimRetained;
	/** The processor waits for a bus, µs. */
	readonly hold: (micros: number) => void;
	readonly restart: () => void;
	readonly trace: (text: string) => void;
}

/** As hal/esp32 has it. */
const SPI_HZ = 2_000_000;
const BAUD = 115_200;

/** The platform that a run of the firmware gets, wired as docs/HARDWARE.md says. */
export function platformOf(parts: ReaderParts, run: FirmwareRun, cause: RestartCause): Platform {
	const { panel, bluetooth } = parts;
	return {
		clock: run.clock,
		wall: parts.wall,
		clockChip: { io: run.own(i2cClass(parts.clockChip, parts.hold), "clock") },
		timeStore: parts.timeStore,
		random: parts.random,
		crypto: parts.crypto,
		flash: parts.flash,
		state: parts.state,
		deviceKey: parts.deviceKey,
		watchdog: { feed: () => undefined },
		restartCause: cause,
		retained: parts.retained,
		pn532: pn532Of(parts, run),
		relay: { io: run.own(parts.door.relay.io, "relay") },
		inputs: {
			doorPosition: input(panel.position, run),
			rex: input(panel.exit, run),
			tamper: input(panel.tamper, run),
			fire: input(panel.fire, run),
			lockdown: input(panel.lockdown, run),
		},
		console: { io: run.own(parts.console.Serial, "console"), baud: BAUD },
		scanner: () => ({
			serial: { io: run.own(parts.scanner.Serial, "scanner") },
			cell: (index) => parts.uses[index]!,
		}),
		resetButton: { io: run.own(panel.resetButton.Digital) },
		hardware: { chip: "simulated", board: "simulator" },
		light: { ...panel.light, io: run.own(panel.light.io) },
		sounder: panel.sounder,
		bluetooth: { io: bluetooth },
		wifi: parts.wifi,
		diagnostics: {
			stall: (ms) => run.stall(ms),
			memory: () => ({}),
			image: () => ({}),
		},
		network: {
			udp: (onReadable) => parts.network.udp(run.callback(onReadable)),
			resolve: (host, done) => parts.network.resolve(host, run.callback(done)),
			tcp: run.own(parts.network.tcp!),
		},
		restart: parts.restart,
		trace: parts.trace,
	};
}

function input(line: InputLine, run: FirmwareRun): InputUse {
	return { digital: run.own(line.Digital), analog: line.Analog };
}

function pn532Of({ board, fastBaud }: ReaderParts, run: FirmwareRun): PN532Use {
	const reset = { io: run.own(board.Reset) };
	if (board instanceof PN532SPIBoard) {
		const interrupt = { io: run.own(board.Interrupt) };
		return { spi: { io: run.own(board.SPI, "spi"), hz: SPI_HZ }, interrupt, reset };
	}
	if (board instanceof PN532I2CBoard)
		return { i2c: { io: run.own(board.I2C, "i2c") }, interrupt: { io: run.own(board.Interrupt) }, reset };
	const serial = {
		io: run.own(board.Serial, "hsu"),
		baud: BAUD,
		...(fastBaud !== undefined && { fastBaud }),
	};
	return { serial, reset };
}
