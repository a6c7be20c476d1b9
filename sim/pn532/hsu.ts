// SPDX-License-Identifier: Apache-2.0

import type { UART } from "../bus/serial.js";
import type { HostPort, PN532Chip } from "./chip.js";

/** Rising edges on RX that wake the chip (PN532 data sheet, 8.3.3.4: the fifth). */
const WAKE_EDGES = 5;

/** The chip's high-speed UART: 115200 until told otherwise. */
export class HsuPort implements HostPort {
	readonly wakeSource = 0x10;
	readonly #chip: PN532Chip;
	readonly #uart: UART;
	#edges = 0;

	constructor(chip: PN532Chip, uart: UART) {
		this.#chip = chip;
		this.#uart = uart;
		uart.onHost = (bytes, first, each) => this.#receive(bytes, first, each);
		chip.attach(this);
	}

	send(frame: Uint8Array): void {
		const { faults, trace, time } = this.#chip;
		trace.add(time.micros, "chip", frame);
		const size = faults.split > 0 ? faults.split : frame.length;
		for (let from = 0; from < frame.length; from += size) {
			if (from > 0) this.#uart.pause(faults.splitGap);
			this.#uart.send(frame.subarray(from, from + size));
		}
	}

	/** What is on its way cannot be called back: there is no buffer that a host could leave unread. */
	clear(): void {}

	reset(): void {
		this.#edges = 0;
		this.#uart.drop();
		this.#uart.baud = 115200;
	}

	setRate(baud: number): void {
		this.#uart.baud = baud;
	}

	#receive(bytes: Uint8Array, first: number, each: number): void {
		const chip = this.#chip;
		chip.trace.add(Math.max(0, Math.round(first - each)), "host", bytes);
		for (let i = 0; i < bytes.length; i++) {
			const at = first + i * each;
			if (chip.asleep) {
				this.#edges += risingEdges(bytes[i]!);
				if (this.#edges >= WAKE_EDGES && chip.wake(at)) this.#edges = 0;
			} else if (chip.awake(at)) chip.hear(bytes[i]!);
		}
	}
}

/** Rising edges of one byte on the wire: start bit 0, eight bits low first, stop bit 1. */
function risingEdges(byte: number): number {
	const bits = (byte << 1) | 0x200;
	let edges = 0;
	for (let i = 0; i < 9; i++) if (((bits >> i) & 1) === 0 && (bits >> (i + 1)) & 1) edges++;
	return edges;
}
