// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../../protocol/bytes.js";
import { CLA_CHAIN, INS_GET_RESPONSE, INS_MESSAGE, INS_SELECT, SW_OK } from "../../../protocol/link/apdu.js";
import { commandName } from "../decode/link.js";
import type { SpanRecorder } from "../span.js";
import { edhocSpan, phoneSpan } from "./edhoc.js";

/** One command and its answer, as they crossed the bus. µs. */
export interface Pair {
	readonly from: number;
	readonly to: number;
	/** When the command had gone out to the phone, and its answer began. */
	readonly sent: number;
	readonly came: number;
	readonly command: Uint8Array;
	readonly answer: Uint8Array;
	/** Why there is no answer. */
	readonly failure: string | undefined;
}

const EMPTY = new Uint8Array(0);
/** Bytes of a chained message at most: what is longer is no message (`MAX_RESPONSE`). */
const MAX_MESSAGE = 1024;

/** Command-response pairs of a phone at the reader, and the messages that they carry, in one piece or chained. */
export class NfcTransaction {
	readonly #recorder: SpanRecorder;
	/** What has come of a message, each way, and since when. */
	#out = EMPTY as Uint8Array;
	#outFrom = 0;
	#in = EMPTY as Uint8Array;
	#inFrom = 0;
	/** The number of the message that the answer under way carries. */
	#expected = 0;

	constructor(recorder: SpanRecorder) {
		this.#recorder = recorder;
	}

	/** Another phone, or the same one anew. */
	begin(): void {
		this.#out = this.#in = EMPTY;
	}

	take(pair: Pair): void {
		const { answer, command, failure, from, to } = pair;
		const isSelect = command[1] === INS_SELECT;
		const parts = [this.#recorder.part("command", "command", command)];
		if (answer.length > 0)
			parts.push(this.#recorder.part("answer", isSelect ? "select-answer" : "answer", answer));
		const name = commandName(command);
		this.#recorder.add("transaction", { ...{ from, to, parts }, title: name, detail: failure });
		this.#command(pair);
		this.#answer(pair);
	}

	#command({ command, from, sent }: Pair): void {
		const [cla = 0, ins, p1, , lc = 0] = command;
		if (ins === INS_SELECT) this.#expected = 1;
		if (ins !== INS_MESSAGE) return;
		if (this.#out.length === 0) this.#outFrom = from;
		this.#out = concat(this.#out, command.subarray(5, 5 + lc)).subarray(0, MAX_MESSAGE);
		if (cla & CLA_CHAIN) return;
		edhocSpan(this.#recorder, p1!, this.#out, this.#outFrom, sent);
		this.#expected = p1 === 2 ? 3 : 0;
		this.#out = EMPTY;
	}

	#answer({ answer, came, command, sent, to }: Pair): void {
		if (this.#expected === 0 || answer.length < 2) return;
		if (command[1] !== INS_GET_RESPONSE) {
			this.#in = EMPTY;
			this.#inFrom = came;
			if (this.#expected === 3 && !(command[0]! & CLA_CHAIN)) phoneSpan(this.#recorder, sent, came);
		}
		const end = answer.length - 2;
		this.#in = concat(this.#in, answer.subarray(0, end)).subarray(0, MAX_MESSAGE);
		if (((answer[end]! << 8) | answer[end + 1]!) !== SW_OK) return;
		// The version stands in front of message_1.
		if (this.#in.length > 1)
			edhocSpan(
				this.#recorder,
				this.#expected,
				this.#in.subarray(this.#expected === 1 ? 1 : 0),
				this.#inFrom,
				to,
			);
		this.#in = EMPTY;
		if (this.#expected === 3 || this.#expected === 1) this.#expected = 0;
	}
}
