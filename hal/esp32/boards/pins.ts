// SPDX-License-Identifier: Apache-2.0

/**
 * Which GPIO is wired to what; docs/HARDWARE.md has the table. No strapping pin may be used, whose level the wiring could change at
 * reset, and no pin of flash or PSRAM: `test/tools/esp32/platform.spec.ts` has them by chip. The five inputs are on ADC1.
 */
export interface Pins {
	readonly relay: number;
	/** Level of the relay's pin while it is off. */
	readonly relayOff: number;
	readonly pn532: {
		readonly clock: number;
		readonly out: number;
		readonly in: number;
		readonly select: number;
		readonly interrupt: number;
		readonly reset: number;
	};
	/** I2C of the clock chip; absent where the board has none. */
	readonly i2c?: { readonly data: number; readonly clock: number };
	readonly doorPosition: number;
	readonly rex: number;
	readonly tamper: number;
	readonly fire: number;
	readonly lockdown: number;
	readonly red: number;
	readonly green: number;
	readonly blue: number;
	readonly sounder: number;
	/** Button to ground, held from power-up on for a factory reset. */
	readonly resetButton: number;
	/** Serial port of a QR scanner; absent where the board has no pins left. */
	readonly scanner?: { readonly transmit: number; readonly receive: number };
	readonly console: { readonly transmit: number; readonly receive: number };
}
