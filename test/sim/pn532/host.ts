// SPDX-License-Identifier: Apache-2.0

import type { Serial } from "../../../hal/contracts/io.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { type BoardOptions, PN532SerialBoard } from "../../../sim/pn532/board.js";
import { frame } from "../../../sim/pn532/frames.js";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";

export const ACK_HEX = "0000ff00ff00";

/** A host for specs that knows nothing: it sends bytes over HSU and keeps what comes, with the time. */
export class RawHost {
	readonly time = new VirtualTime();
	readonly random = new SeededRandom(7);
	readonly board: PN532SerialBoard;
	/** What came since the last `take`, and when its last piece came, µs. */
	received = "";
	lastAt = 0;
	pieces = 0;
	#serial: Serial | undefined;

	constructor(options: BoardOptions = {}) {
		this.board = new PN532SerialBoard(this.time, this.random, { uart: { fifo: 1024 }, ...options });
		this.open(115200);
		this.time.run(10);
	}

	open(baud: number): void {
		this.#serial?.close();
		const serial: Serial = new this.board.Serial({
			baud,
			onReadable: (count) => {
				const buffer = new Uint8Array(count);
				serial.read(buffer);
				this.received += toHex(buffer);
				this.lastAt = this.time.micros;
				this.pieces++;
			},
		});
		this.#serial = serial;
	}

	write(hex: string): void {
		this.#serial!.write(fromHex(hex));
	}

	take(): string {
		const { received } = this;
		this.received = "";
		return received;
	}

	wake(): void {
		this.write(`5555${"00".repeat(14)}`);
		this.command("14 01 14 01");
	}

	/** Sends a command; the reply's data after TFI in hexadecimal, or whatever else came within `limit` ms. */
	command(text: string, limit = 2000): string {
		this.take();
		this.#serial!.write(frame(fromHex(`d4${text.replace(/ /g, "")}`)));
		this.time.runUntil(() => this.received.length > ACK_HEX.length && whole(this.received), limit);
		return content(this.take());
	}
}

function whole(hex: string): boolean {
	return content(hex) !== hex;
}

/** The data of the one reply behind an ACK; anything else unchanged. */
export function content(hex: string): string {
	if (!hex.startsWith(ACK_HEX)) return hex;
	const rest = hex.slice(ACK_HEX.length);
	const normal = /^0000ff(..)(..)d5/.exec(rest);
	if (normal) {
		const length = Number.parseInt(normal[1]!, 16);
		const end = 10 + 2 * length;
		if (normal[1] === "ff" && normal[2] === "ff") return hex;
		return rest.length === end + 4 ? rest.slice(12, end) : hex;
	}
	const extended = /^0000ffffff(....)(..)d5/.exec(rest);
	if (!extended) return hex;
	const end = 16 + 2 * Number.parseInt(extended[1]!, 16);
	return rest.length === end + 4 ? rest.slice(18, end) : hex;
}
