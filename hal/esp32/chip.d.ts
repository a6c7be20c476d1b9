/** The functions of chip.c and relay.c. */
export declare const chip: {
	/** Since the chip started. */
	milliseconds(): number;
	/** `esp_reset_reason` (0 to 15), or 0x100 + what `note` left before a restart of the firmware's own. */
	restartCause(): number;
	/** Left in RTC memory for the next start: as `noteOf` says; 0 nothing. */
	note(cause: number): void;
	restart(): never;
	/** The task watchdog, for the task that calls. */
	feed(): void;
	/** dBm of the one connection; 127 when there is none. */
	rssi(): number;
	relayOpen(pin: number, offLevel: number): void;
	relayHold(ms: number): void;
	relayRelease(): void;
	/** 1 while the pin is on. */
	relayRead(): number;
};
