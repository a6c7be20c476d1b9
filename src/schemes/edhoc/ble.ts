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
import { TAPPED, VERSION, VERSION_MASK } from "../../../protocol/link/version.js";
import type { BleSession, Breach, Intent } from "../scheme.js";
import { EdhocSession } from "./session.js";
import type { Transaction } from "./transaction.js";

function malformed(detail: string): Breach {
	return { reason: "malformed", detail };
}

export class EdhocBle extends EdhocSession implements BleSession {
	readonly service: GattService;
	readonly #reader = new FrameReader();
	readonly #writer = new FrameWriter();
	#expected: 1 | 3 | 0 = 1;
	/** What waits at the gate, a copy: the frame buffer is free for the next frames while the phone comes near. */
	#message1: Uint8Array | undefined;
	#tapped = false;

	/** `intent` goes into the characteristic that phones read first: version, then flags (1 near, 2 tap, 4 one is enough). */
	constructor(transaction: Transaction, intent: Intent) {
		super(transaction);
		const flags = (intent.near ? 1 : 0) | (intent.tap ? 2 : 0) | (intent.either ? 4 : 0);
		this.service = {
			uuid: SERVICE_UUID,
			fromPhone: UUID_FROM_PHONE,
			toPhone: UUID_TO_PHONE,
			info: { uuid: UUID_VERSION, value: Uint8Array.of(VERSION, flags) },
		};
	}

	get tapped(): boolean {
		return this.#tapped;
	}

	override open(): void {
		this.#forget();
		super.open();
	}

	override abandon(): void {
		this.#forget();
		super.abandon();
	}

	receive(value: Uint8Array): "more" | "gate" | "answer" | "end" | Breach {
		// Nothing may be said while an answer is on its way, or while message_1 waits at the gate.
		if (this.#writer.busy || this.#message1 !== undefined || this.#expected === 0)
			return malformed("a frame out of turn");
		const result = this.#reader.push(value);
		if (result === "more") return result;
		if (result !== "whole") return malformed(`frame refused: ${result}`);
		const { kind, message } = this.#reader;
		if (kind !== this.#expected && !(kind === 0 && this.#expected === 3))
			return malformed(`message of kind ${kind} where ${this.#expected} was due`);
		if (kind !== 1) return this.#answer(message);
		const version = message[0]! & VERSION_MASK;
		if (version !== VERSION) return malformed(`the phone speaks version ${version}, this reader ${VERSION}`);
		this.#tapped = (message[0]! & TAPPED) !== 0;
		this.#message1 = message.slice(1);
		return "gate";
	}

	proceed(): "answer" | "end" {
		const message = this.#message1!;
		this.#message1 = undefined;
		return this.#answer(message);
	}

	frame(mtu: number): Uint8Array | undefined {
		return this.#writer.next(mtu);
	}

	#answer(message: Uint8Array): "answer" | "end" {
		const { transaction } = this;
		const next = transaction.receive(message);
		if (next === undefined) return "end";
		this.#expected = transaction.over ? 0 : 3;
		this.#writer.begin(transaction.reply, next);
		return "answer";
	}

	#forget(): void {
		this.#expected = 1;
		this.#message1 = undefined;
		this.#tapped = false;
		this.#reader.reset();
		this.#writer.clear();
	}
}
