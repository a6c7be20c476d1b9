// SPDX-License-Identifier: Apache-2.0

/** Commands and answers of any length over a card that takes short APDUs: chaining and GET RESPONSE (ISO/IEC 7816-4, 5.3). */
import {
	CLA_CHAIN,
	COMMAND_HEAD,
	encodeCommand,
	INS_GET_RESPONSE,
	MAX_COMMAND,
	MAX_COMMAND_DATA,
	MAX_RESPONSE,
	SW_OK,
	statusText,
} from "../../protocol/link/apdu.js";
import type { Reason } from "../../protocol/reasons.js";
import type { ApduRequest } from "../schemes/scheme.js";

/** How long a phone may think over one command, ms: host card emulation takes up to 500, a secure element 300 more. */
export const EXCHANGE_LIMIT_MS = 1500;

/** Pieces of one answer: 1024 bytes take 4 of 256; phones that cut finer get some more. */
const MAX_ROUNDS = 16;

/** A command whose end is made while its beginning is under way. */
export interface Growing {
	/** Bytes of the command that are there. */
	readonly ready: number;
	/** The card is at work: makes the rest, or works ahead of the answer. */
	work(): void;
}

/** A phone in the field, as the driver offers it: one command at a time. */
export interface Card {
	/** `reply` comes once, from the event loop; the bytes are valid until it returns. Data ‖ SW1 ‖ SW2. */
	exchange(
		command: Uint8Array,
		timeoutMs: number,
		reply: (response: Uint8Array | undefined, error: Error | undefined) => void,
		growing: Growing,
	): void;
}

type Reply = Parameters<Card["exchange"]>[2];

export interface ApduChannelOptions {
	readonly card: Card;
	/** The whole data of an answer with status 9000; valid until it returns. */
	readonly onAnswer: (data: Uint8Array) => void;
	/** The card is at work on a command: makes the rest of the request's data, or works ahead of the answer. */
	readonly onWork: () => void;
	/** The exchange is over. `status`: the status word, where it was one. */
	readonly onFailure: (reason: Reason, detail: string, status: number | undefined) => void;
}

export class ApduChannel implements Growing {
	ready = 0;
	private readonly options: ApduChannelOptions;
	private readonly command = new Uint8Array(MAX_COMMAND);
	/** An answer that comes in several pieces. */
	private readonly pieces = new Uint8Array(MAX_RESPONSE);
	private answered = 0;
	/** Rounds of GET RESPONSE for this command: a phone that always says "more" is cut off. */
	private rounds = 0;
	private request: ApduRequest | undefined;
	/** Bytes of the command under way. */
	private length = 0;
	/** Bytes of the request's data that were there when it was sent; 0: all. */
	private made = 0;
	/** Bytes of the request's data that the phone has. */
	private sent = 0;
	/** Takes the replies until what is under way is given up: a late reply to that is not for what comes next. */
	private onReply: Reply | undefined;

	constructor(options: ApduChannelOptions) {
		this.options = options;
	}

	/** Sends a command; `onAnswer` or `onFailure` follows once. */
	transmit(request: ApduRequest): void {
		this.request = request;
		this.sent = 0;
		this.sendChunk(request);
	}

	/** Nothing of the command under way comes any more. */
	cancel(): void {
		this.request = undefined;
		this.onReply = undefined;
	}

	private sendChunk({ cla, ins, p1, p2, data, le, ready = data.length }: ApduRequest): void {
		// Of a message in several commands each is sent when it is whole.
		if (ready < data.length && data.length > MAX_COMMAND_DATA) this.options.onWork();
		this.made = ready < data.length && data.length <= MAX_COMMAND_DATA ? ready : 0;
		const left = data.length - this.sent;
		const size = Math.min(left, MAX_COMMAND_DATA);
		const chunk = size === data.length ? data : data.subarray(this.sent, this.sent + size);
		this.sent += size;
		const last = size === left;
		this.answered = 0;
		this.rounds = 0;
		const head = last ? cla : cla | CLA_CHAIN;
		const command = encodeCommand(this.command, head, ins, p1, p2, chunk, last && le ? 0 : undefined);
		this.exchange(command);
	}

	work(): void {
		const { request, made } = this;
		if (request === undefined) return;
		this.options.onWork();
		if (made === 0) return;
		this.made = 0;
		this.command.set(request.data.subarray(made), COMMAND_HEAD + made);
		this.ready = this.length;
	}

	private exchange(command: Uint8Array): void {
		this.length = command.length;
		this.ready = this.made > 0 ? COMMAND_HEAD + this.made : command.length;
		this.onReply ??= this.replies();
		this.options.card.exchange(command, EXCHANGE_LIMIT_MS, this.onReply, this);
	}

	private replies(): Reply {
		const onReply: Reply = (response, error) => {
			if (onReply === this.onReply) this.reply(response, error);
		};
		return onReply;
	}

	private reply(response: Uint8Array | undefined, error: Error | undefined): void {
		if (response === undefined) {
			this.fail("transaction-incomplete", error?.message ?? "no answer");
			return;
		}
		const length = response.length - 2;
		if (length < 0) {
			this.fail("malformed", "an answer without a status word");
			return;
		}
		const sw = (response[length]! << 8) | response[length + 1]!;
		if (this.answered + length > MAX_RESPONSE) {
			this.fail("malformed", "an answer of over 1024 bytes");
			return;
		}
		if (sw === SW_OK && this.answered === 0) {
			// All of it came at once: read where it is.
			this.answer(response.subarray(0, length));
			return;
		}
		this.pieces.set(response.subarray(0, length), this.answered);
		this.answered += length;
		if (sw >> 8 === 0x61) {
			if (++this.rounds > MAX_ROUNDS) this.fail("malformed", "an answer in too many pieces");
			else this.exchange(encodeCommand(this.command, 0x00, INS_GET_RESPONSE, 0, 0, undefined, sw & 255));
			return;
		}
		if (sw !== SW_OK) {
			this.fail("transaction-incomplete", `${statusText(sw)} (${sw.toString(16)})`, sw);
			return;
		}
		this.answer(this.pieces.subarray(0, this.answered));
	}

	private answer(answer: Uint8Array): void {
		const request = this.request!;
		if (this.sent < request.data.length) this.sendChunk(request);
		else this.options.onAnswer(answer);
	}

	private fail(reason: Reason, detail: string, status?: number): void {
		this.options.onFailure(reason, detail, status);
	}
}
