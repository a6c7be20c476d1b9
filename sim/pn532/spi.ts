// SPDX-License-Identifier: Apache-2.0

import type { SPIDevice } from "../bus/spi.js";
import { MailboxPort } from "./mailbox.js";

/** First byte of a transaction (UM0701-02, 6.2.5). */
const DATA_WRITE = 0x01;
const STATUS_READ = 0x02;
const DATA_READ = 0x03;
/** What an ESP32 read where an ACK was (Adafruit-PN532 issue 85). */
const GARBAGE: readonly number[] = Object.freeze([0x00, 0x3f, 0xdf, 0xff, 0xe9, 0xaf]);

/** The chip's SPI: mode 0, low bit first, so that an ordinary master sees every byte reversed. */
export class SpiPort extends MailboxPort implements SPIDevice {
	readonly wakeSource = 0x20;
	#operation: number | undefined;
	#count = 0;
	#hz = 0;
	#usable = false;
	#written: number[] = [];
	#garbage = 0;

	select(hz: number, mode: number): void {
		this.#operation = undefined;
		this.#count = 0;
		this.#hz = hz;
		this.#written = [];
		this.#usable = hz <= this.chip.faults.spiHz && mode === 0;
		// The falling edge wakes; the chip hears a while later.
		if (this.chip.asleep) this.chip.wake();
	}

	exchange(out: number): number {
		const { chip } = this;
		this.#count++;
		if (!chip.powered) return 0xff;
		if (!chip.awake() || chip.silent) return 0x00;
		if (!this.#usable) return reverse(out) ^ 0xa5;
		const once = chip.faults.spiReversed ? out : reverse(out);
		let back = 0;
		if (this.#operation === undefined) this.#operation = once;
		else if (this.#operation === DATA_WRITE) this.#written.push(once);
		else if (this.#operation === STATUS_READ) back = this.ready ? 0x01 : 0x00;
		else if (this.#operation === DATA_READ) back = this.#data();
		return chip.faults.spiReversed ? back : reverse(back);
	}

	#data(): number {
		const good = this.ready ? this.next() : 0;
		return this.chip.faults.take("spiGarbage") ? GARBAGE[this.#garbage++ % GARBAGE.length]! : good;
	}

	deselect(): void {
		const micros = (this.#count * 8_000_000) / this.#hz;
		if (this.#written.length > 0) this.written(Uint8Array.from(this.#written), micros);
		if (this.#operation === DATA_READ) this.finish(micros);
	}
}

function reverse(byte: number): number {
	let reversed = 0;
	for (let i = 0; i < 8; i++) if (byte & (1 << i)) reversed |= 0x80 >> i;
	return reversed;
}
