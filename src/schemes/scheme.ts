// SPDX-License-Identifier: Apache-2.0

/**
 * The seam between the radios and the ways in which a phone proves itself. A scheme is a folder beside this file: it has an
 * application (NFC), a GATT service (BLE) or both, is handed what the phone says once that is chosen, and ends in an identity
 * or a refusal. Links own time limits, retries and nearness; schemes own bytes and keys; `src/access` owns the decision.
 */
import type { GattService } from "../../hal/contracts/bluetooth.js";
import type { Decision, Reason } from "../../protocol/reasons.js";

/** Who has proved to be there: all that access needs to know, whatever the scheme. */
export interface Identity {
	/** For people, and for rules that treat schemes unlike: "edhoc", "qr". */
	readonly scheme: string;
	/** 8 bytes, as the plan has them. A scheme without ids of its own takes the first 8 of the public key's SHA-256. */
	readonly id: Uint8Array;
	/** Limits of the credential itself, seconds since 1970. */
	readonly notBefore?: number | undefined;
	readonly expires?: number | undefined;
	/** Its holder did something for it, and it is proved: held the phone to the reader, or acted in the app. */
	readonly acted: boolean;
	/**
	 * The last word of an identity that the plan admits, before the door opens; durable on return. The reason where it is not to be let in.
	 * Absent: the plan's word is enough.
	 */
	admit?(): Reason | undefined;
}

/** What becomes of a visit. */
export interface SchemeEvents {
	/** The phone has proved itself. Called once a visit, at the first moment when it may be: the door moves before it returns. */
	onIdentity(identity: Identity): Decision;
	/** The phone could not prove itself, and has tried. */
	onRefused(reason: Reason, detail: string): void;
}

/** Why a phone is given up before anything was proved or refused. */
export interface Breach {
	readonly reason: Reason;
	/** For an installer. */
	readonly detail: string;
}

/** One visit at a time, again and again. */
export interface SchemeSession {
	/** The phone has sent something of this scheme: it wants to come in. */
	readonly started: boolean;
	/** Decided or refused: nothing more is expected of the phone. */
	readonly over: boolean;
	/** Refused. */
	readonly failed: boolean;
	/** A new phone: forgets the last. */
	open(): void;
	/** The phone has gone: wipes secrets. */
	abandon(): void;
}

/** A command as ISO/IEC 7816-4 has it, of any length: the link chains it. */
export interface ApduRequest {
	readonly cla: number;
	readonly ins: number;
	readonly p1: number;
	readonly p2: number;
	/** Valid until the next call of the session. */
	readonly data: Uint8Array;
	/** Whether data is expected back. */
	readonly le: boolean;
	/** Bytes of `data` that are there; the rest is once `ahead` was called. All where absent. */
	readonly ready?: number | undefined;
}

export interface NfcSession extends SchemeSession {
	/** 5 to 16 bytes (ISO/IEC 7816-5). */
	readonly aid: Uint8Array;
	/** `answer`: the data of the answer to SELECT, then to each command. The next command; `undefined` for none. Never throws. */
	next(answer: Uint8Array): ApduRequest | Breach | undefined;
	/** A command is under way: makes the rest of it, or works ahead of its answer. Called any number of times. Never throws. */
	ahead?(): void;
}

export interface BleSession extends SchemeSession {
	readonly service: GattService;
	/** What the phone said first has it that its user acted: not proved yet, so the identity has to bear it out. */
	readonly tapped: boolean;
	/**
	 * A value that the phone wrote. "more": its message is not whole; "gate": it wants to come in and waits for `proceed`;
	 * "answer": `frame` has what to send; "end": nothing is to be sent. Never throws.
	 */
	receive(value: Uint8Array): "more" | "gate" | "answer" | "end" | Breach;
	/** The phone is near enough, or its user has acted. */
	proceed(): "answer" | "end";
	/** The next notification, valid until the next call; `undefined` when all is sent. */
	frame(mtu: number): Uint8Array | undefined;
}

/** What a phone over BLE has to bring before it is answered. */
export interface Intent {
	/** The phone must be near: `proximity` says so. */
	readonly near: boolean;
	/** The user must have acted in the app. */
	readonly tap: boolean;
	/** Of the two, one is enough. */
	readonly either?: boolean;
}

export interface Scheme {
	/** Absent where it does not run over NFC. */
	nfc?(events: SchemeEvents): NfcSession;
	/** Absent where it does not run over BLE. `intent` is told to phones before they begin. */
	ble?(events: SchemeEvents, intent: Intent): BleSession;
	/** Work ahead for the next phone, while none is there. */
	prepare?(): void;
}
