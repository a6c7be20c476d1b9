// SPDX-License-Identifier: Apache-2.0

import { IN_DATA_EXCHANGE, IN_LIST_PASSIVE_TARGET, IN_RELEASE } from "../../../drivers/pn532/commands.js";
import { failureOf, STATUS_ERROR } from "../../../drivers/pn532/status.js";
import { concat } from "../../../protocol/bytes.js";
import type { TraceEntry } from "../../pn532/trace.js";
import { type Pn532Frame, pn532Frame, pn532Name } from "../decode/pn532.js";
import type { Part, Span, SpanRecorder } from "../span.js";
import { NfcTransaction } from "./nfc.js";

/** Parts of one span at most. */
const MAX_PARTS = 16;

/** Bit of Tg: more of what is sent follows (UM0701-02, 7.3.8). */
const MORE = 0x40;
const NOTHING = new Uint8Array(0);

/** What the host says besides commands (UM0701-02, 6.2.1.3 and 6.2.1.4). */
const FROM_HOST: Readonly<Partial<Record<Pn532Frame["kind"], string>>> = {
	ack: "ACK: stops",
	nack: "NACK: asks again",
};

/** A command of the PN532 that is under way. */
interface Under {
	readonly code: number;
	readonly span: Span;
	readonly parts: Part[];
	/** When the reader's last block had gone out to the phone, and the phone's first one came. */
	sent: number | undefined;
	came: number | undefined;
}

/** The bus to the PN532, frame by frame: commands with their acknowledgements and replies, and what they carry. */
export class BusSpans {
	readonly #recorder: SpanRecorder;
	readonly #transaction: NfcTransaction;
	#under: Under | undefined;
	/** Polls that are told as one: the span that grows. */
	#polls: { readonly key: string; readonly span: Span; count: number } | undefined;
	/** Whatever is in the field had its transaction, or was let go. */
	#served = false;
	/** The beginning of a command that goes out in several exchanges, since when. */
	#begun: { readonly command: Uint8Array; readonly from: number } | undefined;

	constructor(recorder: SpanRecorder) {
		this.#recorder = recorder;
		this.#transaction = new NfcTransaction(recorder);
	}

	/** It only polls. */
	get idle(): boolean {
		return this.#polls !== undefined;
	}

	/** Takes what happened on the bus or on the air. */
	take(entry: TraceEntry): void {
		if (entry.from === "host") this.#host(entry);
		else if (entry.from === "chip") this.#chip(entry);
		else if (entry.from === "pin") this.#pin(entry);
		else this.#air(entry);
	}

	#host({ at, bytes }: TraceEntry): void {
		const { code, kind } = pn532Frame(bytes);
		if (kind === "command") {
			this.#stop("no reply");
			const part = this.#recorder.part("command", "pn532", bytes);
			const isPoll = code === IN_LIST_PASSIVE_TARGET || code === IN_RELEASE;
			// Polls are told when it is known what they found.
			const fields = { from: at, to: at, parts: [part] };
			const span = isPoll ? undefined : this.#recorder.begin("bus", pn532Name(code!), fields);
			this.#under = {
				...{ code: code!, parts: [part], sent: undefined, came: undefined },
				span: span ?? { id: 0, lane: "bus", title: pn532Name(code!), ...fields },
			};
			return;
		}
		const under = this.#under;
		const part = under?.parts.at(-1);
		// A long frame leaves an HSU in pieces.
		if (kind === "noise" && part?.title === "command")
			under!.parts[under!.parts.length - 1] = this.#recorder.part(
				"command",
				"pn532",
				concat(part.bytes, bytes),
			);
		else this.#part(FROM_HOST[kind] ?? "noise", bytes, at);
	}

	#chip({ at, bytes }: TraceEntry): void {
		const frame = pn532Frame(bytes);
		const under = this.#under;
		if (frame.kind !== "reply" && frame.kind !== "error") {
			this.#part(frame.kind === "noise" ? "noise" : frame.kind.toUpperCase(), bytes, at);
			return;
		}
		// Over I2C the beginning is read first, for its length.
		const begun = frame.kind === "reply" && !frame.whole;
		this.#part(begun ? "reply, its beginning" : "reply", bytes, at);
		if (under === undefined || begun) return;
		this.#under = undefined;
		if (frame.kind === "error" || frame.code !== under.code) {
			this.#finish(under, at, "the chip refused the command");
			return;
		}
		const data = frame.data!;
		if (under.code === IN_LIST_PASSIVE_TARGET || under.code === IN_RELEASE) this.#poll(under, at, data);
		else this.#finish(under, at, undefined);
		if (under.code === IN_DATA_EXCHANGE) this.#exchanged(under, at, data);
	}

	/** A frame that belongs to the command under way, or stands by itself. */
	#part(title: string, bytes: Uint8Array, at: number): void {
		const part = this.#recorder.part(title, "pn532", bytes);
		const under = this.#under;
		if (under === undefined) this.#recorder.add("bus", { from: at, to: at, title, parts: [part] });
		else if (under.parts.length < MAX_PARTS) under.parts.push(part);
	}

	#finish({ parts, span }: Under, to: number, detail: string | undefined): void {
		this.#polls = undefined;
		if (span.id === 0) this.#recorder.add("bus", { from: span.from, to, title: span.title, detail, parts });
		else this.#recorder.end(span, { to, detail, parts });
	}

	/** The command under way will have no reply. */
	#stop(detail: string): void {
		const under = this.#under;
		this.#under = undefined;
		if (under !== undefined) this.#finish(under, this.#recorder.now, detail);
	}

	#pin({ at, note }: TraceEntry): void {
		this.#stop(note ?? "");
		this.#recorder.add("bus", { from: at, to: at, title: note ?? "pin" });
	}

	#air({ at, bytes, from }: TraceEntry): void {
		const under = this.#under;
		// Blocks with information alone (ISO 14443-4 7.1): the others are the chip's and the phone's own.
		if (under === undefined || (bytes[0]! & 0xe2) !== 0x02) return;
		if (from === "reader") under.sent = at;
		else under.came ??= at;
	}

	#exchanged({ came, parts, sent, span }: Under, to: number, reply: Uint8Array): void {
		this.#served = true;
		const status = reply[0]! & STATUS_ERROR;
		// The frame is whole by now.
		const data = pn532Frame(parts[0]!.bytes).data!;
		const command = concat(this.#begun?.command ?? NOTHING, data.subarray(1));
		const from = this.#begun?.from ?? span.from;
		this.#begun = undefined;
		if (data[0]! & MORE && status === 0) {
			this.#begun = { command, from };
			return;
		}
		this.#transaction.take({
			...{ command, from, to, sent: sent ?? span.from, came: came ?? to },
			answer: reply.subarray(1),
			failure: status === 0 ? undefined : failureOf(status).text,
		});
	}

	/** Looks whether a phone or card is there, and tells one that was served to go. */
	#poll(under: Under, to: number, data: Uint8Array): void {
		const found = under.code === IN_RELEASE || (data[0] ?? 0) > 0;
		if (!found) this.#served = false;
		if (found && !this.#served) {
			this.#transaction.begin();
			this.#begun = undefined;
			this.#served = under.code === IN_RELEASE;
			this.#finish(under, to, under.code === IN_RELEASE ? undefined : "a phone or card is there");
			return;
		}
		const key = found ? "still there" : "nobody there";
		const { parts, span } = under;
		if (this.#polls?.key === key) {
			const { count, span: grown } = this.#polls;
			const more = { to, title: `polls: ${key} (${count + 1})`, parts };
			this.#polls = { key, count: count + 1, span: this.#recorder.change(grown, more) };
		} else {
			const fields = { from: span.from, to, title: `polls: ${key}`, parts };
			this.#polls = { key, count: 1, span: this.#recorder.add("bus", fields) };
		}
	}
}
