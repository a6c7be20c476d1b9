// SPDX-License-Identifier: Apache-2.0

import { readUint32, writeUint32 } from "../bytes.js";
import { CborWriter } from "../cbor/writer.js";
import type { Crypto } from "../crypto.js";
import type { Session } from "../edhoc/session.js";
import { MAX_CONTENT, MAX_FRAME, RECORD_HEAD, SESSION_ID, TAG, VERSION } from "./bounds.js";
import { FRAME } from "./frame.js";

/** Which end of a session: the reader sends up, the site down. */
export type End = "reader" | "site";

/** Of the exporter's labels that are for private use (RFC 9528 10.1): "LS" with the highest bit set. */
const EXPORTER = 0xcc53;
const KEY = 32;
const IV = 12;
const LAST = 0xffff_ffff;
const UP = 0;
const DOWN = 1;
/** Where AAD has the direction: after version and session id. */
const DIRECTION = 1 + SESSION_ID;

/**
 * The records of one session: sealed and opened in the caller's buffer, and nothing is made for one. Each direction has a key, an IV and
 * a counter that only rises. What is stale, repeated, cut or not by the other end leaves no trace.
 */
export class SyncSession {
	private readonly crypto: Crypto;
	/** Keys and IVs of both directions. */
	private readonly secret: Uint8Array;
	private readonly sendKey: Uint8Array;
	private readonly sendIv: Uint8Array;
	private readonly receiveKey: Uint8Array;
	private readonly receiveIv: Uint8Array;
	private readonly sendAad: Uint8Array;
	private readonly receiveAad: Uint8Array;
	private readonly nonce = new Uint8Array(IV);
	/** Counter of the newest record each way; 0: none. */
	private sent = 0;
	private received = 0;

	/** Takes the keys from a completed EDHOC session, and closes it. `id`: C_I, 8 bytes. */
	constructor(crypto: Crypto, edhoc: Session, end: End, site: string, door: string, id: Uint8Array) {
		this.crypto = crypto;
		const context = new CborWriter(32).array(3).int(VERSION).text(site).text(door).view();
		const secret = edhoc.export(EXPORTER, context, 2 * (KEY + IV));
		edhoc.close();
		this.secret = secret;
		const up = end === "reader" ? 0 : KEY + IV;
		const down = KEY + IV - up;
		this.sendKey = secret.subarray(up, up + KEY);
		this.sendIv = secret.subarray(up + KEY, up + KEY + IV);
		this.receiveKey = secret.subarray(down, down + KEY);
		this.receiveIv = secret.subarray(down + KEY, down + KEY + IV);
		this.sendAad = aad(id, end === "reader" ? UP : DOWN);
		this.receiveAad = aad(id, end === "reader" ? DOWN : UP);
	}

	/** Whether nothing can be sent any more: it was closed, or its counter is used up. */
	get isOver(): boolean {
		return this.sent === LAST;
	}

	/**
	 * Seals the message of `length` bytes that lies in `bytes` from `RECORD_HEAD` on, with room for the tag behind it. Returns the length
	 * of the record, which begins at 0; 0 where the session is over. RangeError for a length that no message has.
	 */
	seal(bytes: Uint8Array, length: number): number {
		if (!(length > 0 && length <= MAX_CONTENT)) throw new RangeError("a message has 1 to 1,003 bytes");
		if (this.isOver) return 0;
		this.sent++;
		bytes[0] = FRAME.record;
		writeUint32(bytes, 1, this.sent);
		this.setNonce(this.sendIv, this.sent);
		this.crypto.chacha20Poly1305SealIn(
			this.sendKey,
			this.nonce,
			this.sendAad,
			bytes,
			RECORD_HEAD,
			length + TAG,
		);
		return RECORD_HEAD + length + TAG;
	}

	/**
	 * Opens the record of `length` bytes at the beginning of `bytes`. Returns the length of its message, which lies from `RECORD_HEAD` on;
	 * 0 where it is to be dropped, and what is in `bytes` then is of no use.
	 */
	open(bytes: Uint8Array, length: number): number {
		if (length <= RECORD_HEAD + TAG || length > MAX_FRAME || length > bytes.length) return 0;
		if (bytes[0] !== FRAME.record || this.isOver) return 0;
		const counter = readUint32(bytes, 1);
		if (counter <= this.received) return 0;
		this.setNonce(this.receiveIv, counter);
		const size = length - RECORD_HEAD;
		const { crypto, nonce, receiveAad, receiveKey } = this;
		if (!crypto.chacha20Poly1305OpenIn(receiveKey, nonce, receiveAad, bytes, RECORD_HEAD, size)) return 0;
		this.received = counter;
		return size - TAG;
	}

	/** Ends the session and wipes its keys. May be called again. */
	close(): void {
		this.sent = LAST;
		this.crypto.wipe(this.secret);
	}

	private setNonce(iv: Uint8Array, counter: number): void {
		this.nonce.set(iv);
		writeUint32(this.nonce, 8, readUint32(iv, 8) ^ counter);
	}
}

function aad(id: Uint8Array, direction: number): Uint8Array {
	const bytes = new Uint8Array(DIRECTION + 2);
	bytes[0] = VERSION;
	bytes.set(id, 1);
	bytes[DIRECTION] = direction;
	bytes[DIRECTION + 1] = FRAME.record;
	return bytes;
}
