// SPDX-License-Identifier: Apache-2.0

import type { Line } from "../bus/line.js";
import type { HostPort, PN532Chip } from "./chip.js";

/** The longest frame: preamble, start code, extended length, 265 bytes, checksum, postamble. */
const MEMORY = 276;

/**
 * What SPI and I2C have in common: the host fetches. The reply waits until the ACK was fetched; IRQ is low while
 * something waits; a frame that was read at all is gone, and NACK brings it back.
 */
export abstract class MailboxPort implements HostPort {
	abstract readonly wakeSource: number;
	protected readonly chip: PN532Chip;
	readonly #irq: Line;
	readonly #waiting: Uint8Array[] = [];
	/** The chip's output buffer: a shorter frame leaves the end of the one before it. */
	readonly #memory = new Uint8Array(MEMORY);
	#at = 0;
	/** The next frame is there for the host from this moment, microseconds. */
	#readyAt = 0;
	/** Until then the bus is still carrying what the host wrote, though the call has returned. */
	#busyUntil = 0;

	constructor(chip: PN532Chip, irq: Line) {
		this.chip = chip;
		this.#irq = irq;
		irq.settle = () => {
			if (this.#waiting.length > 0 && chip.time.micros >= this.#readyAt) this.#signal();
		};
		chip.attach(this);
	}

	send(frame: Uint8Array): void {
		this.#waiting.push(frame);
		if (this.#waiting.length === 1) this.#offer();
	}

	clear(): void {
		this.#waiting.length = 0;
		this.#at = 0;
		this.#irq.drive(undefined);
	}

	reset(): void {
		this.clear();
		this.#memory.fill(0);
	}

	protected get ready(): boolean {
		const now = this.chip.time.micros;
		if (now < this.#busyUntil && !this.chip.faults.keepStaleReply) return false;
		return this.#waiting.length > 0 && now >= this.#readyAt && !this.chip.silent;
	}

	/** The next byte of the frame that waits, or of what the buffer holds behind it. */
	protected next(): number {
		const frame = this.#waiting[0];
		const at = this.#at++;
		const { tail } = this.chip.faults;
		if (frame !== undefined && at >= frame.length && tail !== undefined)
			return tail[(at - frame.length) % tail.length]!;
		return this.#memory[at] ?? 0;
	}

	/** The transaction is over; it took `micros` on the bus. */
	protected finish(micros: number): void {
		if (this.#at === 0 || this.#waiting.length === 0) return;
		const frame = this.#waiting.shift()!;
		this.chip.trace.add(this.chip.time.micros, "chip", frame.subarray(0, Math.min(this.#at, frame.length)));
		this.#at = 0;
		this.#irq.drive(undefined);
		if (this.#waiting.length > 0) this.#offer(micros);
	}

	/** The host wrote `bytes`; they are in the chip when the bus has carried them. */
	protected written(bytes: Uint8Array, micros: number): void {
		const { chip } = this;
		chip.trace.add(chip.time.micros, "host", bytes);
		this.#busyUntil = chip.time.micros + Math.round(micros);
		chip.time.after(micros, () => {
			if (chip.awake()) for (const byte of bytes) chip.hear(byte);
		});
	}

	#offer(delay = 0): void {
		const { chip } = this;
		const frame = this.#waiting[0]!;
		this.#at = 0;
		this.#memory.set(frame.subarray(0, MEMORY));
		this.#readyAt = chip.time.micros + Math.round(delay);
		chip.time.after(delay, () => {
			if (this.#waiting[0] === frame) this.#signal();
		});
	}

	#signal(): void {
		if (this.chip.irqUsed) this.#irq.drive(0);
	}
}
