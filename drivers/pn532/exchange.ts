// SPDX-License-Identifier: Apache-2.0

import type { Clock } from "../../hal/contracts/time.js";
import { IN_DATA_EXCHANGE, MAX_DATA } from "./commands.js";
import type { Pn532FrameWriter } from "./frame.js";
import type { Pn532Link } from "./link.js";
import type { Growing } from "./options.js";
import type { Port } from "./port.js";
import {
	ENDLESS_CHAIN,
	NO_REPLY,
	OK,
	RESPONSE_TOO_LONG,
	SHORT_REPLY,
	STATUS_ERROR,
	STATUS_MORE,
} from "./status.js";

/** Pieces of one answer at most; 2048 bytes take 8. */
const CHAIN_MAX = 64;
/** First guess at the length of an answer's frame, bytes. */
const LIKELY_SIZE = 64;
/** So many growing commands in a row that broke at their first piece: from then on they are sent whole, as for a chip that cannot chain. */
const BROKEN_MAX = 3;
/** MI in the target byte: more of this command follows (UM0701-02, 7.3.8). */
const MORE = 0x40;

/** Result of `Pn532Exchange.step`: another piece is under way. */
export const GOES_ON = -1;

/**
 * One APDU and its answer over InDataExchange (UM0701-02, 7.3.8). More than 262 bytes travel in pieces (MI), each with its own
 * status. The time limit covers all pieces. So does what is there of a growing command.
 */
export class Pn532Exchange {
	/** After `step` gave `OK`: the answer, good until the next command. */
	response: Uint8Array;

	private readonly clock: Clock;
	private readonly link: Pn532Link;
	private readonly port: Port;
	private readonly writer: Pn532FrameWriter;
	private readonly maxResponse: number;
	/** Buffer for answers in pieces, made at the first one. */
	private chain: Uint8Array | undefined;
	private chained = 0;
	private pieces = 0;
	private apdu: Uint8Array;
	private growing: Growing | undefined;
	/** `work` was called for the piece that is under way. */
	private worked = false;
	/** Exchanges in a row that ended between their pieces. */
	private broken = 0;
	private sent = 0;
	private number = 0;
	private deadline = 0;

	constructor(clock: Clock, link: Pn532Link, port: Port, writer: Pn532FrameWriter, maxResponse: number) {
		this.clock = clock;
		this.link = link;
		this.port = port;
		this.writer = writer;
		this.maxResponse = maxResponse;
		this.apdu = new Uint8Array(0);
		this.response = this.apdu;
	}

	/** Sends the first piece. `number`: the chip's number of the target. `apdu` is read again for each further piece. */
	start(number: number, apdu: Uint8Array, timeoutMs: number, growing?: Growing): void {
		this.number = number;
		this.apdu = apdu;
		this.growing = growing;
		if (growing && this.broken >= BROKEN_MAX) while (growing.ready < apdu.length) growing.work();
		this.sent = 0;
		this.chained = 0;
		this.pieces = 0;
		this.deadline = this.clock.now() + timeoutMs;
		this.sendPiece(timeoutMs);
	}

	/** The chip has taken a piece, and works on it. */
	acknowledged(): void {
		if (this.worked) return;
		this.worked = true;
		this.growing?.work();
	}

	/** Takes the link's outcome. Returns `OK`, with `response` set, `GOES_ON`, or the code of the failure. */
	step(outcome: number): number {
		const isPart = this.growing !== undefined && this.sent < this.apdu.length;
		// Counted until the next piece is under way.
		if (isPart) this.broken++;
		if (outcome !== OK) return outcome;
		if (isPart) this.acknowledged();
		const { buffer, to } = this.link;
		let from = this.link.from;
		if (from === to) return SHORT_REPLY;
		const status = buffer[from++]!;
		if ((status & STATUS_ERROR) !== 0) return status & STATUS_ERROR;
		if (this.sent < this.apdu.length) {
			if (this.late()) return NO_REPLY;
			this.broken = 0;
			this.sendPiece(this.left);
			return GOES_ON;
		}
		const more = (status & STATUS_MORE) !== 0;
		if (!more && this.pieces === 0) {
			this.response = buffer.subarray(from, to);
			return OK;
		}
		if (this.chained + to - from > this.maxResponse) return RESPONSE_TOO_LONG;
		this.chain ??= new Uint8Array(this.maxResponse);
		this.chain.set(buffer.subarray(from, to), this.chained);
		this.chained += to - from;
		if (!more) {
			this.response = this.chain.subarray(0, this.chained);
			return OK;
		}
		if (++this.pieces > CHAIN_MAX) return ENDLESS_CHAIN;
		if (this.late()) return NO_REPLY;
		this.writer.begin(IN_DATA_EXCHANGE).byte(this.number);
		this.send(this.left);
		return GOES_ON;
	}

	private late(): boolean {
		return this.clock.now() >= this.deadline;
	}

	/** Until the exchange's time limit, ms. */
	private get left(): number {
		return Math.max(this.deadline - this.clock.now(), 1);
	}

	private sendPiece(timeoutMs: number): void {
		const apdu = this.apdu;
		const left = apdu.length - this.sent;
		const size = Math.min((this.growing?.ready ?? apdu.length) - this.sent, MAX_DATA);
		const more = size < left;
		const writer = this.writer.begin(IN_DATA_EXCHANGE).byte(this.number | (more ? MORE : 0));
		writer.bytes(size === apdu.length ? apdu : apdu.subarray(this.sent, this.sent + size));
		this.sent += size;
		this.worked = false;
		this.send(timeoutMs);
	}

	private send(timeoutMs: number): void {
		this.link.send({
			code: IN_DATA_EXCHANGE,
			wire: this.port.prepare(this.writer.finish(), true),
			timeoutMs,
			replySize: LIKELY_SIZE,
			repeatable: false,
		});
	}
}
