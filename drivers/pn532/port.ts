import type { Pn532FrameReader } from "./frame.js";

export type { DigitalUse, I2CUse, SerialUse, SPIUse } from "../../hal/contracts/io.js";

/** Takes what a port receives; called from the event loop only. */
export interface Listener {
	/** A frame is in the port's reader. `kind`: as `FrameReader.next` gives it. */
	received(kind: number): void;
	/** Bytes came and the frame is not whole yet. */
	partial(): void;
	/** The chip said that it had something to read, and that was no frame. */
	garbage(): void;
}

/**
 * One of the chip's three buses. Never throws after construction: what the bus refuses counts in `faults` and is silence
 * to the one above, who has its time limits.
 */
export interface Port {
	readonly reader: Pn532FrameReader;
	/** Exceptions of the bus so far. */
	readonly faults: number;
	/** What `send` wants for `frame`; for a frame that is sent often, made once. */
	prepare(frame: Uint8Array): Uint8Array;
	send(wire: Uint8Array): void;
	/**
	 * A frame of about `bytes` bytes is awaited; 0: none is, what comes is dropped. A frame in full length is read in any
	 * case; a good guess saves time on I2C.
	 */
	expect(bytes: number): void;
	/** Looks at the bus now, in case the interrupt was missed. */
	check(): void;
	/** Rouses a sleeping chip; it needs 2 ms to come round. */
	wake(): void;
	/** Drops what has been received, and reads what the chip still holds. */
	drain(): void;
	/** Opens the bus anew; `attempt` goes through what cannot be known (a baud rate left from before a restart). */
	reopen(attempt: number): void;
	/** Time that `bytes` bytes take on the bus, ms rounded up. */
	wireMs(bytes: number): number;
	close(): void;
}
