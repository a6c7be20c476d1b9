// SPDX-License-Identifier: Apache-2.0

import type { Serial } from "../../hal/contracts/io.js";

/** Most bytes of one write to the console: the hardware FIFO of an ESP32. */
export const PIECE = 128;
/** Most that waits for the line, bytes: three of the longest replies, or the 16 networks of an Improv scan. */
const MAX_WAITING = 4096;
/** What each frame that waits takes beside its own bytes, on XS. */
const WAITING_EACH = 96;

/** Frames on their way out of a serial port, as fast as it takes them. */
export class WriteQueue {
	private readonly frames: Uint8Array[] = [];
	private port: Serial | undefined;
	/** Bytes that the port takes now. */
	private room = 0;
	private waiting = 0;

	/** Where the frames go; once. */
	attach(port: Serial): void {
		this.port = port;
	}

	/** Sends a copy of `bytes`; drops them where too much waits already, which a client takes for a lost reply and asks again. */
	write(bytes: Uint8Array): void {
		if (this.waiting > MAX_WAITING) return;
		this.waiting += bytes.length + WAITING_EACH;
		this.frames.push(bytes.slice());
		this.pump();
	}

	/** The port takes `count` bytes. */
	writable(count: number): void {
		this.room = count;
		this.pump();
	}

	private pump(): void {
		const frames = this.frames;
		for (let next = frames[0]; next !== undefined && this.room > 0; next = frames[0]) {
			const piece = next.subarray(0, Math.min(this.room, PIECE));
			this.port?.write(piece);
			this.room -= piece.length;
			this.waiting -= piece.length;
			if (piece.length === next.length) {
				frames.shift();
				this.waiting -= WAITING_EACH;
			} else frames[0] = next.subarray(piece.length);
		}
	}
}
