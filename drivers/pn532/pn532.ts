// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { GOES_ON, Pn532Exchange } from "./exchange.js";
import { MAX_BODY, Pn532FrameWriter } from "./frame.js";
import { HsuPort } from "./hsu.js";
import { I2CPort } from "./i2c.js";
import { ACKNOWLEDGED, type Pn532Command, Pn532Link } from "./link.js";
import type { Counters, Growing, PN532Options, Reply, Version } from "./options.js";
import type { Port } from "./port.js";
import { Pn532Commands, prepare } from "./prepared.js";
import { CARD, PHONE, Pn532Presence } from "./presence.js";
import { Pn532Refusals } from "./refusals.js";
import { SpiPort } from "./spi.js";
import { NO_VERSION, Pn532Startup } from "./startup.js";
import {
	BUSY,
	CLOSED,
	ENDLESS_CHAIN,
	HELD_TOO_LONG,
	NO_TARGET,
	NOT_READY,
	OK,
	PN532Error,
	RESPONSE_TOO_LONG,
	STATUS_ERROR,
	SYNTAX,
} from "./status.js";
import { type Pn532Target, parseTarget } from "./target.js";

export type { Counters, Growing, PN532Options, Reply, Version } from "./options.js";

const STARTUP = 0;
const PAUSE = 1;
const LIST = 2;
const HEALTH = 3;
const RETRIES = 4;
const ECP = 5;
const HELD = 6;
const EXCHANGE = 7;
const RELEASE = 8;
const FIELD_OFF = 9;
const FIELD_PAUSE = 10;
const FIELD_ON = 11;
const REQUEST = 12;
const ENDED = 13;

/** How long the field is off to reset every card (ISO/IEC 14443-3: 5.1 ms). */
const FIELD_MS = 6;
/** A patient poll is given this time at first, ms; then twice what the last took and a little more; after one that took longer, the most. */
const PATIENT_MS = 400;
const PATIENT_MOST_MS = 2000;
const PATIENT_SPARE_MS = 50;
/** How often to look for its end where no interrupt line tells, ms. */
const PATIENT_LOOK_MS = 10;
/** Polls of a held field that take as long as a patient one. */
const PATIENT_POLLS = 4;
/** The chip is reset after this many failed polls in a row, even if it answers everything else. */
const SILENT_MAX = 8;

/**
 * An NXP PN532 as a reader of phones: starts the chip, checks its health, polls for targets and exchanges APDUs with them.
 * Everything happens in callbacks from the event loop; nothing blocks, and polling allocates nothing. docs/pn532.md has the
 * states and their time limits.
 */
export class PN532 {
	readonly counters: Counters = { polls: 0, targets: 0, restarts: 0, faults: 0, malformed: 0 };

	private readonly options: PN532Options;
	private readonly clock: Clock;
	private readonly port: Port;
	private readonly link: Pn532Link;
	private readonly startup: Pn532Startup;
	readonly #exchange: Pn532Exchange;
	private readonly alarm: Alarm;
	private readonly writer: Pn532FrameWriter;
	private readonly commands: Pn532Commands;
	private readonly presence: Pn532Presence;
	private readonly refusals: Pn532Refusals;

	private readonly pollMs: number;
	private readonly holdMs: number;
	private readonly healthPolls: number;

	private state = STARTUP;
	#ready = false;
	private faulty = false;
	/** The field is empty: the chip looks every few milliseconds by itself, some forty times a poll. */
	private patient = false;
	/** The chip's retries are those of a patient poll. */
	private patience = false;
	/** When the poll under way began, and what a patient one is given, ms. */
	private polledAt = 0;
	private patientMs = PATIENT_MS;
	private ecpStep = 0;
	/** Polls until the next health check. */
	private health: number;
	/** Polls in a row that failed while the chip answered everything else. */
	private silent = 0;
	/** Make the target in the field start over, by switching the field off. */
	private again = false;
	#target: Pn532Target | undefined;
	private onReply: Reply | undefined;
	#request: { command: Pn532Command; onReply: Reply } | undefined;

	/** Throws what the IO classes throw, and `TypeError` where not exactly one bus is given. */
	constructor(options: PN532Options) {
		const { clock, serial, spi, i2c, interrupt } = options;
		if ((serial ? 1 : 0) + (spi ? 1 : 0) + (i2c ? 1 : 0) !== 1)
			throw new TypeError("a PN532 has one bus: serial, spi or i2c");
		this.options = options;
		this.clock = clock;
		this.pollMs = options.pollMs ?? (options.ecp ? 5 : 50);
		this.holdMs = options.holdMs ?? 3000;
		this.healthPolls = options.healthPolls ?? 64;
		this.health = this.healthPolls;

		this.writer = new Pn532FrameWriter(spi?.sumBytes);
		this.link = new Pn532Link(clock, options.ackMs ?? 15, (outcome) => this.done(outcome));
		let hsu: HsuPort | undefined;
		if (serial) {
			hsu = new HsuPort(serial, this.link);
			this.port = hsu;
		} else if (spi) this.port = new SpiPort(spi, clock, interrupt, this.link);
		else this.port = new I2CPort(i2c!, clock, interrupt, this.link);
		this.link.attach(this.port);
		const fastBaud = hsu && serial?.fastBaud !== hsu.baud ? serial?.fastBaud : undefined;
		if (hsu) hsu.otherBaud = fastBaud;

		this.alarm = clock.alarm(() => this.tick());
		this.commands = new Pn532Commands(this.port, this.writer, options, fastBaud);
		this.presence = new Pn532Presence(
			clock,
			options.absentPolls ?? 3,
			this.pollMs,
			options.occupied ?? false,
		);
		this.refusals = new Pn532Refusals(clock);
		this.#exchange = new Pn532Exchange(clock, this.link, this.port, this.writer, options.maxResponse ?? 2048);
		this.startup = new Pn532Startup(options, this.link, this.port, hsu, this.commands, fastBaud, (outcome) =>
			outcome === OK ? this.work() : this.fail(outcome),
		);
	}

	/** The chip has been set up and answers. */
	get ready(): boolean {
		return this.#ready;
	}

	get version(): Version {
		return this.startup.version;
	}

	/** The target that is held for `exchange`. */
	get target(): Pn532Target | undefined {
		return this.#target;
	}

	/**
	 * Whether the target that had this UID was in the field until a moment ago. A target that `onTarget` offers then may be the
	 * same, which lost the field for a moment and has another UID.
	 */
	lately(uid: Uint8Array): boolean {
		return this.presence.lately(uid);
	}

	/** Counts: commands sent again, replies requested again by NACK, errors of the bus. */
	get line(): { resent: number; nacked: number; faults: number } {
		return { resent: this.link.resent, nacked: this.link.nacked, faults: this.port.faults };
	}

	/**
	 * Sends `apdu` to the held target and gives its whole answer. `onReply` is called once, later; `timeoutMs` covers all
	 * pieces. An `apdu` of more than 262 bytes must not change until then. After an error the target is released (`onLost`
	 * follows); if it is still in the field, it is offered again. `growing`: what is there of `apdu` goes out at once, and the rest
	 * when it has been made.
	 */
	exchange(apdu: Uint8Array, timeoutMs: number, onReply: Reply, growing?: Growing): void {
		if (this.state !== HELD || this.#target === undefined) {
			this.refusals.add(onReply, this.state === EXCHANGE ? BUSY : NO_TARGET);
			return;
		}
		this.onReply = onReply;
		this.alarm.clear();
		this.state = EXCHANGE;
		this.#exchange.start(this.#target.number, apdu, timeoutMs, growing);
	}

	/**
	 * Releases the held target. It is offered again when it has left and come back. `again`: offers it again at once, after
	 * the field was off, for a transaction that broke.
	 */
	release(again = false): void {
		if (this.state === HELD) this.letGo(again);
		else if (this.state === EXCHANGE) {
			const onReply = this.onReply;
			this.letGo(again);
			if (onReply) this.refusals.add(onReply, NO_TARGET);
		}
	}

	/**
	 * Runs one command of `commands.ts` between two polls, for self-tests and diagnosis; the reply comes without its code.
	 * One at a time; refused while the chip is at fault.
	 */
	request(payload: Uint8Array, timeoutMs: number, onReply: Reply): void {
		if (this.#request || this.faulty || this.state === ENDED) {
			this.refusals.add(onReply, this.#request ? BUSY : NOT_READY);
			return;
		}
		this.#request = {
			command: prepare(this.port, this.writer, payload, timeoutMs, MAX_BODY, false),
			onReply,
		};
		if (this.state === PAUSE) this.wait(PAUSE, 0);
	}

	/** Ends the driver. Pending replies get the error `closed` during the call. */
	close(): void {
		if (this.state === ENDED) return;
		this.state = ENDED;
		this.#ready = false;
		const onReply = this.onReply;
		const request = this.#request;
		this.onReply = undefined;
		this.#request = undefined;
		this.#target = undefined;
		this.startup.close();
		this.link.close();
		this.port.close();
		this.alarm.close();
		onReply?.(undefined, new PN532Error(CLOSED));
		request?.onReply(undefined, new PN532Error(CLOSED));
		this.refusals.close();
	}

	private send(state: number, command: Pn532Command): void {
		this.state = state;
		this.link.send(command);
	}

	private wait(state: number, ms: number): void {
		this.state = state;
		this.alarm.set(ms);
	}

	private tick(): void {
		switch (this.state) {
			case PAUSE:
				this.poll();
				break;
			case FIELD_PAUSE:
				this.send(FIELD_ON, this.commands.fieldOn);
				break;
			case HELD:
				this.letGo(false);
				this.options.onLost?.(new PN532Error(HELD_TOO_LONG));
				break;
		}
	}

	private done(outcome: number): void {
		if (outcome === ACKNOWLEDGED) {
			if (this.state === EXCHANGE) this.#exchange.acknowledged();
			return;
		}
		if (this.startup.active) {
			this.startup.done(outcome);
			return;
		}
		const ok = outcome === OK;
		switch (this.state) {
			case LIST:
				this.listed(outcome);
				break;
			case HEALTH:
				if (ok && this.startup.sameVersion()) this.sendRetries();
				else this.restart();
				break;
			case RETRIES:
				if (ok) this.list();
				else this.restart();
				break;
			case ECP: // The frame has no answer: a time-out is its success, and any status is accepted.
				if (ok) this.ecp();
				else this.restart();
				break;
			case EXCHANGE:
				this.exchanged(outcome);
				break;
			case RELEASE:
				if (!ok) this.restart();
				else if (this.again) this.send(FIELD_OFF, this.commands.fieldOff);
				else this.pause();
				break;
			case FIELD_OFF:
				if (ok) this.wait(FIELD_PAUSE, FIELD_MS);
				else this.restart();
				break;
			case FIELD_ON:
				this.again = false;
				if (ok) this.wait(PAUSE, 0);
				else this.restart();
				break;
			case REQUEST:
				this.requested(outcome);
				break;
		}
	}

	// Start and recovery.

	/** Sets the chip up anew after silence or nonsense in work, without `onError`. */
	private restart(): void {
		this.counters.restarts++;
		this.state = STARTUP;
		this.startup.again();
	}

	/** The start succeeded: begins polling. */
	private work(): void {
		this.patience = false;
		if (!this.#ready) {
			this.#ready = true;
			this.faulty = false;
			this.wait(PAUSE, 0);
			this.options.onReady?.(this.startup.version);
		} else if (this.again) this.send(FIELD_OFF, this.commands.fieldOff);
		else this.wait(PAUSE, 0);
	}

	/** An attempt to start failed; the next one is on its way. */
	private fail(outcome: number): void {
		this.state = STARTUP;
		this.#ready = false;
		if (this.faulty) return;
		this.faulty = true;
		this.counters.faults++;
		const request = this.#request;
		this.#request = undefined;
		const error = new PN532Error(outcome);
		request?.onReply(undefined, error);
		this.options.onError?.(error);
	}

	// Polling.

	private pause(): void {
		this.wait(PAUSE, this.pollMs);
	}

	private poll(): void {
		if (this.#request) {
			this.send(REQUEST, this.#request.command);
			return;
		}
		this.health -= this.patient ? PATIENT_POLLS : 1;
		if (this.health <= 0) {
			this.health = this.healthPolls;
			if (this.startup.version === NO_VERSION) this.sendRetries();
			else this.send(HEALTH, this.commands.version);
		} else if (this.patience !== this.patient) this.sendRetries();
		else this.list();
	}

	private sendRetries(): void {
		const { patience, retries } = this.commands;
		this.patience = this.patient;
		this.send(RETRIES, this.patient ? patience! : retries);
	}

	private list(): void {
		this.counters.polls++;
		this.polledAt = this.clock.now();
		this.state = LIST;
		if (this.patient) this.link.send(this.commands.list, this.patientMs, PATIENT_LOOK_MS);
		else this.link.send(this.commands.list);
	}

	private listed(outcome: number): void {
		const { buffer, from, to } = this.link;
		const patient = this.patient;
		this.patient = false;
		if (outcome !== OK || to === from) {
			if (outcome === OK) this.counters.malformed++;
			this.presence.missed();
			if (patient) this.patientMs = PATIENT_MOST_MS;
			// Clones that do not answer an empty poll are aborted and set up again at each poll.
			if (++this.silent % SILENT_MAX === 0 && this.startup.canReset) {
				this.state = STARTUP;
				this.startup.anew();
			} else this.restart();
			return;
		}
		this.silent = 0;
		if (buffer[from] === 0) {
			this.presence.missed();
			if (patient)
				this.patientMs = Math.min(PATIENT_MOST_MS, 2 * (this.clock.now() - this.polledAt) + PATIENT_SPARE_MS);
			this.patient = this.commands.patience !== undefined && this.presence.empty;
			if (this.patient) this.wait(PAUSE, 0);
			else {
				this.ecpStep = 0;
				this.ecp();
			}
		} else if (this.presence.recognizes(buffer, from, to)) this.send(RELEASE, this.commands.release);
		else this.found(parseTarget(buffer, from, to));
	}

	/** Sends the next command of an ECP frame; after the last, and where there is none, a pause. */
	private ecp(): void {
		const step = this.ecpStep++;
		const { ecp } = this.commands;
		if (step < ecp.length) this.send(ECP, ecp[step]!);
		else this.pause();
	}

	private found(target: Pn532Target | undefined): void {
		if (target === undefined) {
			this.counters.malformed++;
			this.send(RELEASE, this.commands.release);
			return;
		}
		this.counters.targets++;
		this.presence.offer(target.uid);
		if (target.kind === "iso-dep") {
			this.#target = target;
			this.wait(HELD, this.holdMs);
		} else this.letGo(false, CARD);
		this.options.onTarget?.(target);
	}

	private letGo(again: boolean, kind = PHONE): void {
		const exchanging = this.state === EXCHANGE;
		this.onReply = undefined;
		this.#target = undefined;
		if (again) this.presence.forget();
		else this.presence.letGo(kind);
		this.again = again;
		this.alarm.clear();
		if (exchanging) {
			this.link.abort();
			this.restart();
		} else this.send(RELEASE, this.commands.release);
	}

	// Exchanges and requests.

	private exchanged(outcome: number): void {
		const result = this.#exchange.step(outcome);
		if (result === GOES_ON) return;
		const onReply = this.onReply;
		this.onReply = undefined;
		if (result === OK) {
			this.wait(HELD, this.holdMs);
			onReply?.(this.#exchange.response, undefined);
			return;
		}
		this.#target = undefined;
		this.again = true;
		this.presence.forget();
		// A failure that the chip itself reported leaves it in order; after any other, an old reply may still come.
		if (result <= STATUS_ERROR || result === RESPONSE_TOO_LONG || result === ENDLESS_CHAIN)
			this.send(RELEASE, this.commands.release);
		else {
			this.link.abort();
			this.restart();
		}
		const error = new PN532Error(result);
		onReply?.(undefined, error);
		this.options.onLost?.(error);
	}

	private requested(outcome: number): void {
		const request = this.#request;
		this.#request = undefined;
		const { buffer, from, to } = this.link;
		const bytes = outcome === OK ? buffer.slice(from, to) : undefined;
		if (outcome === OK || outcome === SYNTAX) this.wait(PAUSE, 0);
		else {
			this.link.abort();
			this.restart();
		}
		request?.onReply(bytes, bytes ? undefined : new PN532Error(outcome));
	}
}
