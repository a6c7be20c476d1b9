// SPDX-License-Identifier: Apache-2.0

/** The functions of the C files of this folder. */
export declare const chip: {
	/** Milliseconds since the chip started. */
	milliseconds(): number;
	/** `esp_reset_reason` (0 to 15), or 0x100 + the cause that `setRestartReason` left before a restart by the firmware. */
	restartCause(): number;
	/** Leaves a cause of `noteOf` in RTC memory for the next start. */
	setRestartReason(cause: number): void;
	/** The word that `retain` left in RTC memory, 0 after a loss of power. */
	retained(): number;
	/** Leaves a word in RTC memory, 0 to 2^31-1. */
	retain(value: number): void;
	restart(): never;
	/** Whether this firmware was built for the ESP32-S3. */
	isS3(): boolean;
	/** Holds the processor; the watchdog is not fed meanwhile. */
	stall(ms: number): void;
	/** A figure of diagnostics.c. */
	figure(index: number): number;
	/** Feeds the task watchdog for the calling task. */
	feed(): void;
	/** Takes the first key of `random` from noise of the ADC: once, before radios and inputs begin. */
	seedRandom(): void;
	/** Fills `into` with random bytes. */
	random(into: Uint8Array): void;
	/** As `ReverseBits`. RangeError for more bytes than there are. */
	reverseBits(bytes: Uint8Array, length: number): void;
	/** As `SumBytes`. RangeError beyond the bytes that there are. */
	sumBytes(bytes: Uint8Array, from: number, to: number): number;
	/** Fills `into`, 32 bytes, by the HMAC peripheral; false where the chip has none, or no key for it in its fuses. */
	deviceKey(into: Uint8Array): boolean;
	/** Collects garbage. */
	collect(): void;
	/** Confirms the running image; an update that was not confirmed is rolled back at the next restart. */
	imageIsHealthy(): void;

	/** To be called once, in the turn of the event loop in which the SDK's server was made. */
	radioOpened(): void;
	/** To be called once, when the Bluetooth host runs. */
	radioReady(): void;
	/** The low 32 bits of the phone's address, signed, 0 where there is none. In each `onConnect`, before `radioConnected`. */
	radioPeer(): number;
	/** The connection's handle. Once in each `onConnect`: lets the Bluetooth task go on and asks the phone for a short interval. */
	radioConnected(): number;
	/** Once in each `onDisconnect`: lets the Bluetooth task go on. */
	radioGone(): void;
	/** Whether NimBLE advertises. */
	radioAdvertising(): boolean;
	/** Ends the connection of this handle; `onDisconnect` follows. */
	radioDrop(handle: number): void;
	/** Whether NimBLE has buffers for a notification. */
	radioHasRoom(): boolean;
	/** dBm of the connection of this handle; 127 when there is none. */
	rssi(handle: number): number;
	/** `this`: the SDK's connection; `callback` gets NimBLE's error, 0 for none. */
	notify(this: object, characteristic: object, value: Uint8Array, callback: (error: number) => void): void;

	/** Whether Wi-Fi is on, or has memory to start. */
	wifiHasRoom(): boolean;
	/** Why the network was lost, or a join failed, last: WIFI_REASON_… of ESP-IDF, 0 for none. Notes them from the first call on. */
	wifiReason(): number;
	/** Whether the bytes of a string are UTF-8. */
	isText(text: string): boolean;

	relayOpen(pin: number, offLevel: number): void;
	relayHold(ms: number): void;
	relayRelease(): void;
	/** 1 while the pin is on. */
	relayRead(): number;
};
