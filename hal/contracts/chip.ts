// SPDX-License-Identifier: Apache-2.0

/** Restarts the chip when `feed` was not called for its period. */
export interface Watchdog {
	feed(): void;
}

/**
 * A number that survives every restart of the chip except a loss of power. On the ESP32 a word of RTC memory, so writing it
 * wears no flash.
 */
export interface Retained {
	/** 0 after a loss of power. */
	read(): number;
	/** 0 to 2^32-1. */
	write(value: number): void;
}

/** What a self-test asks of a chip. */
export interface Diagnostics {
	/** Stands still for `ms` without returning to the event loop, as a firmware that hangs. */
	stall(ms: number): void;
	/** Free memory in bytes, by name. */
	memory(): Readonly<Record<string, number>>;
	/** The running image: its bytes, those of its slot, and what protects it. */
	image(): Readonly<Record<string, number>>;
}

/** Why the chip started. */
export type RestartCause =
	| "power-on"
	| "reset-pin"
	| "brown-out"
	/** The firmware did not come back to its event loop in time. */
	| "watchdog"
	/** An exception left a callback, or the chip panicked. */
	| "exception"
	/** The JavaScript engine ran out of slots, chunks or keys. */
	| "out-of-memory"
	/** The JavaScript engine ran out of stack. */
	| "stack-overflow"
	/** The firmware restarted itself: for a new configuration, a command or the reset button. */
	| "software"
	| "unknown";
