// SPDX-License-Identifier: Apache-2.0

/** What the chip's firmware takes, µs; after the data sheet where it says, else of the order that drivers measure. */
export interface Costs {
	/** End of a command to the start of its ACK (UM0701-02 bounds it by 15 ms). */
	readonly ack: number;
	/** Firmware's own time for any command. */
	readonly command: number;
	/** Done to the start of the reply. */
	readonly reply: number;
	/** Edge that wakes it to the first bit it hears: oscillator and firmware. */
	readonly wake: number;
	/** Reset pin high, or power, to the first edge that can wake it. */
	readonly boot: number;
	/** Field on to the first command to a card (ISO/IEC 14443-3: 5 ms). */
	readonly guard: number;
	/** Between two attempts of a passive activation. */
	readonly retry: number;
	/** ACK that confirms SetSerialBaudRate to the new rate in force (UM0701-02: the host waits 200 µs). */
	readonly baud: number;
	/** SCL held at each transaction over I2C (esphome/issues 4340: 440 at least). */
	readonly stretch: number;
}

export const TYPICAL: Costs = Object.freeze({
	ack: 150,
	command: 300,
	reply: 150,
	wake: 400,
	boot: 2000,
	guard: 5000,
	retry: 3000,
	baud: 100,
	stretch: 440,
});
