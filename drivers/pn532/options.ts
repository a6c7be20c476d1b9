// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import type { DigitalUse, I2CUse, SerialUse, SPIUse } from "./port.js";
import type { PN532Error } from "./status.js";
import type { Pn532Target } from "./target.js";

/** Answer to GetFirmwareVersion (UM0701-02, 7.2.2); all zero for a clone that gives none. */
export interface Version {
	/** 0x32 for a PN532. */
	readonly ic: number;
	readonly version: number;
	readonly revision: number;
	/** Bit 0: ISO/IEC 14443 A, 1: B, 2: ISO 18092. */
	readonly support: number;
}

/** Receives a reply or an error; exactly one is given. `bytes` is valid until the callback returns. */
export type Reply = (bytes: Uint8Array | undefined, error: PN532Error | undefined) => void;

/** A command whose end is made while its beginning is under way. */
export interface Growing {
	/** Bytes of the command that are there; rises to all of them. */
	readonly ready: number;
	/** The chip is at work on what it was given, so its host may compute: makes more of the command. Called once a piece. */
	work(): void;
}

export interface PN532Options {
	clock: Clock;
	/** Exactly one of the three. `fastBaud`: the rate to go to after the start (SetSerialBaudRate). */
	serial?: (SerialUse & { fastBaud?: number }) | undefined;
	spi?: SPIUse | undefined;
	i2c?: I2CUse | undefined;
	/** P70_IRQ, active low. For SPI and I2C; without it the driver looks every millisecond. */
	interrupt?: DigitalUse | undefined;
	/** RSTPDN, active low. Strongly advised: some chips that have locked up recover by nothing else. */
	reset?: DigitalUse | undefined;
	/** A switch of the chip's supply, on when high, for boards whose chip does not recover by a reset. */
	power?: DigitalUse | undefined;

	/** The chip works: at the start, and again after each `onError`. */
	onReady?: (version: Version) => void;
	/** Something is in the field. With `kind` "iso-dep" it is held for `exchange` until `release`. */
	onTarget?: (target: Pn532Target) => void;
	/** The driver released the target by itself: an exchange failed, or none came within `holdMs`. */
	onLost?: (error: PN532Error) => void;
	/** The chip does not work. Called once until `onReady`; the driver goes on trying. */
	onError?: (error: PN532Error) => void;

	/** Pause between two polls, ms (50; with `ecp` 5). None while the field is empty, where the chip looks by itself. */
	pollMs?: number;
	/** Empty polls until a target that was let go counts as away, and may be offered again (3). */
	absentPolls?: number;
	/** What lies in the field at the start was served before, and is offered when it has left and come back (false). */
	occupied?: boolean;
	/** A target is released after this time without an exchange, ms (3000). */
	holdMs?: number;
	/** Further tries of the chip within one poll (0). */
	activationRetries?: number;
	/** Further tries of the chip within one poll while the field is empty (40): it looks every few ms, and its host sleeps meanwhile. */
	patientRetries?: number;
	/** Polls between two health checks (64); one of an empty field counts as four. */
	healthPolls?: number;
	/** How long an ACK may take, ms: 15 by the manual; more where a USB adapter sits in between. */
	ackMs?: number;
	/** Longest answer of a target over all its pieces, bytes (2048). */
	maxResponse?: number;
	/** Apple's Enhanced Contactless Polling frame, without CRC, sent after each empty poll. Off by default. */
	ecp?: Uint8Array | undefined;
}

/** Counts since construction, for the report to an installer. */
export interface Counters {
	polls: number;
	targets: number;
	/** How often the chip was set up anew without a reset, after silence. */
	restarts: number;
	/** How often it failed (`onError`). */
	faults: number;
	/** Replies with contents that the command cannot have. */
	malformed: number;
}
