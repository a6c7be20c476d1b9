// SPDX-License-Identifier: Apache-2.0

import type { Pn532FrameReader } from "./frame.js";

export type { DigitalUse, I2CUse, SerialUse, SPIUse } from "../../hal/contracts/io.js";

/** Receives from a port. Called from the event loop only. */
export interface Listener {
	/** A frame is in the port's reader. `kind`: as `Pn532FrameReader.next` gives it. */
	received(kind: number): void;
	/** Bytes came, and the frame is still incomplete. */
	partial(): void;
	/** The chip reported data, and it was no frame. */
	garbage(): void;
}

/**
 * One of the chip's three buses. Never throws after construction: an exception of the bus is counted in `faults` and looks like
 * silence to the link, which has time limits.
 */
export interface Port {
	readonly reader: Pn532FrameReader;
	/** Exceptions of the bus so far. */
	readonly faults: number;
	/**
	 * Converts `frame` to what `send` takes; done once for a frame that is sent often. `room`: the byte before `frame` is free and the frame is
	 * sent once, so that both may become what is sent.
	 */
	prepare(frame: Uint8Array, room?: boolean): Uint8Array;
	send(wire: Uint8Array): void;
	/**
	 * Announces a frame of about `bytes` bytes; 0: no frame is awaited, and what comes is dropped. A longer frame is read in
	 * full all the same; a good guess saves time on I2C. `lookMs`: how often to look for it where no interrupt line tells.
	 */
	expect(bytes: number, lookMs?: number): void;
	/** Looks at the bus now, in case the interrupt was missed. */
	check(): void;
	/** Wakes a sleeping chip, which takes 2 ms. */
	wake(): void;
	/** Drops what was received, and reads away what the chip still holds. */
	drain(): void;
	/** Opens the bus anew. `attempt` selects among settings that cannot be known, such as a baud rate from before a restart. */
	reopen(attempt: number): void;
	/** Time of `bytes` bytes on the bus, ms, rounded up. */
	wireMs(bytes: number): number;
	close(): void;
}
