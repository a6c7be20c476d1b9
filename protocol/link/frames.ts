// SPDX-License-Identifier: Apache-2.0

/**
 * Messages of the transaction in frames that fit any ATT MTU from 23 to 517 (Bluetooth Core 5.4, Vol 3 Part F 3.2.8):
 * a frame is one characteristic value of at most MTU - 3 bytes, and 512: no attribute is longer (3.2.9), and Android drops
 * what is.
 *
 *   byte 0   bits 7..6: 1 first, 0 middle, 2 last, 3 the only one; bits 5..0: frame number in the message, from 0
 *   first and only frames: byte 1 kind of message, bytes 2..3 length of the whole message, big-endian
 *   then     the message's bytes, at least one
 *
 * One message is in flight each way, so a frame out of turn is an error: the reader refuses it and disconnects.
 */

/** Kind of message: the number of the EDHOC message, 0 for an EDHOC error. */
export type MessageKind = 0 | 1 | 2 | 3 | 4;

/** The longest message, bytes; as over NFC. */
export const MAX_MESSAGE = 1024;
/** ATT's least and greatest MTU. */
export const MIN_MTU = 23;
export const MAX_MTU = 517;
/** ATT opcode and handle in front of each value. */
export const ATT_OVERHEAD = 3;
/** The longest attribute value. */
export const MAX_FRAME = 512;

const FIRST = 1;
const LAST = 2;
const HEAD = 4;

export type FrameRefusal =
	| "empty"
	| "oversized"
	| "unknown-kind"
	| "bad-length"
	| "out-of-order"
	| "too-much"
	| "too-little";

/** Cuts one message into frames; the same buffer serves every frame. */
export class FrameWriter {
	private readonly frame = new Uint8Array(MAX_FRAME);
	private message: Uint8Array | undefined;
	private kind: MessageKind = 0;
	private sent = 0;
	private number = 0;

	/** Starts on `message`; `mtu` may change between frames. Throws RangeError on an empty or too long message. */
	begin(kind: MessageKind, message: Uint8Array): void {
		if (message.length === 0 || message.length > MAX_MESSAGE)
			throw new RangeError("message of 1 to 1024 bytes");
		this.message = message;
		this.kind = kind;
		this.sent = 0;
		this.number = 0;
	}

	get busy(): boolean {
		return this.message !== undefined;
	}

	clear(): void {
		this.message = undefined;
	}

	/** The next frame for a link of `mtu`, valid until the next call; `undefined` when all is sent. */
	next(mtu: number): Uint8Array | undefined {
		const message = this.message;
		if (message === undefined) return undefined;
		const room = Math.min(Math.max(mtu, MIN_MTU) - ATT_OVERHEAD, MAX_FRAME);
		const frame = this.frame;
		const first = this.sent === 0;
		const head = first ? HEAD : 1;
		const size = Math.min(room - head, message.length - this.sent);
		const last = this.sent + size === message.length;
		frame[0] = ((first ? FIRST : 0) << 6) | ((last ? LAST : 0) << 6) | (this.number & 63);
		if (first) {
			frame[1] = this.kind;
			frame[2] = message.length >> 8;
			frame[3] = message.length;
		}
		frame.set(message.subarray(this.sent, this.sent + size), head);
		this.sent += size;
		this.number++;
		if (last) this.message = undefined;
		return frame.subarray(0, head + size);
	}
}

/** Assembles one message from its frames. Each refusal has a name. */
export class FrameReader {
	private readonly buffer = new Uint8Array(MAX_MESSAGE);
	#kind: MessageKind = 0;
	private length = 0;
	private have = 0;
	private number = 0;
	private complete = false;

	/** Drops the message under way. */
	reset(): void {
		this.length = 0;
		this.have = 0;
		this.number = 0;
		this.complete = false;
	}

	/** A message has begun and is not whole. */
	get partial(): boolean {
		return this.length > 0 && !this.complete;
	}

	get kind(): MessageKind {
		return this.#kind;
	}

	/** The whole message, once `push` said "whole"; valid until the next frame. */
	get message(): Uint8Array {
		return this.buffer.subarray(0, this.have);
	}

	/** Takes a frame. `more` frames follow, the message is `whole`, or the frame is refused and the message dropped. */
	push(frame: Uint8Array): "more" | "whole" | FrameRefusal {
		const result = this.#push(frame);
		if (result !== "more" && result !== "whole") this.reset();
		return result;
	}

	#push(frame: Uint8Array): "more" | "whole" | FrameRefusal {
		if (this.complete) this.reset();
		if (frame.length === 0) return "empty";
		if (frame.length > MAX_FRAME) return "oversized";
		const flags = frame[0]! >> 6;
		const first = (flags & FIRST) !== 0;
		if (first !== (this.length === 0) || (frame[0]! & 63) !== (this.number & 63)) return "out-of-order";
		let head = 1;
		if (first) {
			if (frame.length < HEAD) return "empty";
			const kind = frame[1]!;
			if (kind > 4) return "unknown-kind";
			const length = (frame[2]! << 8) | frame[3]!;
			if (length === 0 || length > MAX_MESSAGE) return "bad-length";
			this.#kind = kind as MessageKind;
			this.length = length;
			head = HEAD;
		}
		const size = frame.length - head;
		if (size === 0) return "empty";
		if (this.have + size > this.length) return "too-much";
		this.buffer.set(frame.subarray(head), this.have);
		this.have += size;
		this.number++;
		const whole = this.have === this.length;
		if ((flags & LAST) !== 0) {
			if (!whole) return "too-little";
			this.complete = true;
			return "whole";
		}
		return whole ? "too-much" : "more";
	}
}
