// SPDX-License-Identifier: Apache-2.0

import type { RestartCause } from "../contracts/chip.js";

/** `esp_reset_reason_t` (ESP-IDF, esp_system.h) by its number. */
const REASONS: readonly RestartCause[] = Object.freeze([
	"unknown",
	"power-on",
	"reset-pin",
	"software",
	"exception", // a panic
	"watchdog", // of interrupts
	"watchdog", // of tasks
	"watchdog", // another
	"unknown", // deep sleep, which a reader never does
	"brown-out",
]);

/** Added to the cause that the firmware noted before it restarted itself. */
const NOTED = 0x100;
export const NOTE_EXCEPTION = 1;
export const NOTE_OUT_OF_MEMORY = 2;
export const NOTE_STACK_OVERFLOW = 3;

const NOTES: Readonly<Record<number, RestartCause>> = Object.freeze({
	[NOTED + NOTE_EXCEPTION]: "exception",
	[NOTED + NOTE_OUT_OF_MEMORY]: "out-of-memory",
	[NOTED + NOTE_STACK_OVERFLOW]: "stack-overflow",
});

export function restartCauseOf(code: number): RestartCause {
	return NOTES[code] ?? REASONS[code] ?? "unknown";
}

/** The cause to note for the engine's abort message (`fxAbortString`, xsError.c). Two messages mean a stack overflow. */
export function noteOf(message: string): number {
	if (message.endsWith("stack overflow")) return NOTE_STACK_OVERFLOW;
	return message === "memory full" || message === "not enough keys" ? NOTE_OUT_OF_MEMORY : NOTE_EXCEPTION;
}
