/** Restarts the chip when nobody fed it for its period. */
export interface Watchdog {
	feed(): void;
}

/**
 * A number that outlives a restart of the chip, whatever its cause, and no loss of power: no flash, so no wear. On the ESP32
 * a word of RTC memory.
 */
export interface Retained {
	/** 0 after a loss of power. */
	read(): number;
	/** 0 to 2^32-1. */
	write(value: number): void;
}

/** Why the chip started. */
export type RestartCause =
	| "power-on"
	| "reset-pin"
	| "brown-out"
	/** The firmware did not come back to its event loop in time. */
	| "watchdog"
	/** One left a callback, or the chip's own panic. */
	| "exception"
	/** Slots, chunks or keys of the JavaScript engine. */
	| "out-of-memory"
	/** Of the JavaScript engine. */
	| "stack-overflow"
	/** Somebody asked for it: a new configuration, a command, the reset button. */
	| "software"
	| "unknown";
