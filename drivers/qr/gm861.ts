// SPDX-License-Identifier: Apache-2.0

/**
 * Scanner modules of the GM65 and GM861 kind (Hangzhou Grow; Waveshare and DFRobot sell them too), set up and asked over their
 * serial port: `7E 00 | type | length | address (2) | data | CRC (2)`, answered by `02 00 | 00 | length | data | CRC (2)`. Its settings are
 * bytes at addresses, "zones". A text comes as `03 | length (2) | text` once zone 0060 says so.
 *
 * Its maker's set-up codes, shown by anyone, set such a module up: they are switched off, and the zones are read back at a start,
 * every minute, and after each text that is no code.
 */
import type { SerialUse } from "../../hal/contracts/io.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { MAX_TEXT, type ScannerEvents, type TextFormat, TextPort } from "./text-port.js";

/** Rates at which a silent one is tried, and then at the configuration's again: from its factory, and as fast as it can. */
const OTHER_BAUDS: readonly number[] = Object.freeze([9600, 115_200]);

/** Types of commands. */
const READ = 7;
const WRITE = 8;
const SAVE = 9;
/** In place of a CRC: it is not checked. */
const NO_CRC = Object.freeze([0xab, 0xcd]);

interface Zone {
	readonly address: number;
	/** Bits that count. */
	readonly mask: number;
	readonly value: number;
}

/** In the order in which they are set: what keeps strangers out comes first. */
const ZONES: readonly Zone[] = Object.freeze([
	/** Bit 1: set-up codes do nothing. Bit 0: their text comes as any other. */
	Object.freeze({ address: 0x03, mask: 0x03, value: 0x03 }),
	/** Bits 1 and 0: texts go out by the serial port. */
	Object.freeze({ address: 0x0d, mask: 0x03, value: 0x00 }),
	/** Texts are framed, with no more behind them than their CR. */
	Object.freeze({ address: 0x60, mask: 0xff, value: 0x81 }),
	/** Light on reading (80), silent (40), aim (10) and lamp (04) while it looks, which it does all the time (02). */
	Object.freeze({ address: 0x00, mask: 0xff, value: 0x96 }),
	/** The same code again after 3 s at the earliest. */
	Object.freeze({ address: 0x13, mask: 0xff, value: 0x9e }),
]);

/** An answer may take so long, ms: at 9,600 bits per second it is 10 ms on the wire, more while the module reads a code. */
const ANSWER_MS = 500;
/** Commands without an answer until it counts as silent, and writes of a zone that it does not keep. */
const TRIES = 3;
/** Between rounds: where all was well, and else. */
const CHECK_MS = 60_000;
const RETRY_MS = 5000;
/** A round asked for begins so long after, ms: whoever shows it texts without end keeps it from nothing. */
const SOON_MS = 1000;
/** No byte for so long ends a frame, ms. */
const PAUSE_MS = 200;
/** What is written at most: seven and two bytes. */
const COMMAND = 9;

/** What the next byte is. */
const IDLE = 0;
const LENGTH_HIGH = 1;
const LENGTH_LOW = 2;
const TEXT = 3;
const ANSWER = 4;

/** Bytes of an answer's head, and those behind its data. */
const HEAD = 4;
const CRC = 2;
const MAX_ANSWER = 16;
/** CRC of the answer to a write, which some modules send with every answer. */
const WRITTEN_CRC = 0x3331;

export class GM861 implements TextFormat {
	private readonly clock: Clock;
	private readonly events: ScannerEvents;
	private readonly port: TextPort;
	private readonly alarm: Alarm;
	private readonly home: number;
	/** Times that it was given up. */
	private losses = 0;
	private readonly command = new Uint8Array(COMMAND);
	private readonly answer = new Uint8Array(MAX_ANSWER);
	private expected = IDLE;
	/** Bytes of the answer so far; bytes that the text's frame still has. */
	private have = 0;
	private left = 0;
	private heardAt = 0;
	/** Index in `ZONES`; their number: to be saved; -1 between rounds. */
	private zone = -1;
	/** The command that waits for its answer. */
	private asked: typeof READ | typeof WRITE | typeof SAVE = READ;
	private tries = 0;
	private writes = 0;
	/** The value to write: bits that do not count as they were read. */
	private wanted = 0;
	/** Something was written in this round. */
	private changed = false;
	/** A round was asked for. */
	private isSoon = false;
	/** All zones were as they have to be when they were read last: texts are framed. */
	private ready = false;

	constructor(clock: Clock, serial: SerialUse, baud: number, events: ScannerEvents) {
		this.clock = clock;
		this.events = events;
		this.home = baud;
		this.alarm = clock.alarm(() => this.due());
		this.port = new TextPort(serial, this);
		this.port.open(baud);
		this.begin();
	}

	/** What it read was no code: it may be another than it was. */
	check(): void {
		if (this.zone >= 0 || this.isSoon) return;
		this.isSoon = true;
		this.alarm.set(SOON_MS);
	}

	private begin(): void {
		this.isSoon = false;
		this.zone = 0;
		this.changed = false;
		this.writes = 0;
		this.ask(READ);
	}

	private ask(type: typeof READ | typeof WRITE | typeof SAVE): void {
		this.asked = type;
		this.tries = 0;
		this.send();
	}

	private send(): void {
		const { asked, command } = this;
		command[0] = 0x7e;
		command[1] = 0;
		command[2] = asked;
		command[3] = 1;
		command[4] = 0;
		command[5] = ZONES[this.zone]?.address ?? 0;
		command[6] = asked === READ ? 1 : asked === WRITE ? this.wanted : 0;
		command.set(NO_CRC, 7);
		this.tries++;
		this.port.write(command);
		this.alarm.set(ANSWER_MS);
	}

	/** No answer came, or the next round is due. */
	private due(): void {
		if (this.zone < 0) this.begin();
		else if (this.tries < TRIES) this.send();
		else {
			this.fail("it does not answer");
			// A set-up code may have set its rate.
			this.port.open(OTHER_BAUDS[this.losses++ % (OTHER_BAUDS.length + 1)] ?? this.home);
			this.expected = IDLE;
		}
	}

	private fail(detail: string): void {
		this.ready = false;
		this.zone = -1;
		this.events.onState(false, detail);
		this.alarm.set(RETRY_MS);
	}

	private answered(value: number): void {
		const { asked, zone } = this;
		if (zone < 0) return;
		if (asked === WRITE) this.ask(READ);
		else if (asked === SAVE) this.done();
		else if ((value & ZONES[zone]!.mask) === ZONES[zone]!.value) this.next();
		else this.set(value);
	}

	/** The zone has another value than it has to have. */
	private set(value: number): void {
		const { address, mask, value: right } = ZONES[this.zone]!;
		if (this.writes++ === TRIES) {
			this.fail(`zone ${address} stays ${value}`);
			return;
		}
		// Until all were read back, what it reads may come in any form.
		this.ready = false;
		this.changed = true;
		this.wanted = (value & ~mask) | right;
		this.ask(WRITE);
	}

	private next(): void {
		this.writes = 0;
		this.zone++;
		if (this.zone < ZONES.length) this.ask(READ);
		else if (this.changed) this.ask(SAVE);
		else this.done();
	}

	private done(): void {
		this.zone = -1;
		this.ready = true;
		this.events.onState(true, this.changed ? "set up" : "as it was set up");
		this.alarm.set(CHECK_MS);
	}

	take(bytes: Uint8Array, count: number): void {
		const now = this.clock.now();
		if (now - this.heardAt > PAUSE_MS) this.expected = IDLE;
		this.heardAt = now;
		let at = 0;
		while (at < count) {
			if (this.expected === TEXT) at = this.takeText(at, count);
			else this.takeByte(bytes[at++]!);
		}
	}

	private takeText(at: number, count: number): number {
		const part = Math.min(count - at, this.left);
		this.port.append(at, part);
		this.left -= part;
		if (this.left === 0) this.endText();
		return at + part;
	}

	private takeByte(byte: number): void {
		switch (this.expected) {
			case IDLE:
				// Between frames there may be a CR, and before the set-up texts as they are.
				if (byte === 3) this.expected = LENGTH_HIGH;
				else if (byte === 2) {
					this.expected = ANSWER;
					this.answer[0] = byte;
					this.have = 1;
				}
				break;
			case LENGTH_HIGH:
				this.left = byte << 8;
				this.expected = LENGTH_LOW;
				break;
			case LENGTH_LOW:
				this.left |= byte;
				this.port.length = 0;
				this.expected = this.left === 0 ? IDLE : TEXT;
				break;
			default:
				this.takeAnswer(byte);
		}
	}

	private takeAnswer(byte: number): void {
		const { answer, have } = this;
		answer[have] = byte;
		this.have = have + 1;
		// 02 00, success, and a length that fits.
		const wrong = have < 3 ? byte !== 0 : have === 3 && (byte === 0 || byte > MAX_ANSWER - HEAD - CRC);
		if (wrong) this.expected = IDLE;
		if (have < HEAD || this.have < HEAD + answer[3]! + CRC) return;
		this.expected = IDLE;
		if (isWhole(answer, this.have)) this.answered(answer[HEAD]!);
	}

	private endText(): void {
		this.expected = IDLE;
		const { text } = this.port;
		let { length } = this.port;
		this.port.length = 0;
		if (!this.ready || length > MAX_TEXT) return;
		while (length > 0 && (text[length - 1] === 0x0d || text[length - 1] === 0x0a)) length--;
		if (length > 0) this.events.onText(text, length);
	}
}

/** Whether the CRC of an answer of `length` bytes is its own (CCITT, from 0, over all behind 02 00), or that of every write. */
function isWhole(answer: Uint8Array, length: number): boolean {
	const end = length - CRC;
	const given = (answer[end]! << 8) | answer[end + 1]!;
	if (given === WRITTEN_CRC) return true;
	let crc = 0;
	for (let i = 2; i < end; i++) {
		crc ^= answer[i]! << 8;
		for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) !== 0 ? 0x1021 : 0)) & 0xffff;
	}
	return crc === given;
}
