// SPDX-License-Identifier: Apache-2.0

import { busMicros, type I2CDevice } from "../bus/i2c.js";
import { MailboxPort } from "./mailbox.js";

/** The chip's I2C at 0x24: every read begins with the ready byte (UM0701-02, 6.2.4). */
export class I2CPort extends MailboxPort implements I2CDevice {
	readonly wakeSource = 0x80;
	readonly address = 0x24;

	stretch(): number {
		const { chip } = this;
		if (!chip.powered) return 0;
		if (chip.faults.sclStuck) return Number.POSITIVE_INFINITY;
		return chip.awake() ? Math.max(chip.costs.stretch, chip.faults.stretch) : 0;
	}

	/** A chip that sleeps does not acknowledge, and wakes. */
	begin(_read: boolean): boolean {
		if (this.chip.asleep) {
			this.chip.wake();
			return false;
		}
		return this.chip.awake() && !this.chip.silent;
	}

	write(data: Uint8Array, hz: number): void {
		this.written(data.slice(), busMicros(data.length, hz));
	}

	read(buffer: Uint8Array, hz: number): void {
		if (buffer.length === 0) return;
		const { ready } = this;
		buffer[0] = ready ? 0x01 : 0x00;
		for (let i = 1; i < buffer.length; i++) buffer[i] = ready ? this.next() : 0x80;
		if (ready) this.finish(busMicros(buffer.length, hz));
	}
}
