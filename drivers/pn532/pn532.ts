import type { Alarm, Clock, Digital } from "../../hal/contracts.js";
import {
	getFirmwareVersion,
	IN_DATA_EXCHANGE,
	inCommunicateThru,
	inListPassiveTarget,
	inRelease,
	MAX_DATA,
	rfField,
	rfRetries,
	samConfiguration,
	setSerialBaudRate,
	writeRegister,
} from "./commands.js";
import { withCrcA } from "./ecp.js";
import { FrameWriter, MAX_BODY } from "./frame.js";
import { HsuPort } from "./hsu.js";
import { I2CPort } from "./i2c.js";
import { type Command, Link } from "./link.js";
import type { DigitalUse, I2CUse, Port, SerialUse, SPIUse } from "./port.js";
import { SpiPort } from "./spi.js";
import {
	BUSY,
	CLOSED,
	ENDLESS_CHAIN,
	HELD_TOO_LONG,
	NO_REPLY,
	NO_TARGET,
	NOT_READY,
	OK,
	PN532Error,
	RESPONSE_TOO_LONG,
	SHORT_REPLY,
	STATUS_ERROR,
	STATUS_MORE,
	STATUS_NAD,
} from "./status.js";
import { parseTarget, type Target } from "./target.js";

/** Answer to GetFirmwareVersion (UM0701-02, 7.2.2); all zero from a clone that does not say. */
export interface Version {
	/** 0x32 for a PN532. */
	readonly ic: number;
	readonly version: number;
	readonly revision: number;
	/** Bit 0: ISO/IEC 14443 A, 1: B, 2: ISO 18092. */
	readonly support: number;
}

/** `bytes` is good until the callback returns. Exactly one of the two is given. */
export type Reply = (bytes: Uint8Array | undefined, error: PN532Error | undefined) => void;

export interface PN532Options {
	clock: Clock;
	/** Exactly one of the three. `fastBaud`: the rate to go to after the start (SetSerialBaudRate). */
	serial?: (SerialUse & { fastBaud?: number }) | undefined;
	spi?: SPIUse | undefined;
	i2c?: I2CUse | undefined;
	/** P70_IRQ, active low. For SPI and I2C; without it the driver looks every millisecond. */
	interrupt?: DigitalUse | undefined;
	/** RSTPDN, active low. Strongly advised: some wedged chips answer to nothing else. */
	reset?: DigitalUse | undefined;
	/** A switch of the chip's supply, on when high, for boards that a reset does not free. */
	power?: DigitalUse | undefined;

	/** The chip works: at the start, and again after each `onError`. */
	onReady?: (version: Version) => void;
	/** Something is in the field. With `kind` "iso-dep" it is held for `exchange` until `release`. */
	onTarget?: (target: Target) => void;
	/** The driver let the target go by itself: an exchange failed, or nobody said anything to it. */
	onLost?: (error: PN532Error) => void;
	/** The chip does not work; once, until `onReady`. The driver goes on trying. */
	onError?: (error: PN532Error) => void;

	/** Pause between two polls, ms (50). */
	pollMs?: number;
	/** Empty polls until a target that was let go counts as away, and may be offered again (3). */
	absentPolls?: number;
	/** A target is let go when nothing is exchanged for so long, ms (3000). */
	holdMs?: number;
	/** Further tries of the chip within one poll (0). */
	activationRetries?: number;
	/** Polls between two health checks (64). */
	healthPolls?: number;
	/** How long an ACK may take, ms: 15 by the manual; more where a USB adapter sits in between. */
	ackMs?: number;
	/** Longest answer of a target, put together from chained pieces, bytes (2048). */
	maxResponse?: number;
	/** Apple's Enhanced Contactless Polling frame, without CRC, sent after each empty poll. Off by default. */
	ecp?: Uint8Array | undefined;
}

/** Counts since construction, for the report to an installer. */
export interface Counters {
	polls: number;
	targets: number;
	/** Times the chip was set up anew without a reset, after silence. */
	restarts: number;
	/** Times it failed altogether (`onError`). */
	faults: number;
	/** Replies that made no sense. */
	malformed: number;
}

const CLOSED_STATE = 0;
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
const PAUSE = 13;
const LIST = 14;
const HEALTH = 15;
const HEALTH_RETRIES = 16;
const ECP_REGISTER = 17;
const ECP_FRAME = 18;
const HELD = 19;
const EXCHANGE = 20;
const RELEASE = 21;
const FIELD_OFF = 22;
const FIELD_PAUSE = 23;
const FIELD_ON = 24;
const REQUEST = 25;
const FAULT = 26;

/** RSTPDN low; then the chip's start, ms (data sheet: 2 ms at most, clones take longer). */
const RESET_MS = 10;
const START_MS = 20;
const POWER_OFF_MS = 250;
/** From the wake-up to the first command: the oscillator takes 2 ms. */
const WAKE_MS = 5;
/** From an abort to the next command. */
const SETTLE_MS = 5;
/** The field off resets every card (ISO/IEC 14443-3 says 5.1 ms). */
const FIELD_MS = 6;
/** From the ACK that confirms a new baud rate to its use (UM0701-02, 7.2.8: 200 µs), on top of the ACK's own time. */
const BAUD_MS = 2;
/** Pauses between attempts to start a dead chip, ms. */
const BACKOFF_MS: readonly number[] = Object.freeze([0, 100, 250, 500, 1000]);
/** From this attempt on, the supply is switched, where it can be. */
const POWER_ATTEMPT = 2;

const COMMAND_MS = 100;
const LIST_MS = 250;
const RELEASE_MS = 400;

/** Polls in a row that fail while the chip answers everything else, before it is reset. */
const SILENT_MAX = 8;
/** Pieces of one answer. */
const CHAIN_MAX = 64;

const NO_VERSION: Version = Object.freeze({ ic: 0, version: 0, revision: 0, support: 0 });

/**
 * An NXP PN532 as a reader of phones: starts the chip, keeps it well, polls for targets and exchanges APDUs with them.
 * Everything happens in callbacks from the event loop; nothing blocks, and while nobody taps nothing is allocated.
 * docs/pn532.md has the states and their time bounds.
 */
export class PN532 {
	readonly counters: Counters = { polls: 0, targets: 0, restarts: 0, faults: 0, malformed: 0 };
	readonly link: Link;

	readonly #clock: Clock;
	readonly #options: PN532Options;
	readonly #port: Port;
	readonly #hsu: HsuPort | undefined;
	readonly #alarm: Alarm;
	readonly #refusal: Alarm;
	readonly #reset: Digital | undefined;
	readonly #power: Digital | undefined;
	readonly #writer = new FrameWriter();

	readonly #pollMs: number;
	readonly #absentPolls: number;
	readonly #holdMs: number;
	readonly #healthPolls: number;
	readonly #maxResponse: number;
	readonly #fastBaud: number | undefined;

	readonly #sam: Command;
	readonly #versionCommand: Command;
	readonly #baudCommand: Command | undefined;
	readonly #retries: Command;
	readonly #list: Command;
	readonly #releaseCommand: Command;
	readonly #fieldOff: Command;
	readonly #fieldOn: Command;
	readonly #ecpRegister: Command | undefined;
	readonly #ecpFrame: Command | undefined;

	#state = STARTING;
	#version: Version = NO_VERSION;
	#ready = false;
	#faulty = false;
	#attempt = 0;
	#upgrade: boolean;
	/** Polls until the next health check. */
	#health: number;
	/** Polls in a row that failed while the chip was otherwise well. */
	#silent = 0;
	/** A target was let go and has not left yet. */
	#lingering = false;
	#absent = 0;
	/** Make the target in the field start over, by switching the field off. */
	#again = false;

	#target: Target | undefined;
	#apdu: Uint8Array | undefined;
	#sent = 0;
	#deadline = 0;
	#onReply: Reply | undefined;
	#chain: Uint8Array | undefined;
	#chained = 0;
	#pieces = 0;
	#request: { command: Command; onReply: Reply } | undefined;
	readonly #refused: { onReply: Reply; code: number }[] = [];

	/** Throws what the IO classes throw, and `TypeError` where not exactly one bus is given. */
	constructor(options: PN532Options) {
		const { clock, serial, spi, i2c, interrupt } = options;
		if ((serial ? 1 : 0) + (spi ? 1 : 0) + (i2c ? 1 : 0) !== 1)
			throw new TypeError("a PN532 has one bus: serial, spi or i2c");
		this.#clock = clock;
		this.#options = options;
		this.#pollMs = options.pollMs ?? 50;
		this.#absentPolls = options.absentPolls ?? 3;
		this.#holdMs = options.holdMs ?? 3000;
		this.#healthPolls = options.healthPolls ?? 64;
		this.#health = this.#healthPolls;
		this.#maxResponse = options.maxResponse ?? 2048;

		this.link = new Link(clock, options.ackMs ?? 15, (outcome) => this.#done(outcome));
		if (serial) {
			this.#hsu = new HsuPort(serial, this.link);
			this.#port = this.#hsu;
		} else if (spi) this.#port = new SpiPort(spi, clock, interrupt, this.link);
		else this.#port = new I2CPort(i2c!, clock, interrupt, this.link);
		this.link.attach(this.#port);
		this.#fastBaud = this.#hsu && serial?.fastBaud !== this.#hsu.baud ? serial?.fastBaud : undefined;
		this.#upgrade = this.#fastBaud !== undefined;
		if (this.#hsu) this.#hsu.otherBaud = this.#fastBaud;

		this.#sam = this.#command(samConfiguration(), COMMAND_MS, 0);
		this.#versionCommand = this.#command(getFirmwareVersion(), COMMAND_MS, 4);
		this.#baudCommand =
			this.#fastBaud === undefined
				? undefined
				: this.#command(setSerialBaudRate(this.#fastBaud), COMMAND_MS, 0);
		this.#retries = this.#command(rfRetries(options.activationRetries ?? 0), COMMAND_MS, 0);
		this.#list = this.#command(inListPassiveTarget(), LIST_MS, 32);
		this.#releaseCommand = this.#command(inRelease(), RELEASE_MS, 1);
		this.#fieldOff = this.#command(rfField(false), COMMAND_MS, 0);
		this.#fieldOn = this.#command(rfField(true), COMMAND_MS, 0);
		if (options.ecp) {
			// CIU_BitFraming 00: whole bytes, after the 7 bits of the last REQA or WUPA.
			this.#ecpRegister = this.#command(writeRegister([0x633d, 0x00]), COMMAND_MS, 0);
			this.#ecpFrame = this.#command(inCommunicateThru(withCrcA(options.ecp)), COMMAND_MS, 1);
		}

		this.#alarm = clock.alarm(() => this.#tick());
		this.#refusal = clock.alarm(() => this.#refuseAll());
		const { reset, power } = options;
		if (power) this.#power = new power.io({ mode: "output", initialValue: 1, ...power });
		if (reset) this.#reset = new reset.io({ mode: "output", initialValue: 0, ...reset });
		this.#state = this.#reset ? RESETTING : STARTING;
		this.#alarm.set(RESET_MS);
	}

	/** The chip has been set up and answers. */
	get ready(): boolean {
		return this.#ready;
	}

	get version(): Version {
		return this.#version;
	}

	/** The target that is held for `exchange`. */
	get target(): Target | undefined {
		return this.#target;
	}

	/**
	 * Sends `apdu` to the held target and gives its answer, put together from its pieces. `onReply` is called once, later;
	 * `timeoutMs` is for all of it. `apdu` must stay as it is until then if it is longer than 262 bytes. After an error
	 * the target is gone (`onLost`).
	 */
	exchange(apdu: Uint8Array, timeoutMs: number, onReply: Reply): void {
		if (this.#state !== HELD || this.#target === undefined) {
			this.#refuse(onReply, this.#state === EXCHANGE ? BUSY : NO_TARGET);
			return;
		}
		this.#onReply = onReply;
		this.#apdu = apdu;
		this.#sent = 0;
		this.#chained = 0;
		this.#pieces = 0;
		this.#deadline = this.#clock.now() + timeoutMs;
		this.#alarm.clear();
		this.#sendPiece();
	}

	/**
	 * Lets the held target go. It is offered again when it has left and come back; with `again` at once, from the start,
	 * with the field off in between (a transaction that broke).
	 */
	release(again = false): void {
		if (this.#state === HELD) this.#letGo(again);
		else if (this.#state === EXCHANGE) {
			const onReply = this.#onReply;
			this.#letGo(again);
			if (onReply) this.#refuse(onReply, NO_TARGET);
		}
	}

	/**
	 * Runs one command of `commands.ts` between two polls; the reply comes without its code. One at a time; not while the
	 * chip is at fault. For self-tests and diagnosis.
	 */
	request(payload: Uint8Array, timeoutMs: number, onReply: Reply): void {
		if (this.#request || this.#faulty || this.#state === CLOSED_STATE) {
			this.#refuse(onReply, this.#request ? BUSY : this.#faulty ? NOT_READY : CLOSED);
			return;
		}
		this.#request = { command: this.#command(payload, timeoutMs, MAX_BODY, false), onReply };
		if (this.#state === PAUSE) this.#wait(PAUSE, 0);
	}

	/** Ends everything; replies that are still awaited get the error `closed` now. */
	close(): void {
		if (this.#state === CLOSED_STATE) return;
		this.#state = CLOSED_STATE;
		this.#ready = false;
		const replies = [this.#onReply, this.#request?.onReply, ...this.#refused.map((entry) => entry.onReply)];
		this.#onReply = undefined;
		this.#request = undefined;
		this.#refused.length = 0;
		this.#target = undefined;
		this.link.close();
		this.#port.close();
		this.#alarm.close();
		this.#refusal.close();
		this.#reset?.close();
		this.#power?.close();
		for (const onReply of replies) onReply?.(undefined, new PN532Error(CLOSED));
	}

	/** `size`: parameters in the reply. */
	#command(payload: Uint8Array, timeoutMs: number, size: number, repeatable = true): Command {
		const frame = this.#writer.begin(payload[0]!).bytes(payload.subarray(1)).finish();
		return {
			code: payload[0]!,
			wire: this.#port.prepare(frame.slice()),
			timeoutMs,
			replySize: size + 9,
			repeatable,
		};
	}

	#send(state: number, command: Command): void {
		this.#state = state;
		this.link.send(command);
	}

	#wait(state: number, ms: number): void {
		this.#state = state;
		this.#alarm.set(ms);
	}

	// -- start and recovery

	#tick(): void {
		switch (this.#state) {
			case POWERED_OFF:
				this.#power?.write(1);
				if (this.#reset) this.#pulse();
				else this.#wait(STARTING, START_MS);
				break;
			case RESETTING:
				this.#reset?.write(1);
				this.#wait(STARTING, START_MS);
				break;
			case STARTING:
				this.#wake();
				break;
			case WAKING:
				this.link.abort();
				this.#wait(SETTLING, SETTLE_MS + this.#port.wireMs(6));
				break;
			case SETTLING:
				this.#port.drain();
				this.#send(SAM, this.#sam);
				break;
			case VERSION_SETTLING:
				this.#send(RETRIES, this.#retries);
				break;
			case BAUD_CHANGING:
				this.#hsu?.setBaud(this.#fastBaud!);
				this.#send(BAUD_CHECK, this.#versionCommand);
				break;
			case FAULT:
				this.#begin();
				break;
			case FIELD_PAUSE:
				this.#send(FIELD_ON, this.#fieldOn);
				break;
			case PAUSE:
				this.#poll();
				break;
			case HELD:
				this.#letGo(false);
				this.#options.onLost?.(new PN532Error(HELD_TOO_LONG));
				break;
		}
	}

	/** Another attempt from the very start. */
	#begin(): void {
		this.#port.reopen(this.#attempt);
		if (this.#power && this.#attempt > POWER_ATTEMPT) {
			this.#power.write(0);
			this.#wait(POWERED_OFF, POWER_OFF_MS);
		} else if (this.#reset) this.#pulse();
		else this.#wake();
	}

	#pulse(): void {
		this.#reset?.write(0);
		this.#wait(RESETTING, RESET_MS);
	}

	#wake(): void {
		this.#port.wake();
		this.#wait(WAKING, WAKE_MS);
	}

	/** The chip fell silent or spoke nonsense in the middle of work: set it up anew, without a word to anybody. */
	#restart(): void {
		this.counters.restarts++;
		this.#wake();
	}

	#fail(outcome: number): void {
		const { onReply, request, error } = this.#drop(outcome);
		const first = !this.#faulty;
		this.#ready = false;
		this.#faulty = true;
		this.#wait(FAULT, BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)]!);
		this.#attempt++;
		if (first) this.counters.faults++;
		onReply?.(undefined, error);
		request?.onReply(undefined, error);
		if (first) this.#options.onError?.(error);
	}

	/** Takes what waits for an answer. */
	#drop(outcome: number) {
		const dropped = { onReply: this.#onReply, request: this.#request, error: new PN532Error(outcome) };
		this.#onReply = undefined;
		this.#request = undefined;
		this.#apdu = undefined;
		this.#target = undefined;
		return dropped;
	}

	#work(): void {
		this.#attempt = 0;
		if (!this.#ready) {
			this.#ready = true;
			this.#faulty = false;
			this.#wait(PAUSE, 0);
			this.#options.onReady?.(this.#version);
		} else if (this.#again) this.#send(FIELD_OFF, this.#fieldOff);
		else this.#wait(PAUSE, 0);
	}

	// -- replies

	#done(outcome: number): void {
		switch (this.#state) {
			case SAM:
				if (outcome === OK) this.#send(VERSION, this.#versionCommand);
				else this.#fail(outcome);
				break;
			case VERSION:
				this.#versionDone(outcome);
				break;
			case BAUD:
				if (outcome === OK) {
					this.link.confirm();
					this.#wait(BAUD_CHANGING, BAUD_MS + this.#port.wireMs(6));
				} else this.#noUpgrade();
				break;
			case BAUD_CHECK:
				if (outcome === OK) this.#send(RETRIES, this.#retries);
				else this.#noUpgrade();
				break;
			case RETRIES:
				if (outcome === OK) this.#work();
				else this.#fail(outcome);
				break;
			case LIST:
				this.#listed(outcome);
				break;
			case HEALTH:
				if (outcome === OK && this.#sameVersion()) this.#send(HEALTH_RETRIES, this.#retries);
				else this.#restart();
				break;
			case HEALTH_RETRIES:
				if (outcome === OK) this.#pause();
				else this.#restart();
				break;
			case ECP_REGISTER:
				if (outcome === OK) this.#send(ECP_FRAME, this.#ecpFrame!);
				else this.#restart();
				break;
			case ECP_FRAME:
				// Nobody answers an ECP frame: a status of time-out is what success looks like.
				if (outcome === OK) this.#pause();
				else this.#restart();
				break;
			case EXCHANGE:
				this.#exchanged(outcome);
				break;
			case RELEASE:
				if (outcome !== OK) this.#restart();
				else if (this.#again) this.#send(FIELD_OFF, this.#fieldOff);
				else this.#pause();
				break;
			case FIELD_OFF:
				if (outcome === OK) this.#wait(FIELD_PAUSE, FIELD_MS);
				else this.#restart();
				break;
			case FIELD_ON:
				this.#again = false;
				if (outcome === OK) this.#wait(PAUSE, 0);
				else this.#restart();
				break;
			case REQUEST:
				this.#requested(outcome);
				break;
		}
	}

	#versionDone(outcome: number): void {
		const { buffer, from, to } = this.link;
		if (outcome === OK && to - from >= 4) {
			if (this.#version === NO_VERSION || !this.#sameVersion())
				this.#version = {
					ic: buffer[from]!,
					version: buffer[from + 1]!,
					revision: buffer[from + 2]!,
					support: buffer[from + 3]!,
				};
			if (this.#upgrade && this.#hsu?.baud !== this.#fastBaud) this.#send(BAUD, this.#baudCommand!);
			else this.#send(RETRIES, this.#retries);
		} else {
			// Some clones answer this with another command's reply or with nothing; they work all the same.
			this.#version = NO_VERSION;
			this.link.abort();
			this.#wait(VERSION_SETTLING, SETTLE_MS + this.#port.wireMs(6));
		}
	}

	/** Compares without a copy: a health check allocates nothing. */
	#sameVersion(): boolean {
		const { buffer, from, to } = this.link;
		const known = this.#version;
		return (
			to - from >= 4 &&
			buffer[from] === known.ic &&
			buffer[from + 1] === known.version &&
			buffer[from + 2] === known.revision &&
			buffer[from + 3] === known.support
		);
	}

	/** The faster rate does not work here: stay at the first one. The chip may be at either now. */
	#noUpgrade(): void {
		this.#upgrade = false;
		this.#wait(FAULT, 0);
	}

	// -- polling

	#pause(): void {
		this.#wait(PAUSE, this.#pollMs);
	}

	#poll(): void {
		const request = this.#request;
		if (request) {
			this.#send(REQUEST, request.command);
			return;
		}
		this.counters.polls++;
		if (--this.#health <= 0) {
			this.#health = this.#healthPolls;
			if (this.#version === NO_VERSION) this.#send(HEALTH_RETRIES, this.#retries);
			else this.#send(HEALTH, this.#versionCommand);
		} else this.#send(LIST, this.#list);
	}

	#listed(outcome: number): void {
		const { buffer, from, to } = this.link;
		if (outcome !== OK || to === from) {
			if (outcome === OK) this.counters.malformed++;
			// A clone that says nothing when it sees nothing is aborted and set up again at each poll.
			if (++this.#silent % SILENT_MAX === 0 && (this.#reset || this.#power)) this.#wait(FAULT, 0);
			else this.#restart();
			this.#gone();
			return;
		}
		this.#silent = 0;
		if (buffer[from] === 0) {
			this.#gone();
			if (this.#ecpRegister) this.#send(ECP_REGISTER, this.#ecpRegister);
			else this.#pause();
		} else if (this.#lingering) {
			this.#absent = 0;
			this.#send(RELEASE, this.#releaseCommand);
		} else this.#found(parseTarget(buffer, from, to));
	}

	#gone(): void {
		if (this.#lingering && ++this.#absent >= this.#absentPolls) this.#lingering = false;
	}

	#found(target: Target | undefined): void {
		if (target === undefined) {
			this.counters.malformed++;
			this.#send(RELEASE, this.#releaseCommand);
			return;
		}
		this.counters.targets++;
		if (target.kind === "iso-dep") {
			this.#target = target;
			this.#wait(HELD, this.#holdMs);
		} else this.#letGo(false);
		this.#options.onTarget?.(target);
	}

	#letGo(again: boolean): void {
		const aborting = this.#state === EXCHANGE;
		this.#onReply = undefined;
		this.#apdu = undefined;
		this.#target = undefined;
		this.#lingering = !again;
		this.#absent = 0;
		this.#again = again;
		this.#alarm.clear();
		if (aborting) {
			this.link.abort();
			this.#restart();
		} else this.#send(RELEASE, this.#releaseCommand);
	}

	// -- exchange

	#sendPiece(): void {
		const apdu = this.#apdu!;
		const left = apdu.length - this.#sent;
		const more = left > MAX_DATA;
		const size = more ? MAX_DATA : left;
		const writer = this.#writer.begin(IN_DATA_EXCHANGE).byte(this.#target!.number | (more ? STATUS_MORE : 0));
		if (size > 0) writer.bytes(size === apdu.length ? apdu : apdu.subarray(this.#sent, this.#sent + size));
		this.#sent += size;
		this.#exchangeFrame();
	}

	/** Sends what is in the writer to the target, within what is left of the time. */
	#exchangeFrame(): void {
		const left = this.#deadline - this.#clock.now();
		const frame = this.#writer.finish();
		this.#state = EXCHANGE;
		this.link.send({
			code: IN_DATA_EXCHANGE,
			wire: this.#port.prepare(frame),
			timeoutMs: Math.max(left, 1),
			replySize: 64,
			repeatable: false,
		});
	}

	#exchanged(outcome: number): void {
		if (outcome !== OK) {
			this.#lost(outcome);
			return;
		}
		const { buffer, to } = this.link;
		let from = this.link.from;
		if (from === to) {
			this.#lost(SHORT_REPLY);
			return;
		}
		const status = buffer[from++]!;
		if ((status & STATUS_ERROR) !== 0) {
			this.#lost(status & STATUS_ERROR);
			return;
		}
		if (this.#sent < this.#apdu!.length) {
			this.#sendPiece();
			return;
		}
		if (status & STATUS_NAD) {
			// A node address comes before the data; there is one node.
			if (from === to) {
				this.#lost(SHORT_REPLY);
				return;
			}
			from++;
		}
		const more = (status & STATUS_MORE) !== 0;
		if (more || this.#chained > 0) {
			if (this.#chained + to - from > this.#maxResponse) {
				this.#lost(RESPONSE_TOO_LONG);
				return;
			}
			this.#chain ??= new Uint8Array(this.#maxResponse);
			this.#chain.set(buffer.subarray(from, to), this.#chained);
			this.#chained += to - from;
		}
		if (more) {
			if (++this.#pieces > CHAIN_MAX) this.#lost(ENDLESS_CHAIN);
			else if (this.#clock.now() >= this.#deadline) this.#lost(NO_REPLY);
			else {
				this.#writer.begin(IN_DATA_EXCHANGE).byte(this.#target!.number);
				this.#exchangeFrame();
			}
			return;
		}
		const response = this.#chained > 0 ? this.#chain!.subarray(0, this.#chained) : buffer.subarray(from, to);
		const onReply = this.#onReply;
		this.#onReply = undefined;
		this.#apdu = undefined;
		this.#wait(HELD, this.#holdMs);
		onReply?.(response, undefined);
	}

	/** The exchange failed: whoever it was starts over. */
	#lost(outcome: number): void {
		const { onReply, request, error } = this.#drop(outcome);
		this.#request = request;
		this.#again = true;
		this.#lingering = false;
		// What the chip itself reported leaves it well; anything else may leave a reply behind.
		if (outcome < 0x40 || outcome === RESPONSE_TOO_LONG || outcome === ENDLESS_CHAIN)
			this.#send(RELEASE, this.#releaseCommand);
		else {
			this.link.abort();
			this.#restart();
		}
		onReply?.(undefined, error);
		this.#options.onLost?.(error);
	}

	// -- requests and refusals

	#requested(outcome: number): void {
		const request = this.#request;
		this.#request = undefined;
		const { buffer, from, to } = this.link;
		const bytes = outcome === OK ? buffer.slice(from, to) : undefined;
		if (outcome === OK || outcome === 0x7f) this.#wait(PAUSE, 0);
		else {
			this.link.abort();
			this.#restart();
		}
		request?.onReply(bytes, bytes ? undefined : new PN532Error(outcome));
	}

	/** From the event loop, as every reply. */
	#refuse(onReply: Reply, code: number): void {
		this.#refused.push({ onReply, code: this.#state === CLOSED_STATE ? CLOSED : code });
		if (this.#state === CLOSED_STATE) this.#refuseAll();
		else this.#refusal.set(0);
	}

	#refuseAll(): void {
		for (let entry = this.#refused.shift(); entry; entry = this.#refused.shift())
			entry.onReply(undefined, new PN532Error(entry.code));
	}
}
