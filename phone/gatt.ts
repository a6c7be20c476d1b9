// SPDX-License-Identifier: Apache-2.0

/**
 * The holder's session over a BLE connection, for any platform's Bluetooth (Web Bluetooth, CoreBluetooth, Android's GATT): the app
 * writes the frames that it is given to the reader's characteristic, and hands over the notifications that it receives.
 */
import { concat } from "../protocol/bytes.js";
import { isErrorMessage } from "../protocol/edhoc/errors.js";
import {
	ATT_OVERHEAD,
	FrameReader,
	FrameWriter,
	type MessageKind,
	MIN_MTU,
} from "../protocol/link/frames.js";
import { TAPPED, VERSION } from "../protocol/link/version.js";
import type { HolderSession } from "./hce.js";

export interface GattHolderOptions {
	readonly session: HolderSession;
	/**
	 * ATT MTU of the connection, bytes, where the platform gives it. Where it does not (Web Bluetooth), message_1 is sent in
	 * frames for the smallest MTU, 23, and later frames are as long as the reader's.
	 */
	readonly mtu?: number;
	/** The user acted in the app for this door. It is signed, so say it only where it is so. */
	readonly tapped?: boolean;
}

export class GattHolder {
	readonly #session: HolderSession;
	#mtu: number;
	readonly #tapped: boolean;
	readonly #reader = new FrameReader();
	readonly #writer = new FrameWriter();
	#answered = false;
	#over = false;
	#finished = false;

	constructor({ session, mtu, tapped }: GattHolderOptions) {
		this.#session = session;
		this.#mtu = mtu ?? MIN_MTU;
		this.#tapped = tapped ?? false;
	}

	/** The session has ended, and the app should disconnect. */
	get over(): boolean {
		return this.#over;
	}

	/** The session ended with the reader's last message, and not by an error. */
	get finished(): boolean {
		return this.#finished;
	}

	/** The frames of message_1, to be written one after the other once the app has subscribed. */
	begin(): Uint8Array<ArrayBuffer>[] {
		const message1 = this.#session.begin(this.#tapped ? "app" : "none");
		if (message1 === undefined) {
			this.#over = true;
			return [];
		}
		return this.#frames(1, concat(Uint8Array.of(VERSION | (this.#tapped ? TAPPED : 0)), message1));
	}

	/** Takes a notification; returns the frames to write in answer, often none. */
	received(frame: Uint8Array): Uint8Array<ArrayBuffer>[] {
		const message2 = this.#message2(frame);
		return message2 === undefined ? [] : this.#answer(this.#session.receive(message2));
	}

	/** As `received`, for keys that sign later. */
	async receivedLater(frame: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
		const message2 = this.#message2(frame);
		return message2 === undefined ? [] : this.#answer(await this.#session.receiveLater(message2));
	}

	/** The connection was lost. */
	lost(): void {
		if (!this.#over) this.#end();
	}

	/** Takes a frame; returns message_2 once it is whole. */
	#message2(frame: Uint8Array): Uint8Array | undefined {
		if (this.#over) return undefined;
		this.#mtu = Math.max(this.#mtu, frame.length + ATT_OVERHEAD);
		const result = this.#reader.push(frame);
		if (result === "more") return undefined;
		if (result !== "whole") {
			this.#end();
			return undefined;
		}
		const message = this.#reader.message.slice();
		if (this.#reader.kind === 2) {
			// A second message_2: the session has answered the first one.
			if (this.#answered) {
				this.#end();
				return undefined;
			}
			this.#answered = true;
			return message;
		}
		this.#session.finish(message, this.#reader.kind === 0);
		this.#over = true;
		this.#finished = true;
		return undefined;
	}

	#answer(message: Uint8Array): Uint8Array<ArrayBuffer>[] {
		// The connection may be lost meanwhile, and an error message is not answered by another one (RFC 9528 6).
		if (this.#over || message.length === 0) return this.#end();
		return this.#frames(isErrorMessage(message) ? 0 : 3, message);
	}

	#end(): Uint8Array<ArrayBuffer>[] {
		this.#over = true;
		this.#session.abandon();
		return [];
	}

	#frames(kind: MessageKind, message: Uint8Array): Uint8Array<ArrayBuffer>[] {
		const frames: Uint8Array<ArrayBuffer>[] = [];
		this.#writer.begin(kind, message);
		for (let next = this.#writer.next(this.#mtu); next !== undefined; next = this.#writer.next(this.#mtu))
			frames.push(next.slice());
		return frames;
	}
}
