/** The functions of chip.c, radio.c, relay.c and station.c. */
export declare const chip: {
	/** Since the chip started. */
	milliseconds(): number;
	/** `esp_reset_reason` (0 to 15), or 0x100 + what `note` left before a restart of the firmware's own. */
	restartCause(): number;
	/** Left in RTC memory for the next start: as `noteOf` says. */
	setRestartReason(cause: number): void;
	/** A word of RTC memory: what `keep` left, 0 after a loss of power. */
	retained(): number;
	/** 0 to 2^31-1. */
	retain(value: number): void;
	restart(): never;
	/** The task watchdog, for the task that calls. */
	feed(): void;
	/** From noise, with the radio on or off. */
	random(into: Uint8Array): void;
	/** Garbage. */
	collect(): void;
	/** The image that runs stays; one that was never called well is gone after a restart. */
	imageIsHealthy(): void;

	/** Once, in the turn in which the SDK's server was made. */
	radioOpened(): void;
	/** Once, when the Bluetooth host runs. */
	radioReady(): void;
	/** In each `onConnect`, before `radioConnected`: the low 32 bits of the phone's address, signed; 0 where there is none. */
	radioPeer(): number;
	/** Once in each `onConnect`: lets the Bluetooth task go on, asks the phone for a short interval; the connection's handle. */
	radioConnected(): number;
	/** Once in each `onDisconnect`: lets the Bluetooth task go on. */
	radioGone(): void;
	/** Ends the connection of this handle; `onDisconnect` follows. */
	radioDrop(handle: number): void;
	/** Whether a notification finds buffers. */
	radioHasRoom(): boolean;
	/** dBm of the connection of this handle; 127 when there is none. */
	rssi(handle: number): number;
	/** `this`: the SDK's connection; `callback` gets NimBLE's error, 0 for none. */
	notify(this: object, characteristic: object, value: Uint8Array, callback: (error: number) => void): void;

	/** Whether Wi-Fi is on, or finds memory to start. */
	wifiHasRoom(): boolean;
	/** Whether the bytes of a string are UTF-8. */
	isText(text: string): boolean;

	relayOpen(pin: number, offLevel: number): void;
	relayHold(ms: number): void;
	relayRelease(): void;
	/** 1 while the pin is on. */
	relayRead(): number;
};
