// SPDX-License-Identifier: Apache-2.0

import type { Digital } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { HsuPort } from "./hsu.js";
import type { Pn532Command, Pn532Link } from "./link.js";
import type { PN532Options, Version } from "./options.js";
import type { Port } from "./port.js";
import type { Pn532Commands } from "./prepared.js";
import { OK, SYNTAX } from "./status.js";

const REST = 0;
const POWERED_OFF = 1;
const RESETTING = 2;
const STARTING = 3;
const WAKING = 4;
const SETTLING = 5;
const SAM = 6;
const VERSION = 7;
const VERSION_SETTLING = 8;
const BAUD = 9;
const BAUD_CHANGING = 10;
const BAUD_CHECK = 11;
const RETRIES = 12;
const PARAMETERS = 13;
const WAITING = 14;

/** How long RSTPDN is low, ms. */
const RESET_MS = 10;
/** The chip's start after a reset, ms (data sheet: 2 ms at most; clones take longer). */
const START_MS = 20;
const POWER_OFF_MS = 250;
/** From the wake-up to the first command, ms; the oscillator takes 2. */
const WAKE_MS = 5;
/** From an abort to the next command, ms: right after it a command is lost (libnfc issue 167). */
const SETTLE_MS = 5;
/** From the end of the ACK that confirms a new baud rate to its use, ms (UM0701-02, 7.2.8: 200 µs). */
const BAUD_MS = 2;
/** Pauses between attempts to start a dead chip, ms. */
const BACKOFF_MS: readonly number[] = Object.freeze([0, 100, 250, 500, 1000]);
/** After this many failed attempts the supply is switched, where the board can. */
const POWER_ATTEMPT = 2;

export const NO_VERSION: Version = Object.freeze({ ic: 0, version: 0, revision: 0, support: 0 });

/**
 * Starts the chip from any state: reset pin, wake-up, abort, drain, SAM, version, baud rate, retries, parameters. After a failed
 * attempt another follows, without end; docs/pn532.md has the time of each.
 */
export class Pn532Startup {
	version: Version = NO_VERSION;

	private readonly alarm: Alarm;
	private readonly link: Pn532Link;
	private readonly port: Port;
	private readonly hsu: HsuPort | undefined;
	private readonly commands: Pn532Commands;
	private readonly fastBaud: number | undefined;
	private readonly onEnd: (outcome: number) => void;
	private readonly reset: Digital | undefined;
	private readonly power: Digital | undefined;
	private state = REST;
	private attempt = 0;
	private upgrade: boolean;

	/** `onEnd` gets 0 when the chip works, or the code of a failed attempt, which another one follows. */
	constructor(
		options: PN532Options,
		link: Pn532Link,
		port: Port,
		hsu: HsuPort | undefined,
		commands: Pn532Commands,
		fastBaud: number | undefined,
		onEnd: (outcome: number) => void,
	) {
		this.link = link;
		this.port = port;
		this.hsu = hsu;
		this.commands = commands;
		this.fastBaud = fastBaud;
		this.upgrade = fastBaud !== undefined;
		this.onEnd = onEnd;
		const clock: Clock = options.clock;
		this.alarm = clock.alarm(() => this.tick());
		const { reset, power } = options;
		if (power) this.power = new power.io({ mode: "output", initialValue: 1, ...power });
		if (reset) this.reset = new reset.io({ mode: "output", initialValue: 0, ...reset });
		this.wait(this.reset ? RESETTING : STARTING, RESET_MS);
	}

	/** A start is under way: the link's outcomes go to `done`. */
	get active(): boolean {
		return this.state !== REST;
	}

	/** Whether the chip has a reset pin or a switched supply. */
	get canReset(): boolean {
		return this.reset !== undefined || this.power !== undefined;
	}

	/** Sets the chip up anew without a reset, after silence or nonsense in work. */
	again(): void {
		this.wake();
	}

	/** Starts the chip anew, with a reset. */
	anew(): void {
		this.wait(WAITING, 0);
	}

	close(): void {
		this.state = REST;
		this.alarm.close();
		this.reset?.close();
		this.power?.close();
	}

	/** Whether the version in the link's buffer is the known one; makes no copy. */
	sameVersion(): boolean {
		const { buffer, from, to } = this.link;
		const known = this.version;
		return (
			to - from >= 4 &&
			buffer[from] === known.ic &&
			buffer[from + 1] === known.version &&
			buffer[from + 2] === known.revision &&
			buffer[from + 3] === known.support
		);
	}

	private send(state: number, command: Pn532Command): void {
		this.state = state;
		this.link.send(command);
	}

	private wait(state: number, ms: number): void {
		this.state = state;
		this.alarm.set(ms);
	}

	private abort(next: number): void {
		this.link.abort();
		this.wait(next, SETTLE_MS + this.port.wireMs(6));
	}

	private tick(): void {
		switch (this.state) {
			case POWERED_OFF:
				this.power?.write(1);
				if (this.reset) this.pulse();
				else this.wait(STARTING, START_MS);
				break;
			case RESETTING:
				this.reset?.write(1);
				this.wait(STARTING, START_MS);
				break;
			case STARTING:
				this.wake();
				break;
			case WAKING:
				this.abort(SETTLING);
				break;
			case SETTLING:
				this.port.drain();
				this.send(SAM, this.commands.sam);
				break;
			case VERSION_SETTLING:
				this.send(RETRIES, this.commands.retries);
				break;
			case BAUD_CHANGING:
				this.hsu?.setBaud(this.fastBaud!);
				this.send(BAUD_CHECK, this.commands.version);
				break;
			case WAITING:
				this.begin();
				break;
		}
	}

	private begin(): void {
		this.port.reopen(this.attempt);
		if (this.power && this.attempt > POWER_ATTEMPT) {
			this.power.write(0);
			this.wait(POWERED_OFF, POWER_OFF_MS);
		} else if (this.reset) this.pulse();
		else this.wake();
	}

	private pulse(): void {
		this.reset?.write(0);
		this.wait(RESETTING, RESET_MS);
	}

	private wake(): void {
		this.port.wake();
		this.wait(WAKING, WAKE_MS);
	}

	/** Takes the outcome of a command of the start. */
	done(outcome: number): void {
		switch (this.state) {
			case SAM:
				if (outcome === OK) this.send(VERSION, this.commands.version);
				else this.fail(outcome);
				break;
			case VERSION:
				this.versionDone(outcome);
				break;
			case BAUD:
				if (outcome === OK) {
					this.link.confirm();
					this.wait(BAUD_CHANGING, BAUD_MS + this.port.wireMs(6));
				} else this.noUpgrade();
				break;
			case BAUD_CHECK:
				if (outcome === OK) this.send(RETRIES, this.commands.retries);
				else this.noUpgrade();
				break;
			case RETRIES:
				if (outcome === OK) this.send(PARAMETERS, this.commands.parameters);
				else this.fail(outcome);
				break;
			case PARAMETERS:
				// Undoes settings of an earlier host. Its failure is ignored, since clones may not know the command.
				if (outcome === OK || outcome === SYNTAX) {
					this.attempt = 0;
					this.state = REST;
					this.onEnd(OK);
				} else this.fail(outcome);
				break;
		}
	}

	private versionDone(outcome: number): void {
		const { buffer, from, to } = this.link;
		if (outcome !== OK || to - from < 4) {
			// Some clones answer with another command's reply or not at all, and work nevertheless.
			this.version = NO_VERSION;
			this.abort(VERSION_SETTLING);
			return;
		}
		if (!this.sameVersion())
			this.version = {
				ic: buffer[from]!,
				version: buffer[from + 1]!,
				revision: buffer[from + 2]!,
				support: buffer[from + 3]!,
			};
		if (this.upgrade && this.hsu?.baud !== this.fastBaud) this.send(BAUD, this.commands.baud!);
		else this.send(RETRIES, this.commands.retries);
	}

	/** Gives up the faster rate. The chip may be at either rate now. */
	private noUpgrade(): void {
		this.upgrade = false;
		this.anew();
	}

	private fail(outcome: number): void {
		const pause = BACKOFF_MS[Math.min(this.attempt, BACKOFF_MS.length - 1)]!;
		this.attempt++;
		this.wait(WAITING, pause);
		this.onEnd(outcome);
	}
}
