// SPDX-License-Identifier: Apache-2.0

/** The parts of a reader and its door that an installer can test. */
export const TESTS = Object.freeze([
	"relay",
	"door",
	"rex",
	"tamper",
	"fire",
	"lockdown",
	"nfc",
	"ble",
] as const);
export type TestName = (typeof TESTS)[number];
