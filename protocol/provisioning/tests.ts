/** The parts of a reader and its door that an installer can test. */
export type TestName = "relay" | "door" | "rex" | "tamper" | "fire" | "lockdown" | "nfc" | "ble";

export const TESTS: readonly TestName[] = Object.freeze([
	"relay",
	"door",
	"rex",
	"tamper",
	"fire",
	"lockdown",
	"nfc",
	"ble",
] as const);
