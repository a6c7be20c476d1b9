// SPDX-License-Identifier: Apache-2.0

import { isFields } from "../protocol/cbor/value.js";
import { DEFAULT_DOOR, type DoorConfig } from "../protocol/config/door.js";
import type { ReaderInfo, TestResult } from "../protocol/provisioning/messages.js";
import { TESTS, type TestName } from "../protocol/provisioning/tests.js";
import type { Requester } from "../site/lib/provisioning/client.js";
import { hint, progress } from "./output.js";

export interface Tested extends TestResult {
	readonly test: TestName;
}

/** What a person has to do for a test, within 30 s. */
const HANDS: { readonly [test in TestName]?: string } = {
	door: "open the door now; it has to be closed before (30 s)",
	rex: "press request-to-exit now (30 s)",
	tamper: "open the housing now (30 s)",
	fire: "trip the fire alarm's contact now (30 s); the door may unlock",
	lockdown: "trip the lockdown contact now (30 s)",
	scanner: "show the scanner any QR code now (30 s)",
};

const INPUTS: { readonly [test in TestName]?: keyof DoorConfig } = {
	door: "position",
	rex: "requestToExit",
	tamper: "tamper",
	fire: "fireInput",
	lockdown: "lockdownInput",
};

/** The tests of what the reader's configuration says is there. Bluetooth is up once the reader has a site. */
export async function wiredTests(reader: Requester, info: ReaderInfo): Promise<TestName[]> {
	const { bluetooth, door, scanner } = (await reader.request("configuration")) ?? {};
	const wiring = isFields(door) ? door : DEFAULT_DOOR;
	return TESTS.filter((test) => {
		const input = INPUTS[test];
		if (test === "ble") return info.commissioned === true && bluetooth !== "off";
		if (test === "scanner") return info.commissioned === true && scanner !== undefined;
		return input === undefined || wiring[input] !== "none";
	});
}

/**
 * One after the other; says before each what the installer has to do by hand. Adds to `results`, and leaves out what is
 * there already: after a restart of the reader in between it goes on, and no test by hand is asked for twice.
 */
export async function runTests(
	reader: Requester,
	names: readonly TestName[],
	results: Tested[],
	each: (result: Tested) => void,
): Promise<void> {
	for (const [n, test] of names.entries()) {
		if (results.some((had) => had.test === test)) continue;
		const hands = HANDS[test];
		if (hands !== undefined) hint(`${test}: ${hands}`);
		progress("test", n, names.length);
		const { passed, detail } = await reader.request("test", { name: test });
		const result = { test, passed, detail };
		results.push(result);
		each(result);
	}
	progress("test", names.length, names.length);
}

/** For a report. */
export function byName(results: readonly Tested[]): Record<string, string> {
	return Object.fromEntries(
		results.map(({ test, passed, detail }) => [test, `${passed ? "ok" : "FAIL"}: ${detail}`]),
	);
}
