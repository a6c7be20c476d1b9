// SPDX-License-Identifier: Apache-2.0

/**
 * The phone's app behind NFC host card emulation: takes ISO 7816-4 commands and gives their answers, with the status words of
 * Android's HostApduService.
 */
import { compare, concat } from "../protocol/bytes.js";
import { AID, INS_GET_RESPONSE, INS_MESSAGE, INS_SELECT } from "../protocol/link/apdu.js";
import { decodeCommand } from "../protocol/link/command.js";
import type { Act } from "../protocol/link/intent.js";
import { VERSION } from "../protocol/link/version.js";

/** The holder's side of one transaction, without a link: `Holder` in `holder.ts`. */
export interface HolderSession {
	/** message_1, or undefined when the app cannot start (locked, no credential). `act`: what was done, which message_3 signs. */
	begin(act: Act): Uint8Array | undefined;
	/** Takes message_2; returns message_3, or an EDHOC error message where message_2 is refused. */
	receive(message: Uint8Array): Uint8Array;
	/** As `receive`, for keys that sign later. */
	receiveLater(message: Uint8Array): Promise<Uint8Array>;
	/** Takes message_4 or an error message, which ends the session. */
	finish(message: Uint8Array, error: boolean): void;
	abandon(): void;
}

/** Computing time of the phone, µs. */
export interface PhoneTiming {
	/** From the SELECT at the antenna to the app and back. */
	readonly select: number;
	/** ECDH, two verifications, one signature. */
	readonly message2: number;
	readonly message4: number;
}

export const TIMING: PhoneTiming = { select: 12_000, message2: 35_000, message4: 5_000 };

const OK = Uint8Array.of(0x90, 0x00);
const NOT_FOUND = Uint8Array.of(0x6a, 0x82);
const CONDITIONS = Uint8Array.of(0x69, 0x85);
const UNKNOWN_INS = Uint8Array.of(0x6d, 0x00);
const WRONG_LENGTH = Uint8Array.of(0x67, 0x00);
/** Bytes of a chained command at most: more than any message of the transaction has. */
const MAX_INCOMING = 1024;
/** Data bytes in one answer at most: many phones send no more before the status word. */
const MAX_ANSWER = 255;

/** The phone's answer, and the time that it took. */
export interface Answer {
	readonly response: Uint8Array;
	readonly micros: number;
}

export interface HceExchange {
	readonly command: Uint8Array;
	readonly response: Uint8Array;
}

export class HostCardEmulation {
	readonly #newSession: () => HolderSession;
	readonly #timing: PhoneTiming;
	readonly #onExchange: ((exchange: HceExchange) => void) | undefined;
	#session: HolderSession | undefined;
	#incoming: Uint8Array = new Uint8Array(0);
	#outgoing: Uint8Array = new Uint8Array(0);

	constructor(
		newSession: () => HolderSession,
		options: { timing?: PhoneTiming; onExchange?: (exchange: HceExchange) => void } = {},
	) {
		this.#newSession = newSession;
		this.#timing = options.timing ?? TIMING;
		this.#onExchange = options.onExchange;
	}

	/** Answers one command. */
	process(bytes: Uint8Array): Answer {
		const answer = this.#command(bytes, (session, message) => this.#message3(session.receive(message)));
		return this.#told(bytes, answer);
	}

	/** As `process`, for keys that sign later. */
	async processLater(bytes: Uint8Array): Promise<Answer> {
		const answer = await this.#command(bytes, async (session, message) => {
			const message3 = await session.receiveLater(message);
			// The reader may have released the phone meanwhile.
			return this.#session === session ? this.#message3(message3) : { response: CONDITIONS, micros: 1000 };
		});
		return this.#told(bytes, answer);
	}

	/** The reader released the phone, or the phone left the field. */
	deselected(): void {
		this.#session?.abandon();
		this.#session = undefined;
		this.#incoming = new Uint8Array(0);
		this.#outgoing = new Uint8Array(0);
	}

	#told(command: Uint8Array, answer: Answer): Answer {
		this.#onExchange?.({ command: command.slice(), response: answer.response.slice() });
		return answer;
	}

	#command<R>(bytes: Uint8Array, message2: (session: HolderSession, message: Uint8Array) => R): Answer | R {
		const command = decodeCommand(bytes);
		if (command === undefined) return { response: WRONG_LENGTH, micros: 1000 };
		if (command.ins === INS_SELECT && command.p1 === 4) return this.#select(command.data);
		if (command.ins === INS_GET_RESPONSE && command.cla === 0)
			return { response: this.#nextPart(), micros: 2000 };
		if (command.ins !== INS_MESSAGE || (command.cla & 0xef) !== 0x80)
			return { response: UNKNOWN_INS, micros: 1000 };
		const session = this.#session;
		if (session === undefined) return { response: CONDITIONS, micros: 1000 };
		const message = concat(this.#incoming, command.data);
		if (message.length > MAX_INCOMING) return { response: WRONG_LENGTH, micros: 1000 };
		if (command.cla & 0x10) {
			this.#incoming = message;
			return { response: OK, micros: 2000 };
		}
		this.#incoming = new Uint8Array(0);
		if (command.p1 === 2) return message2(session, message);
		session.finish(message, command.p1 === 0);
		this.#session = undefined;
		return { response: OK, micros: this.#timing.message4 };
	}

	#message3(message: Uint8Array): Answer {
		this.#outgoing = message;
		return { response: this.#nextPart(), micros: this.#timing.message2 };
	}

	#select(aid: Uint8Array): Answer {
		this.deselected();
		if (compare(aid, Uint8Array.from(AID)) !== 0) return { response: NOT_FOUND, micros: 3000 };
		const session = this.#newSession();
		const message1 = session.begin("nfc");
		if (message1 === undefined) return { response: CONDITIONS, micros: this.#timing.select };
		this.#session = session;
		this.#outgoing = concat(Uint8Array.of(VERSION), message1);
		return { response: this.#nextPart(), micros: this.#timing.select };
	}

	#nextPart(): Uint8Array {
		const part = this.#outgoing.subarray(0, MAX_ANSWER);
		this.#outgoing = this.#outgoing.subarray(part.length);
		const left = this.#outgoing.length;
		return concat(part, left === 0 ? OK : Uint8Array.of(0x61, Math.min(left, 255)));
	}
}
