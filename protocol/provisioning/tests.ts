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
	"scanner",
] as const);
export type TestName = (typeof TESTS)[number];

/** The parts of a self-test, in its order. */
export const SELF_TEST_PARTS = Object.freeze([
	"start",
	"random",
	"flash",
	"clock",
	"adc",
	"nfc",
	"bluetooth",
	"wifi",
	"light",
	"sounder",
	"relay",
] as const);
export type SelfTestPart = (typeof SELF_TEST_PARTS)[number];
