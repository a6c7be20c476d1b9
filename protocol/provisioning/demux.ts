// SPDX-License-Identifier: Apache-2.0

import { frameLength, MARKER, MARKER_2, MAX_FRAME, parseFrame, type ReceivedFrame } from "./frame.js";
import { IMPROV_MARK, type ImprovFrame, parseImprov } from "./improv-frame.js";

export interface SplitterEvents {
	/** A frame, as views of the buffer: valid until the call returns. */
	onFrame(frame: ReceivedFrame): void;
	onImprov?(frame: ImprovFrame): void;
	/** A whole Improv frame with a wrong checksum. */
	onImprovDamaged?(): void;
	/** All other bytes: log lines, noise. Absent on the device, which ignores them. */
	onText?(bytes: Uint8Array): void;
}

/**
 * Finds frames in a stream of bytes that comes in any pieces, with other bytes between them. A marker that begins no frame is
 * skipped by one byte, so that no frame behind it is lost. A whole frame behind the head of one that has not ended, as a chip
 * that starts leaves it, is given at once: what strangers put into payloads is text, and no text has a marker in it. Holds
 * at most one frame.
 */
export class FrameDemux {
	private readonly events: SplitterEvents;
	private readonly buffer = new Uint8Array(MAX_FRAME);
	private length = 0;
	/** Length of the frame under way, bytes; 0 while that is not known. */
	private due = 0;
	/** Where a further frame may begin behind the head of the one under way; 0: no marker was there. */
	private later = 0;
	/** How far markers behind that head were looked for. */
	private searched = 1;

	constructor(events: SplitterEvents) {
		this.events = events;
	}

	/** Bytes of a frame that has begun and not ended. */
	get pending(): number {
		return this.length;
	}

	feed(bytes: Uint8Array): void {
		let at = 0;
		while (at < bytes.length) {
			const count = Math.min(bytes.length - at, this.buffer.length - this.length);
			this.buffer.set(bytes.subarray(at, at + count), this.length);
			this.length += count;
			at += count;
			if (this.length >= this.due) this.scan(false);
			if (this.length > 0) this.overtake();
		}
	}

	/** Drops the frame under way where a whole one stands behind its head. */
	private overtake(): void {
		const buffer = this.buffer;
		for (;;) {
			const length = this.length;
			const marker = this.searched + find(buffer.subarray(this.searched, length), MARKER, MARKER_2);
			// Half a marker may be the last byte of all: then of the frame too.
			const last = marker >= length - 1;
			const parsed =
				this.later > 0 ? parseFrame(buffer.subarray(this.later, last ? length : marker)) : "more";
			if (typeof parsed !== "string") {
				this.events.onText?.(buffer.subarray(0, this.later));
				this.drop(this.later);
				this.scan(false);
				return;
			}
			if (parsed === "bad") this.later = 0;
			this.searched = marker;
			if (last) return;
			this.later = marker;
			this.searched++;
		}
	}

	/** The sender fell silent: gives up the frame under way and searches the bytes behind its marker. */
	silence(): void {
		while (this.length > 0) this.scan(true);
	}

	/** `give`: also gives up an incomplete frame. */
	private scan(give: boolean): void {
		const buffer = this.buffer;
		let from = 0;
		let abandon = give;
		this.due = 0;
		while (from < this.length) {
			const rest = buffer.subarray(from, this.length);
			const start = startOf(rest);
			if (start > 0) {
				this.events.onText?.(rest.subarray(0, start));
				from += start;
				continue;
			}
			const improv = rest[0] !== MARKER;
			const parsed = improv ? parseImprov(rest) : parseFrame(rest);
			if (parsed === "more" && !abandon) {
				if (!improv) this.due = frameLength(rest);
				break;
			}
			if (typeof parsed === "string") {
				if (parsed === "damaged") this.events.onImprovDamaged?.();
				abandon = false;
				this.events.onText?.(rest.subarray(0, 1));
				from += 1;
				continue;
			}
			if ("payload" in parsed) {
				from += frameLength(rest);
				this.events.onFrame(parsed);
			} else {
				from += parsed.size;
				this.events.onImprov?.(parsed);
			}
		}
		this.drop(from);
	}

	private drop(count: number): void {
		this.buffer.copyWithin(0, count, this.length);
		this.length -= count;
		this.later = 0;
		this.searched = 1;
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
