// SPDX-License-Identifier: Apache-2.0

/**
 * The chip's end of the frame format (UM0701-02, 6.2.1), written apart from the driver's so that one checks the other.
 */

export const ACK: readonly number[] = Object.freeze([0x00, 0x00, 0xff, 0x00, 0xff, 0x00]);
export const SYNTAX_ERROR: readonly number[] = Object.freeze([
	0x00, 0x00, 0xff, 0x01, 0xff, 0x7f, 0x81, 0x00,
]);

/** TFI and packet data of one frame: 265 bytes at most. */
export const DATA_MAX = 265;

/** A response frame around `code` and `data`; extended where TFI, code and data are more than 255 bytes. */
export function responseFrame(code: number, data: Uint8Array, tfi = 0xd5): Uint8Array {
	return frame(Uint8Array.of(tfi, code, ...data));
}

/** A frame around any content, also an empty one. */
export function frame(content: Uint8Array): Uint8Array {
	const length = content.length;
	const head =
		length <= 255
			? [0x00, 0x00, 0xff, length, -length & 0xff]
			: [0x00, 0x00, 0xff, 0xff, 0xff, length >> 8, length & 0xff, -((length >> 8) + (length & 0xff)) & 0xff];
	let sum = 0;
	for (const byte of content) sum += byte;
	return Uint8Array.of(...head, ...content, -sum & 0xff, 0x00);
}

export interface HostFrames {
	/** A command with good checksums: code and parameters, TFI gone. */
	command(data: Uint8Array): void;
	ack(): void;
	nack(): void;
	/** A frame that is whole and not a command of a host (TFI other than D4, or nothing after it). */
	misfit(): void;
}

/** Finds the host's frames in its bytes; whatever is no frame is skipped, a frame with a wrong checksum too. */
export class HostFrameParser {
	/** Frames dropped for a wrong LCS or DCS. */
	corrupted = 0;

	readonly #sink: HostFrames;
	#state: "start" | "length" | "lcs" | "extended" | "data" = "start";
	#zeros = 0;
	#length = 0;
	readonly #header: number[] = [];
	#data: number[] = [];

	constructor(sink: HostFrames) {
		this.#sink = sink;
	}

	reset(): void {
		this.#state = "start";
		this.#zeros = 0;
		this.#header.length = 0;
		this.#data = [];
	}

	push(byte: number): void {
		switch (this.#state) {
			case "start":
				// Any number of zeros, at least one, then FF: the preamble may be missing, the start code 00 FF may not.
				if (byte === 0x00) this.#zeros++;
				else {
					if (byte === 0xff && this.#zeros > 0) this.#state = "length";
					this.#zeros = 0;
				}
				return;
			case "length":
				this.#length = byte;
				this.#state = "lcs";
				return;
			case "lcs":
				this.#lengthChecksum(byte);
				return;
			case "extended":
				this.#header.push(byte);
				if (this.#header.length === 3) this.#extendedLength();
				return;
			case "data":
				this.#data.push(byte);
				if (this.#data.length === this.#length + 1) this.#whole();
		}
	}

	#lengthChecksum(lcs: number): void {
		const length = this.#length;
		if (length === 0x00 && lcs === 0xff) {
			this.reset();
			this.#sink.ack();
		} else if (length === 0xff && lcs === 0x00) {
			this.reset();
			this.#sink.nack();
		} else if (length === 0xff && lcs === 0xff) {
			this.#state = "extended";
		} else if (((length + lcs) & 0xff) === 0 && length > 0) {
			this.#state = "data";
		} else {
			this.corrupted++;
			this.reset();
		}
	}

	#extendedLength(): void {
		const [high, low, lcs] = this.#header as [number, number, number];
		const length = (high << 8) | low;
		const good = ((high + low + lcs) & 0xff) === 0 && length > 0 && length <= DATA_MAX;
		this.#header.length = 0;
		if (!good) {
			this.corrupted++;
			this.reset();
			return;
		}
		this.#length = length;
		this.#state = "data";
	}

	#whole(): void {
		const data = this.#data;
		this.reset();
		let sum = 0;
		for (const byte of data) sum += byte;
		if ((sum & 0xff) !== 0) {
			this.corrupted++;
			return;
		}
		if (data[0] !== 0xd4 || data.length < 3) this.#sink.misfit();
		else this.#sink.command(Uint8Array.from(data.slice(1, -1)));
	}
}
