/**
 * The transaction over one BLE connection: frames in, frames out. The phone speaks first (message_1), so the reader only
 * ever answers; whoever says nothing, or something out of turn, is hung up on so that the next phone may come.
 */
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { FrameReader, FrameWriter } from "../../protocol/link/frames.js";
import { TAPPED, VERSION, VERSION_MASK } from "../../protocol/link/version.js";
import type { Reason } from "../../protocol/reasons.js";
import type { LinkFailure, Transaction } from "../schemes/edhoc/transaction.js";
import type { ConnectionThrottle } from "./connection-throttle.js";
import type { Proximity } from "./proximity.js";

/** A connection that has not brought message_1 whole in this time is dropped, however it drips in, ms. */
export const SILENCE_LIMIT_MS = 1500;
/**
 * From message_2 handed over to message_3 whole, ms. It bounds how long a relayed exchange may take; the phone needs
 * about 40 ms of work and a dozen connection events of 30 ms.
 */
export const ANSWER_LIMIT_MS = 1000;
/** How long a phone that has not come near may wait at the door, ms. */
export const APPROACH_LIMIT_MS = 1500;
/** How long a phone may stay after message_4, ms. */
export const LINGER_LIMIT_MS = 300;
/** Signal strength is sampled this often while the gate is shut, ms. */
export const RSSI_PERIOD_MS = 50;

/**
 * The same while the reader is short of throttle, ms. A phone that knows the reader needs 120 ms of 30 ms intervals to
 * subscribe, 30 to 60 each for a message, and about 100 where its key is in a secure element; one that must discover the
 * service first needs 300 to 400 and twice that on a lossy radio.
 */
export const SHORT_SUBSCRIBE_MS = 500;
export const SHORT_SILENCE_MS = 250;
export const SHORT_ANSWER_MS = 500;
export const SHORT_APPROACH_MS = 300;

/** One connection as the driver offers it. */
export interface FrameCarrier {
	/** Bytes of ATT MTU now, 23 to 517. */
	readonly mtu: number;
	/** Who it is, where the platform tells. */
	readonly peer?: number | undefined;
	/** Sends one frame; `done` from the event loop when the next may come. Only one is ever in flight. */
	send(frame: Uint8Array, done: (error?: Error) => void): void;
	/** dBm, or `undefined` when unknown. */
	rssi(): number | undefined;
	hangUp(): void;
}

/** What must be true before a phone over BLE gets message_2. */
export interface Intent {
	/** The phone must be near: `proximity` says so. */
	readonly near: boolean;
	/** The user must have acted in the app (the flag in the version byte of message_1's frame). */
	readonly tap: boolean;
	/** Of the two, one is enough. */
	readonly either?: boolean;
}

export interface BleLinkOptions {
	readonly clock: Clock;
	readonly transaction: Transaction;
	readonly proximity: Proximity;
	readonly intent: Intent;
	/** Always full where absent. */
	readonly throttle?: ConnectionThrottle;
	/** The connection is done with; the carrier has been hung up. */
	readonly onEnd: (failure: LinkFailure | undefined) => void;
}

/** One for all phones, which come one after the other: what is made for each would have to be closed for each. */
export class BleLink {
	#carrier: FrameCarrier | undefined;
	readonly #transaction: Transaction;
	readonly #proximity: Proximity;
	readonly #intent: Intent;
	readonly #throttle: ConnectionThrottle | undefined;
	readonly #onEnd: BleLinkOptions["onEnd"];
	readonly #reader = new FrameReader();
	readonly #writer = new FrameWriter();
	readonly #limit: Alarm;
	readonly #sampling: Alarm;
	readonly #sent: (error?: Error) => void;
	#expected: 1 | 3 | 0 = 1;
	#message1: Uint8Array | undefined;
	#mustBeNear = true;
	#hurried = false;
	#open = false;

	constructor(options: BleLinkOptions) {
		this.#transaction = options.transaction;
		this.#proximity = options.proximity;
		this.#intent = options.intent;
		this.#throttle = options.throttle;
		this.#onEnd = options.onEnd;
		this.#limit = options.clock.alarm(() => {
			const waits = this.#message1 !== undefined;
			const detail = waits ? "the phone did not come near" : "the phone said nothing in time";
			this.#fail("transaction-incomplete", detail);
		});
		this.#sampling = options.clock.alarm(() => this.#sample());
		this.#sent = (error) => this.#onSent(error);
	}

	get active(): boolean {
		return this.#open;
	}

	/** A phone has connected, after the last one has gone. */
	start(carrier: FrameCarrier): void {
		this.#carrier = carrier;
		this.#open = true;
		this.#expected = 1;
		this.#message1 = undefined;
		this.#reader.reset();
		this.#writer.clear();
		this.#proximity.reset();
		this.#transaction.open();
		this.#hurried = this.#throttle?.short ?? false;
		this.#limit.set(this.#hurried ? SHORT_SILENCE_MS : SILENCE_LIMIT_MS);
		if (this.#intent.near) this.#sample();
	}

	/** A value was written by the phone. */
	frame(frame: Uint8Array): void {
		if (!this.#open) return;
		// Nothing may be said while an answer is on its way, or while message_1 waits at the gate.
		if (this.#writer.busy || this.#message1 !== undefined || this.#expected === 0) {
			this.#fail("malformed", "a frame out of turn");
			return;
		}
		const result = this.#reader.push(frame);
		// The limit runs on: one that began anew with each frame would let a slow sender hold the door for minutes.
		if (result === "more") return;
		if (result !== "whole") {
			this.#fail("malformed", `frame refused: ${result}`);
			return;
		}
		this.#message(this.#reader.message);
	}

	/** The connection is gone. */
	lost(): void {
		if (this.#open) this.#fail("transaction-incomplete", "the phone disconnected");
	}

	#message(message: Uint8Array): void {
		const kind = this.#reader.kind;
		if (kind !== this.#expected && !(kind === 0 && this.#expected === 3)) {
			this.#fail("malformed", `message of kind ${kind} where ${this.#expected} was due`);
			return;
		}
		if (kind === 1) {
			const version = message[0]! & VERSION_MASK;
			if (version !== VERSION) {
				this.#fail("malformed", `the phone speaks version ${version}, this reader ${VERSION}`);
				return;
			}
			const { near, tap, either } = this.#intent;
			const tapped = (message[0]! & TAPPED) !== 0;
			this.#mustBeNear = near && !(either === true && tapped);
			if (tap && !tapped && either !== true) {
				this.#fail("transaction-incomplete", "this door wants a tap in the app");
				return;
			}
			// Kept by copy: the frame buffer is free for the next frames while the phone comes near.
			this.#message1 = message.slice(1);
			this.#limit.set(this.#hurried ? SHORT_APPROACH_MS : APPROACH_LIMIT_MS);
			this.#passGate();
			return;
		}
		this.#answer(message);
	}

	#sample(): void {
		if (!this.#open || this.#expected !== 1) return;
		const rssi = this.#carrier?.rssi();
		if (rssi !== undefined) this.#proximity.sample(rssi);
		if (this.#message1 !== undefined) this.#passGate();
		if (this.#open && this.#expected === 1) this.#sampling.set(RSSI_PERIOD_MS);
	}

	#passGate(): void {
		const message = this.#message1;
		if (message === undefined || (this.#mustBeNear && !this.#proximity.near)) return;
		this.#message1 = undefined;
		this.#sampling.clear();
		this.#answer(message);
	}

	#answer(message: Uint8Array): void {
		const transaction = this.#transaction;
		this.#limit.clear();
		const next = transaction.receive(message);
		if (!this.#open) return;
		if (next === undefined) {
			this.#end(undefined);
			return;
		}
		this.#expected = transaction.over ? 0 : 3;
		this.#writer.begin(transaction.failed ? 0 : transaction.over ? 4 : 2, next);
		this.#limit.set(this.#hurried ? SHORT_ANSWER_MS : SILENCE_LIMIT_MS);
		this.#sendNext();
	}

	#sendNext(): void {
		const carrier = this.#carrier!;
		const frame = this.#writer.next(carrier.mtu);
		if (frame !== undefined) {
			carrier.send(frame, this.#sent);
			return;
		}
		// After the last message the phone hangs up; hanging up first could overtake it in the controller's queue.
		if (this.#transaction.over) this.#limit.set(LINGER_LIMIT_MS);
		else this.#limit.set(this.#hurried ? SHORT_ANSWER_MS : ANSWER_LIMIT_MS);
	}

	#onSent(error: Error | undefined): void {
		if (!this.#open) return;
		if (error) this.#fail("transaction-incomplete", `notification failed: ${error.message}`);
		else this.#sendNext();
	}

	#fail(reason: Reason, detail: string): void {
		const decided = this.#transaction.over;
		// Who only passed by in the room has not tried to come in.
		const { started } = this.#transaction;
		this.#transaction.abandon();
		this.#end(decided ? undefined : { reason, detail, started });
	}

	#end(failure: LinkFailure | undefined): void {
		const waited = this.#message1 !== undefined;
		const served = failure === undefined;
		this.#open = false;
		this.#limit.clear();
		this.#sampling.clear();
		this.#writer.clear();
		this.#reader.reset();
		this.#message1 = undefined;
		const visit = waited ? "away" : served && !this.#transaction.failed ? "served" : "failed";
		this.#throttle?.gone(served, this.#carrier?.peer, visit);
		this.#carrier?.hangUp();
		this.#onEnd(failure);
	}
}
