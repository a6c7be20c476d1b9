/**
 * The transaction over NFC: three command-response pairs with a phone that is in the field.
 *
 *   SELECT AID            → version ‖ message_1
 *   MESSAGE P1=2 message_2 → message_3
 *   MESSAGE P1=4 message_4 → (nothing)
 *
 * An EDHOC error goes out as MESSAGE P1=0. `docs/PROTOCOL.md` has the bytes.
 */
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import {
	AID,
	CLA,
	CLA_CHAIN,
	encodeCommand,
	INS_GET_RESPONSE,
	INS_MESSAGE,
	INS_SELECT,
	MAX_COMMAND,
	MAX_COMMAND_DATA,
	MAX_RESPONSE,
	SW_OK,
	statusText,
} from "../../protocol/link/apdu.js";
import { VERSION } from "../../protocol/link/version.js";
import type { Reason } from "../../protocol/reasons.js";
import type { LinkFailure, Transaction } from "../schemes/edhoc/transaction.js";

/** How long a phone may think over one command, ms: host card emulation takes up to 500, a secure element 300 more. */
export const EXCHANGE_LIMIT_MS = 1500;
/** From SELECT to the end, ms. */
export const TRANSACTION_LIMIT_MS = 4000;

/** Pieces of one answer: 1024 bytes take 4 of 256; phones that cut finer get some more. */
const MAX_ROUNDS = 16;

/** A phone in the field, as the driver offers it: one command at a time. */
export interface Card {
	/** `reply` comes once, from the event loop; the bytes are valid until it returns. Data ‖ SW1 ‖ SW2. */
	exchange(
		command: Uint8Array,
		timeoutMs: number,
		reply: (response: Uint8Array | undefined, error: Error | undefined) => void,
	): void;
}

export interface NfcLinkOptions {
	readonly clock: Clock;
	readonly card: Card;
	readonly transaction: Transaction;
	/**
	 * The tap is over and the phone can be let go. `failure` says what stopped it where no decision was reached;
	 * `started` whether the phone had sent a message of the transaction by then.
	 */
	readonly onEnd: (failure: LinkFailure | undefined) => void;
}

const EMPTY = Object.freeze([]) as readonly number[];

export class NfcLink {
	readonly #card: Card;
	readonly #transaction: Transaction;
	readonly #onEnd: NfcLinkOptions["onEnd"];
	readonly #deadline: Alarm;
	readonly #command = new Uint8Array(MAX_COMMAND);
	/** An answer that comes in several. */
	readonly #pieces = new Uint8Array(MAX_RESPONSE);
	readonly #aid: Uint8Array;
	readonly #onReply: (response: Uint8Array | undefined, error: Error | undefined) => void;
	#answered = 0;
	/** Rounds of GET RESPONSE for this command: a phone that always says "more" must not keep us here. */
	#rounds = 0;
	/** The message that is on its way out, and how much of it the phone has. */
	#message: Uint8Array;
	#sent = 0;
	#p1 = 0;
	#active = false;
	#selecting = false;
	/** Counts taps: the reply to a command of an earlier tap is not for this one. */
	#tap = 0;

	constructor(options: NfcLinkOptions) {
		this.#card = options.card;
		this.#transaction = options.transaction;
		this.#onEnd = options.onEnd;
		this.#aid = Uint8Array.from(AID);
		this.#message = Uint8Array.from(EMPTY);
		this.#deadline = options.clock.alarm(() =>
			this.#fail("transaction-incomplete", "the phone took too long"),
		);
		this.#onReply = (response, error) => this.#reply(response, error);
	}

	get active(): boolean {
		return this.#active;
	}

	/** A phone is there: begin. */
	start(): void {
		this.#active = true;
		this.#selecting = true;
		this.#sent = this.#message.length;
		this.#transaction.open();
		this.#deadline.set(TRANSACTION_LIMIT_MS);
		this.#send(encodeCommand(this.#command, 0x00, INS_SELECT, 0x04, 0x00, this.#aid, 0));
	}

	/** The phone left, or the chip failed. */
	lost(detail: string): void {
		if (this.#active) this.#fail("transaction-incomplete", detail);
	}

	#send(command: Uint8Array): void {
		this.#answered = 0;
		this.#rounds = 0;
		this.#exchange(command);
	}

	#exchange(command: Uint8Array): void {
		const tap = this.#tap;
		this.#card.exchange(command, EXCHANGE_LIMIT_MS, (response, error) => {
			if (tap === this.#tap && this.#active) this.#onReply(response, error);
		});
	}

	#reply(response: Uint8Array | undefined, error: Error | undefined): void {
		if (response === undefined) {
			this.#fail("transaction-incomplete", error?.message ?? "no answer");
			return;
		}
		const length = response.length - 2;
		if (length < 0) {
			this.#fail("malformed", "an answer without a status word");
			return;
		}
		const sw = (response[length]! << 8) | response[length + 1]!;
		if (this.#answered + length > MAX_RESPONSE) {
			this.#fail("malformed", "an answer of over 1024 bytes");
			return;
		}
		if (sw === SW_OK && this.#answered === 0) {
			// All of it came at once: read where it is.
			this.#answer(response.subarray(0, length));
			return;
		}
		this.#pieces.set(response.subarray(0, length), this.#answered);
		this.#answered += length;
		if (sw >> 8 === 0x61) {
			if (++this.#rounds > MAX_ROUNDS) this.#fail("malformed", "an answer in too many pieces");
			else this.#exchange(encodeCommand(this.#command, 0x00, INS_GET_RESPONSE, 0, 0, undefined, sw & 255));
			return;
		}
		if (sw !== SW_OK) {
			this.#fail("transaction-incomplete", `${statusText(sw)} (${sw.toString(16)})`);
			return;
		}
		this.#answer(this.#pieces.subarray(0, this.#answered));
	}

	#answer(answer: Uint8Array): void {
		if (this.#sent < this.#message.length) this.#sendChunk();
		else this.#complete(answer);
	}

	/** A whole answer has come. */
	#complete(answer: Uint8Array): void {
		const transaction = this.#transaction;
		let message = answer;
		if (this.#selecting) {
			this.#selecting = false;
			if (answer[0] !== VERSION) {
				this.#fail("malformed", `the phone speaks version ${answer[0]}, this reader ${VERSION}`);
				return;
			}
			message = answer.subarray(1);
		}
		if (transaction.over) {
			// The answer to message_4 or to our error: nothing more is expected.
			this.#end(undefined);
			return;
		}
		const next = transaction.receive(message);
		if (next === undefined) {
			this.#end(undefined);
			return;
		}
		this.#message = next;
		this.#sent = 0;
		this.#p1 = transaction.failed ? 0 : transaction.over ? 4 : 2;
		this.#sendChunk();
	}

	#sendChunk(): void {
		const left = this.#message.length - this.#sent;
		const size = Math.min(left, MAX_COMMAND_DATA);
		const chunk = this.#message.subarray(this.#sent, this.#sent + size);
		this.#sent += size;
		const last = size === left;
		const cla = last ? CLA : CLA | CLA_CHAIN;
		// An answer with data is expected to message_2 alone.
		const le = last && this.#p1 === 2 ? 0 : undefined;
		this.#send(encodeCommand(this.#command, cla, INS_MESSAGE, this.#p1, 0, chunk, le));
	}

	#fail(reason: Reason, detail: string): void {
		const started = this.#transaction.started;
		// After the decision the phone only misses its receipt: the door has been told already.
		const decided = this.#transaction.over;
		this.#transaction.abandon();
		this.#end(decided ? undefined : { reason, detail, started });
	}

	#end(failure: LinkFailure | undefined): void {
		this.#active = false;
		this.#tap++;
		this.#deadline.clear();
		this.#sent = this.#message.length;
		this.#onEnd(failure);
	}
}
