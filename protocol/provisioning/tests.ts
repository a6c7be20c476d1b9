/** What can be tried at the door. */
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
