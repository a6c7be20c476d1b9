// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import {
	ACK,
	ACK_FRAME_LENGTH,
	ackFrame,
	CHIP_TO_HOST,
	DATA,
	ERROR,
	NONE,
	nackFrame,
	SPOILED,
} from "./frame.js";
import type { Listener, Port } from "./port.js";
import { BUS_FAULT, NO_ACK, NO_REPLY, OK, SHORT_REPLY, SPOILED_REPLY, SYNTAX } from "./status.js";

/** A command that is ready to be sent. */
export interface Pn532Command {
	readonly code: number;
	/** The bytes that the port sends. */
	readonly wire: Uint8Array;
	/** From the command's last byte to the reply's, ms. */
	readonly timeoutMs: number;
	/** Expected length of the reply's frame, bytes. */
	readonly replySize: number;
	/** Whether it may be sent twice. */
	readonly repeatable: boolean;
}

/** What `onDone` is told when the chip has begun with a command that is not repeatable. */
export const ACKNOWLEDGED = -1;

const IDLE = 0;
const AWAIT_ACK = 1;
const AWAIT_REPLY = 2;

const TRIES = 3;
const NACKS = 2;
/**
 * Interval of looks at a frame that comes in pieces, ms. One that did not grow in between is cut off, 30 to 60 ms after its last
 * byte: more than a USB adapter's latency of 16 ms, and than the 24 ms of a whole frame at 115200 baud.
 */
const GAP_MS = 30;
/** How long a reply that came before its ACK is kept while replies to earlier commands may still come, ms. */
const HELD_MS = 60;

/**
 * Runs one command at a time: command, ACK, reply (UM0701-02, 6.2.2), and recovers from faults.
 *
 * - The ACK is missing: a repeatable command is sent again. An exchange is not, since its APDU could reach the phone twice; it
 *   waits for its reply.
 * - The reply is damaged or cut off: it is requested again by NACK.
 * - The reply is to another command: it is dropped.
 * - The reply comes before its ACK: it counts; but while replies to earlier commands may still come (after a start, an abort or
 *   a time-out) only if no other follows.
 */
export class Pn532Link implements Listener {
	/** The buffer with the reply's parameters, `buffer[from..to)` behind the reply code; valid during `onDone`. */
	buffer: Uint8Array;
	from = 0;
	to = 0;
	/** Count of commands that were sent again, for diagnosis. */
	resent = 0;
	nacked = 0;

	private readonly clock: Clock;
	private readonly alarm: Alarm;
	private readonly onDone: (outcome: number) => void;
	private readonly ackMs: number;
	private readonly held = new Uint8Array(300);
	private port!: Port;
	private ack!: Uint8Array;
	private nack!: Uint8Array;
	private command: Pn532Command | undefined;
	private state = IDLE;
	private acknowledged = false;
	private lookMs: number | undefined;
	private tries = 0;
	private nacks = 0;
	private heldLength = 0;
	private suspect = true;
	private faults = 0;
	/** When the present stage times out. */
	private due = 0;
	/** When the command as a whole times out. */
	private deadline = 0;
	/** The alarm is set for the next look at a frame that comes in pieces. */
	private gap = false;
	/** `reader.taken` at the last of these looks. */
	private taken = 0;

	/** `onDone` gets 0 or a code of `FAILURES`, before that `ACKNOWLEDGED`, and is called from the event loop. */
	constructor(clock: Clock, ackMs: number, onDone: (outcome: number) => void) {
		this.clock = clock;
		this.ackMs = ackMs;
		this.onDone = onDone;
		this.alarm = clock.alarm(() => this.timer());
		this.buffer = this.held;
	}

	/** Gives the link its port; must come first, since a port is made with its listener. */
	attach(port: Port): void {
		this.port = port;
		this.ack = port.prepare(ackFrame());
		this.nack = port.prepare(nackFrame());
	}

	/** `lookMs`: how often to look for the reply where no interrupt line tells. */
	send(command: Pn532Command, timeoutMs = command.timeoutMs, lookMs?: number): void {
		if (this.state !== IDLE) throw new Error("PN532 command under way");
		this.command = command;
		this.lookMs = lookMs;
		this.tries = 0;
		this.nacks = 0;
		this.heldLength = 0;
		this.faults = this.port.faults;
		const now = this.clock.now();
		this.deadline = now + timeoutMs + this.port.wireMs(command.wire.length);
		this.transmit(command, now);
	}

	/** Stops what the chip does, by an ACK from the host. A command sent right after it is lost (libnfc issue 167). */
	abort(): void {
		this.reset();
		this.suspect = true;
		this.port.send(this.ack);
	}

	/** Confirms a SetSerialBaudRate, at the old rate. */
	confirm(): void {
		this.port.send(this.ack);
	}

	close(): void {
		this.reset();
		this.alarm.close();
	}

	private reset(): void {
		this.state = IDLE;
		this.gap = false;
		this.alarm.clear();
		this.port.expect(0);
		this.port.reader.clear();
	}

	private transmit(command: Pn532Command, now: number): void {
		this.tries++;
		this.state = AWAIT_ACK;
		this.acknowledged = false;
		this.port.reader.clear();
		this.port.send(command.wire);
		this.port.expect(ACK_FRAME_LENGTH);
		this.arm(now + this.ackMs + this.port.wireMs(command.wire.length + ACK_FRAME_LENGTH), now);
	}

	private arm(due: number, now: number): void {
		this.due = due;
		this.gap = false;
		this.alarm.set(due > now ? due - now : 0);
	}

	private awaitReply(command: Pn532Command, due: number): void {
		this.state = AWAIT_REPLY;
		this.port.expect(command.replySize, this.lookMs);
		this.arm(due, this.clock.now());
		if (this.port.reader.wanted > 0) this.partial();
	}

	received(kind: number): void {
		const command = this.command;
		if (this.state === IDLE || command === undefined) return;
		if (this.gap) this.arm(this.due, this.clock.now());
		if (kind === ACK) {
			if (this.state !== AWAIT_ACK) return;
			this.acknowledged = true;
			const held = this.heldLength > 0 ? this.clock.now() + HELD_MS : this.deadline;
			this.awaitReply(command, Math.min(held, this.deadline));
			if (!command.repeatable) this.onDone(ACKNOWLEDGED);
		} else if (kind === DATA) this.data(command);
		else if (kind === ERROR) {
			if (this.state === AWAIT_REPLY || !this.suspect) this.finish(SYNTAX);
		} else if (kind === SPOILED) {
			const { buffer, from } = this.port.reader;
			if (buffer[from] === CHIP_TO_HOST && buffer[from + 1] === command.code + 1) this.askAgain(command);
		}
	}

	private data(command: Pn532Command): void {
		const reader = this.port.reader;
		const buffer = reader.buffer;
		let from = reader.from;
		const to = reader.to;
		const reply = command.code + 1;
		if (buffer[from] !== CHIP_TO_HOST) return;
		// Some clones send D5 twice.
		if (to - from > 2 && buffer[from + 1] === CHIP_TO_HOST && buffer[from + 2] === reply) from++;
		if (to - from < 2) {
			if (this.state === AWAIT_REPLY) this.tryAgain(command, SHORT_REPLY);
			return;
		}
		if (buffer[from + 1] !== reply) return;
		if (this.state === AWAIT_ACK && this.suspect) {
			this.heldLength = to - from;
			this.held.set(buffer.subarray(from, to));
			this.port.expect(ACK_FRAME_LENGTH);
			return;
		}
		this.buffer = buffer;
		this.from = from + 2;
		this.to = to;
		this.finish(OK);
	}

	partial(): void {
		if (this.state === IDLE) return;
		if (this.gap || this.clock.now() + GAP_MS >= this.due) return;
		this.gap = true;
		this.taken = this.port.reader.taken;
		this.alarm.set(GAP_MS);
	}

	garbage(): void {
		if (this.state === AWAIT_REPLY && this.acknowledged && this.command) this.askAgain(this.command);
	}

	/** Requests a damaged reply again, which the chip still has. */
	private askAgain(command: Pn532Command): void {
		if (this.nacks >= NACKS) {
			this.finish(SPOILED_REPLY);
			return;
		}
		this.nacks++;
		this.nacked++;
		this.port.reader.clear();
		this.port.send(this.nack);
		this.port.expect(command.replySize);
	}

	private tryAgain(command: Pn532Command, outcome: number): void {
		const now = this.clock.now();
		if (command.repeatable && this.tries < TRIES && now < this.deadline) {
			this.resent++;
			this.transmit(command, now);
		} else this.finish(outcome);
	}

	private timer(): void {
		const command = this.command;
		if (this.state === IDLE || command === undefined) return;
		if (this.gap) {
			if (this.port.reader.taken === this.taken) this.stalled(command);
			else {
				this.arm(this.due, this.clock.now());
				this.partial();
			}
			return;
		}
		const state = this.state;
		this.port.check();
		if (this.state !== state || this.command !== command || this.due > this.clock.now()) return;
		if (this.rescan(command)) return;
		if (state === AWAIT_REPLY) {
			if (this.heldLength > 0) this.deliverHeld();
			else this.finish(this.acknowledged ? NO_REPLY : this.silence());
		} else if (command.repeatable) {
			if (this.tries < TRIES) {
				this.resent++;
				this.transmit(command, this.clock.now());
			} else if (this.heldLength > 0) this.deliverHeld();
			else this.finish(this.silence());
		} else this.awaitReply(command, this.deadline);
	}

	private silence(): number {
		return this.port.faults > this.faults ? BUS_FAULT : NO_ACK;
	}

	/** A frame stopped growing: it was noise that looked like a start, or a reply that was cut off. */
	private stalled(command: Pn532Command): void {
		const reader = this.port.reader;
		const ours = reader.peek(0) === CHIP_TO_HOST && reader.peek(1) === command.code + 1;
		this.arm(this.due, this.clock.now());
		if (this.rescan(command) || !ours || this.state !== AWAIT_REPLY) return;
		this.askAgain(command);
	}

	/** Searches a stalled frame for frames inside it; true when there was one. */
	private rescan(command: Pn532Command): boolean {
		const reader = this.port.reader;
		const state = this.state;
		const tries = this.tries;
		while (reader.wanted > 0) {
			reader.skip();
			for (let kind = reader.next(); kind !== NONE; kind = reader.next()) this.received(kind);
			if (this.state === state && this.command === command && this.tries === tries) continue;
			if (reader.wanted > 0) this.partial();
			return true;
		}
		return false;
	}

	private deliverHeld(): void {
		this.buffer = this.held;
		this.from = 2;
		this.to = this.heldLength;
		this.finish(OK);
	}

	private finish(outcome: number): void {
		// The alarm is left as it is: the next command sets it anew, and without one it finds nothing to do.
		this.state = IDLE;
		this.gap = false;
		this.port.expect(0);
		if (outcome === OK || outcome === SYNTAX) this.suspect = false;
		else this.suspect = true;
		this.onDone(outcome);
	}
}
