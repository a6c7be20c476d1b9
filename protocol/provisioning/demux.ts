// SPDX-License-Identifier: Apache-2.0

import { frameLength, MARKER, MARKER_2, MAX_FRAME, parseFrame, type ReceivedFrame } from "./frame.js";
import { IMPROV_MARK, type ImprovFrame, parseImprov } from "./improv-frame.js";

export interface SplitterEvents {
	/** A frame, as views of the buffer: valid until the call returns. */
	onFrame(frame: ReceivedFrame): void;
	onImprov?(frame: ImprovFrame): void;
	/** All other bytes: log lines, noise. Absent on the device, which ignores them. */
	onText?(bytes: Uint8Array): void;
}

/**
 * Finds frames in a stream of bytes that comes in any pieces, with other bytes between them. A marker that begins no frame is
 * skipped by one byte, so that no frame behind it is lost. Holds at most one frame.
 */
export class FrameDemux {
	readonly #events: SplitterEvents;
	readonly #buffer = new Uint8Array(MAX_FRAME);
	#length = 0;
	/** Length of the frame under way, bytes; 0 while that is not known. */
	#due = 0;

	constructor(events: SplitterEvents) {
		this.#events = events;
	}

	/** Bytes of a frame that has begun and not ended. */
	get pending(): number {
		return this.#length;
	}

	feed(bytes: Uint8Array): void {
		let at = 0;
		while (at < bytes.length) {
			const count = Math.min(bytes.length - at, this.#buffer.length - this.#length);
			this.#buffer.set(bytes.subarray(at, at + count), this.#length);
			this.#length += count;
			at += count;
			if (this.#length >= this.#due) this.#scan(false);
		}
	}

	/** The sender fell silent: gives up the frame under way and searches the bytes behind its marker. */
	silence(): void {
		while (this.#length > 0) this.#scan(true);
	}

	/** `give`: also gives up an incomplete frame. */
	#scan(give: boolean): void {
		const buffer = this.#buffer;
		let from = 0;
		let abandon = give;
		this.#due = 0;
		while (from < this.#length) {
			const rest = buffer.subarray(from, this.#length);
			const start = startOf(rest);
			if (start > 0) {
				this.#events.onText?.(rest.subarray(0, start));
				from += start;
				continue;
			}
			const improv = rest[0] !== MARKER;
			const parsed = improv ? parseImprov(rest) : parseFrame(rest);
			if (parsed === "more" && !abandon) {
				if (!improv) this.#due = frameLength(rest);
				break;
			}
			if (typeof parsed === "string") {
				abandon = false;
				this.#events.onText?.(rest.subarray(0, 1));
				from += 1;
				continue;
			}
			if ("payload" in parsed) {
				from += frameLength(rest);
				this.#events.onFrame(parsed);
			} else {
				from += parsed.size;
				this.#events.onImprov?.(parsed);
			}
		}
		buffer.copyWithin(0, from, this.#length);
		this.#length -= from;
	}
}

/** Where the next frame may begin, else the end; half a marker at the end counts as a beginning. */
function startOf(bytes: Uint8Array): number {
	// The usual case first: the search for the other marker costs 300 instructions for each byte of the frame.
	if (bytes[0] === MARKER && (bytes.length === 1 || bytes[1] === MARKER_2)) return 0;
	return Math.min(find(bytes, MARKER, MARKER_2), find(bytes, IMPROV_MARK[0]!, IMPROV_MARK[1]!));
}

function find(bytes: Uint8Array, first: number, second: number): number {
	for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
		if (at + 1 === bytes.length || bytes[at + 1] === second) return at;
	return bytes.length;
}
