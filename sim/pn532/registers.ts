// SPDX-License-Identifier: Apache-2.0

/** Contactless interface unit registers that change what goes on the air (PN532 data sheet, 8.6.23). */
export const TX_MODE = 0x6302;
export const RX_MODE = 0x6303;
export const BIT_FRAMING = 0x633d;

/** In TX_MODE and RX_MODE: CRC by hardware. Bits 6..4 are the rate (0: 106 kbit/s), 1..0 the framing (0: type A). */
export const CRC_ENABLED = 0x80;
export const NOT_106A = 0x73;

/** Byte-wide registers; only what was written is kept, the rest reads 0. */
export class Registers {
	readonly #values = new Map<number, number>();

	constructor() {
		this.reset();
	}

	reset(): void {
		this.#values.clear();
		this.#values.set(TX_MODE, CRC_ENABLED);
		this.#values.set(RX_MODE, CRC_ENABLED);
	}

	get(address: number): number {
		return this.#values.get(address) ?? 0;
	}

	set(address: number, value: number): void {
		this.#values.set(address, value & 0xff);
	}

	/** After REQA without an answer: seven bits and no CRC stay set, which is why hosts write 63 3D 00 before ECP. */
	shortFrame(): void {
		this.set(TX_MODE, 0);
		this.set(RX_MODE, 0);
		this.set(BIT_FRAMING, 7);
	}

	/** A card is selected: whole bytes with CRC. */
	standardFrame(): void {
		this.set(TX_MODE, CRC_ENABLED);
		this.set(RX_MODE, CRC_ENABLED);
		this.set(BIT_FRAMING, 0);
	}
}
