// SPDX-License-Identifier: Apache-2.0

/** EDHOC over one BLE connection: messages in frames (`protocol/link/frames.ts`), the phone speaks first (message_1). */
import type { GattService } from "../../../hal/contracts/bluetooth.js";
import {
	SERVICE_UUID,
	UUID_FROM_PHONE,
	UUID_TO_PHONE,
	UUID_VERSION,
} from "../../../protocol/link/ble-service.js";
import { FrameReader, FrameWriter } from "../../../protocol/link/frames.js";
import { ACT } from "../../../protocol/link/intent.js";
import { TAPPED, VERSION, VERSION_MASK } from "../../../protocol/link/version.js";
import type { BleSession, Breach } from "../scheme.js";
import { EdhocSession } from "./session.js";
import type { Transaction } from "./transaction.js";

function malformed(detail: string): Breach {
	return { reason: "malformed", detail };
}

export class EdhocBle extends EdhocSession implements BleSession {
	readonly service: GattService;
	private readonly reader = new FrameReader();
	private readonly writer = new FrameWriter();
	private expected: 1 | 3 | 0 = 1;
	/** What waits at the gate, a copy: the frame buffer is free for the next frames while the phone comes near. */
	private message1: Uint8Array | undefined;
	private version = 0;
	#tapped = false;

	/** `demand`, bits of `DEMAND`, goes into the characteristic that phones may read first, as a hint: message_2 has it signed. */
	constructor(transaction: Transaction, demand: number) {
		super(transaction);
		this.service = {
			uuid: SERVICE_UUID,
			fromPhone: UUID_FROM_PHONE,
			toPhone: UUID_TO_PHONE,
			info: { uuid: UUID_VERSION, value: Uint8Array.of(VERSION, demand) },
		};
	}

	get tapped(): boolean {
		return this.#tapped;
	}

	override open(): void {
		this.forget();
		super.open();
	}

	override abandon(): void {
		this.forget();
		super.abandon();
	}

	receive(value: Uint8Array): "more" | "gate" | "answer" | "end" | Breach {
		// Nothing may be said while an answer is on its way, or while message_1 waits at the gate.
		if (this.writer.busy || this.message1 !== undefined || this.expected === 0)
			return malformed("a frame out of turn");
		const result = this.reader.push(value);
		if (result === "more") return result;
		if (result !== "whole") return malformed(`frame refused: ${result}`);
		const { kind, message } = this.reader;
		if (kind !== this.expected && !(kind === 0 && this.expected === 3))
			return malformed(`message of kind ${kind} where ${this.expected} was due`);
		if (kind !== 1) return this.answer(message);
		this.version = message[0]! & VERSION_MASK;
		this.#tapped = (message[0]! & TAPPED) !== 0;
		this.transaction.act = this.#tapped ? ACT.app : ACT.none;
		this.message1 = message.slice(1);
		return "gate";
	}

	proceed(): "answer" | "end" {
		const message = this.message1!;
		this.message1 = undefined;
		// Here, and not at its first word: an older phone that only passes by has not tried to come in.
		if (this.version !== VERSION) return this.send(this.transaction.refuseVersion(this.version));
		return this.answer(message);
	}

	frame(mtu: number): Uint8Array | undefined {
		const next = this.writer.next(mtu);
		// All of message_2 is on its way.
		if (next === undefined) this.ahead();
		return next;
	}

	private answer(message: Uint8Array): "answer" | "end" {
		const next = this.transaction.receive(message);
		if (this.transaction.ready !== undefined) this.transaction.ahead();
		return next === undefined ? "end" : this.send(next);
	}

	private send(next: Uint8Array): "answer" {
		const { transaction } = this;
		this.expected = transaction.over ? 0 : 3;
		this.writer.begin(transaction.reply, next);
		return "answer";
	}

	private forget(): void {
		this.expected = 1;
		this.message1 = undefined;
		this.#tapped = false;
		this.reader.reset();
		this.writer.clear();
	}
}
